#include "crossface/cluster/graph/cluster_problem.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "crossface/cluster/graph/constraints.h"

namespace crossface {
namespace {

// Templates are normalised in float; 4096 dimensions stay well inside this.
constexpr double kUnitLengthTolerance = 1e-3;

Status CheckTemplates(const TemplateMatrix& matrix, int items) {
  const auto count = static_cast<size_t>(items);
  if (matrix.dimensions <= 0) {
    return {StatusCode::kInvalidArgument, fmt::format("templates of {} have no dimensions", matrix.model)};
  }
  const auto dimensions = static_cast<size_t>(matrix.dimensions);
  const size_t numbers = matrix.mapped.empty() ? matrix.rows.size() : matrix.mapped.size();
  if (matrix.present.size() != count || numbers != count * dimensions) {
    return {StatusCode::kInvalidArgument,
            fmt::format("templates of {}: {} numbers and {} marks do not fit {} items of {} dimensions",
                        matrix.model, numbers, matrix.present.size(), items, dimensions)};
  }
  for (size_t item = 0; item < count; ++item) {
    if (!matrix.present[item]) continue;
    double squares = 0;
    for (size_t d = 0; d < dimensions; ++d) {
      squares += static_cast<double>(matrix.row(item)[d]) * matrix.row(item)[d];
    }
    if (!std::isfinite(squares) || std::abs(std::sqrt(squares) - 1) > kUnitLengthTolerance) {
      return {
          StatusCode::kInvalidArgument,
          fmt::format("the template of item {} by {} is not a finite vector of length 1 (its length is {})",
                      item, matrix.model, std::sqrt(squares))};
    }
  }
  return {};
}

}  // namespace

Status ClusterProblem::Check() const {
  const auto count = static_cast<size_t>(std::max(items, 0));
  for (const size_t optional : {evidence.size(), cohort.size()}) {
    if (optional != 0 && optional != count)
      return {StatusCode::kInvalidArgument, fmt::format("{} items, but {} degrees of evidence and {} cohorts",
                                                        items, evidence.size(), cohort.size())};
  }
  if (items < 0 || quality.size() != count || may_form.size() != count) {
    return {StatusCode::kInvalidArgument,
            fmt::format("{} items, but {} qualities and {} marks of what may form a person", items,
                        quality.size(), may_form.size())};
  }
  for (size_t item = 0; item < count; ++item) {
    if (!(quality[item] >= 0 && quality[item] <= 1)) {
      return {StatusCode::kInvalidArgument,
              fmt::format("the quality of item {} is {}, not 0..1", item, quality[item])};
    }
  }
  for (const TemplateMatrix& matrix : templates) CROSSFACE_RETURN_IF_ERROR(CheckTemplates(matrix, items));
  return ConstraintGroups::Create(items, must_links, cannot_links, partings).status();
}

Status CheckModels(const ClusterProblem& problem, const PairScorer& scorer) {
  std::vector<std::string> models;
  for (const TemplateMatrix& matrix : problem.templates) models.push_back(matrix.model);
  if (models == scorer.models()) return {};
  return {StatusCode::kInvalidArgument, fmt::format("templates are of {}, but the scorer is for {}",
                                                    fmt::join(models, "+"), fmt::join(scorer.models(), "+"))};
}

}  // namespace crossface
