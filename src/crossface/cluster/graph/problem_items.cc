#include "crossface/cluster/graph/problem_items.h"

namespace crossface {

void AddItem(std::span<const std::vector<float>> vectors, float quality, float evidence,
             ClusterProblem* problem) {
  for (size_t m = 0; m < problem->templates.size(); ++m) {
    TemplateMatrix& matrix = problem->templates[m];
    const std::vector<float>& vector = vectors[m];
    matrix.present.push_back(vector.empty() ? 0 : 1);
    matrix.rows.insert(matrix.rows.end(), vector.begin(), vector.end());
    matrix.rows.resize(matrix.present.size() * static_cast<size_t>(matrix.dimensions));
  }
  problem->quality.push_back(quality);
  problem->evidence.push_back(evidence);
  problem->may_form.push_back(1);
  ++problem->items;
}

}  // namespace crossface
