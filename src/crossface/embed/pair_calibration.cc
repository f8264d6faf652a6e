#include "crossface/embed/pair_calibration.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "crossface/embed/calibration_json.h"

namespace crossface {
namespace {

using Json = nlohmann::ordered_json;

// One list of names for reading and writing.
template <typename Calibration, typename Visit>
void VisitNumbers(Calibration& c, const Visit& visit) {
  visit("even_odds", c.even_odds);
  visit("slope", c.slope);
  visit("good_quality", c.good_quality);
  visit("least_evidence", c.least_evidence);
  visit("tail_quality", c.tail_quality);
  visit("tail_growth", c.tail_growth);
  visit("tail_mean", c.tail_mean);
  visit("tail_sd", c.tail_sd);
}

template <typename Calibration, typename Visit>
void VisitModelNumbers(Calibration& c, const Visit& visit) {
  visit("impostor_mean", c.impostor_mean);
  visit("impostor_sd", c.impostor_sd);
  visit("genuine_mean", c.genuine_mean);
  visit("weight", c.weight);
}

std::string WhatIsWrong(const PairCalibration& c) {
  if (c.models.empty()) return "it has no models";
  for (const ModelCalibration& m : c.models) {
    if (!(m.impostor_sd > 0)) return m.model + ": impostor_sd must be positive";
    if (!(m.genuine_mean > m.impostor_mean)) return m.model + ": genuine_mean must exceed impostor_mean";
    if (!(m.weight > 0)) return m.model + ": weight must be positive";
  }
  if (c.correlation.size() != c.models.size() * c.models.size())
    return "correlation must have a row and a column per model";
  for (size_t i = 0; i < c.models.size(); ++i) {
    for (size_t j = 0; j < c.models.size(); ++j) {
      const double r = c.correlation[i * c.models.size() + j];
      if (r != c.correlation[j * c.models.size() + i]) return "correlation must be symmetric";
      if (i == j ? r != 1 : !(std::abs(r) < 1))
        return "correlation must be 1 on its diagonal and within (-1, 1) elsewhere";
    }
  }
  if (!(c.slope > 0 && c.good_quality > 0 && c.tail_growth >= 0 && c.tail_sd > 0))
    return "a scale is not positive";
  if (!(c.least_evidence > 0 && c.least_evidence <= 1)) return "least_evidence must be within (0, 1]";
  return {};
}

}  // namespace

Result<PairCalibration> ParsePairCalibration(std::string_view text) {
  PairCalibration calibration;
  try {
    const Json json = Json::parse(text);
    VisitNumbers(calibration, [&](const char* name, double& value) { value = json.at(name).get<double>(); });
    for (const Json& entry : json.at("models")) {
      ModelCalibration model{.model = entry.at("model").get<std::string>()};
      VisitModelNumbers(model,
                        [&](const char* name, double& value) { value = entry.at(name).get<double>(); });
      calibration.models.push_back(std::move(model));
    }
    for (const Json& row : json.at("correlation")) {
      for (const Json& value : row) calibration.correlation.push_back(value.get<double>());
    }
  } catch (const nlohmann::json::exception& error) {
    return Status(StatusCode::kCorrupt, std::string("the calibration cannot be read: ") + error.what());
  }
  if (const std::string wrong = WhatIsWrong(calibration); !wrong.empty())
    return Status(StatusCode::kCorrupt, "the calibration makes no sense: " + wrong);
  return calibration;
}

std::string PairCalibrationToJson(const PairCalibration& calibration) {
  // Four digits after the point are more than the data can tell, and keep the file readable.
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  Json json;
  for (const ModelCalibration& model : calibration.models) {
    Json entry = {{"model", model.model}};
    VisitModelNumbers(model, [&](const char* name, double value) { entry[name] = rounded(value); });
    json["models"].push_back(std::move(entry));
  }
  const size_t models = calibration.models.size();
  for (size_t i = 0; i < models; ++i) {
    Json row = Json::array();
    for (size_t j = 0; j < models; ++j) row.push_back(rounded(calibration.correlation[i * models + j]));
    json["correlation"].push_back(std::move(row));
  }
  VisitNumbers(calibration, [&](const char* name, double value) { json[name] = rounded(value); });
  return json.dump(1) + "\n";
}

const PairCalibration& BuiltInPairCalibration() {
  static const PairCalibration calibration = [] {
    auto parsed = ParsePairCalibration(kCalibrationJson);
    if (!parsed.ok()) throw std::logic_error("models/calibration.json: " + parsed.status().message());
    return std::move(*parsed);
  }();
  return calibration;
}

}  // namespace crossface
