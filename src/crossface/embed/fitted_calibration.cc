#include "crossface/embed/fitted_calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "crossface/util/data_folder.h"
#include "crossface/util/file.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFormat[] = "crossface-calibration/1";

bool IsSha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool IsShare(double value) { return value >= 0 && value <= 1; }

std::string WhatIsWrong(const FittedCalibration& fitted) {
  const ModelCalibration& m = fitted.numbers;
  if (m.model.empty()) return "it names no model";
  if (!IsSha256(fitted.model_sha256)) return "model_sha256 is no SHA-256";
  for (const double cosine : {m.impostor_mean, m.genuine_mean})
    if (!(std::abs(cosine) <= 1)) return "a mean is no cosine";
  if (!(m.impostor_sd > 0 && m.impostor_sd <= 1)) return "impostor_sd is no deviation of cosines";
  if (!(m.genuine_mean > m.impostor_mean)) return "genuine_mean must exceed impostor_mean";
  if (!(m.weight > 0 && m.weight <= 1)) return "weight must be within (0, 1]";
  for (const auto& other : fitted.beside) {
    if (!(std::abs(other.correlation) <= kUnknownCorrelation)) return "a correlation is not within (-1, 1)";
  }
  for (const auto* rates : {&fitted.alone, &fitted.together}) {
    for (const CheckedRate& rate : *rates) {
      if (!IsShare(rate.promised) || !IsShare(rate.found) || rate.wrong < 0 || rate.wrong > rate.pairs)
        return "a checked rate is no share";
    }
  }
  return {};
}

Json ToJson(const std::vector<CheckedRate>& rates) {
  Json json = Json::array();
  for (const CheckedRate& rate : rates)
    json.push_back({{"promised", rate.promised},
                    {"wrong", rate.wrong},
                    {"different_pairs", rate.pairs},
                    {"found", rate.found}});
  return json;
}

std::vector<CheckedRate> RatesFrom(const Json& json) {
  std::vector<CheckedRate> rates;
  for (const Json& rate : json)
    rates.push_back({rate.at("promised"), rate.at("wrong"), rate.at("different_pairs"), rate.at("found")});
  return rates;
}

const FittedCalibration* Find(const std::vector<FittedCalibration>& fitted, const std::string& model) {
  const auto found = std::find_if(fitted.begin(), fitted.end(),
                                  [&](const FittedCalibration& each) { return each.numbers.model == model; });
  return found == fitted.end() ? nullptr : &*found;
}

// Of the fitted model with another, as either has it on record; of two records the one that joins fewer.
double CorrelationWith(const FittedCalibration& fitted, const std::string& model,
                       const FittedCalibration* fitted_of_model) {
  std::optional<double> known;
  const auto take = [&](double value) { known = std::max(known.value_or(0), value); };
  for (const auto& other : fitted.beside) {
    const bool is_it = other.model.first == model &&
                       (fitted_of_model == nullptr || other.model.second == fitted_of_model->model_sha256);
    if (is_it) take(other.correlation);
  }
  if (fitted_of_model != nullptr) {
    for (const auto& other : fitted_of_model->beside) {
      if (other.model == ModelVersion(fitted.numbers.model, fitted.model_sha256)) take(other.correlation);
    }
  }
  return known.value_or(kUnknownCorrelation);
}

}  // namespace

std::filesystem::path CalibrationFolder() {
  if (const char* folder = std::getenv("CROSSFACE_CALIBRATIONS"); folder != nullptr && *folder != '\0')
    return folder;
  return UserDataFolder() / "calibrations";
}

// A gallery from anywhere says which weights its vectors are of: what is no hash never becomes a path.
Result<std::filesystem::path> CalibrationFile(const std::string& model_sha256,
                                              const std::filesystem::path& folder) {
  if (!IsSha256(model_sha256))
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{} is no SHA-256 of a model", EscapeInvalidUtf8(model_sha256)));
  return folder / (model_sha256 + ".json");
}

Result<FittedCalibration> ParseFittedCalibration(std::string_view text) {
  FittedCalibration fitted;
  try {
    const Json json = Json::parse(text);
    if (json.at("format").get<std::string>() != kFormat)
      return Status(StatusCode::kCorrupt, "it is no calibration of this version");
    fitted.numbers = {.model = json.at("model"),
                      .impostor_mean = json.at("impostor_mean"),
                      .impostor_sd = json.at("impostor_sd"),
                      .genuine_mean = json.at("genuine_mean"),
                      .weight = json.at("weight")};
    fitted.model_sha256 = json.at("model_sha256");
    for (const Json& other : json.at("beside"))
      fitted.beside.push_back({{other.at("model"), other.at("model_sha256")}, other.at("correlation")});
    fitted.replaces_built_in = json.at("replaces_built_in");
    fitted.made = json.at("made");
    fitted.made_by = json.at("made_by");
    fitted.people = json.at("people");
    fitted.photos = json.at("photos");
    fitted.same_pairs = json.at("same_pairs");
    fitted.different_pairs = json.at("different_pairs");
    fitted.alone = RatesFrom(json.at("checked").at("alone"));
    fitted.together = RatesFrom(json.at("checked").at("together"));
    fitted.log_loss = json.at("log_loss");
    fitted.equal_error_rate = json.at("equal_error_rate");
  } catch (const nlohmann::json::exception& error) {
    return Status(StatusCode::kCorrupt, std::string("it cannot be read: ") + error.what());
  }
  if (const std::string wrong = WhatIsWrong(fitted); !wrong.empty())
    return Status(StatusCode::kCorrupt, "it makes no sense: " + wrong);
  return fitted;
}

std::string FittedCalibrationToJson(const FittedCalibration& fitted) {
  Json beside = Json::array();
  for (const auto& other : fitted.beside)
    beside.push_back({{"model", other.model.first},
                      {"model_sha256", other.model.second},
                      {"correlation", other.correlation}});
  const ModelCalibration& m = fitted.numbers;
  return Json({{"format", kFormat},
               {"model", m.model},
               {"model_sha256", fitted.model_sha256},
               {"impostor_mean", m.impostor_mean},
               {"impostor_sd", m.impostor_sd},
               {"genuine_mean", m.genuine_mean},
               {"weight", m.weight},
               {"beside", std::move(beside)},
               {"replaces_built_in", fitted.replaces_built_in},
               {"made", fitted.made},
               {"made_by", fitted.made_by},
               {"people", fitted.people},
               {"photos", fitted.photos},
               {"same_pairs", fitted.same_pairs},
               {"different_pairs", fitted.different_pairs},
               {"checked", {{"alone", ToJson(fitted.alone)}, {"together", ToJson(fitted.together)}}},
               {"log_loss", fitted.log_loss},
               {"equal_error_rate", fitted.equal_error_rate}})
             .dump(1) +
         "\n";
}

Result<FittedCalibration> ReadFittedCalibration(const ModelVersion& model,
                                                const std::filesystem::path& folder) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path file, CalibrationFile(model.second, folder));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  const auto refuse = [&](const std::string& why) {
    return Status(StatusCode::kCorrupt,
                  fmt::format("the calibration {} is refused: {}; remove it, or calibrate the network anew",
                              DisplayPath(file), why));
  };
  Result<FittedCalibration> fitted = ParseFittedCalibration(text);
  if (!fitted.ok()) return refuse(fitted.status().message());
  if (fitted->model_sha256 != model.second) return refuse("it is of other weights than its name says");
  if (fitted->numbers.model != model.first)
    return refuse(fmt::format("it is of {}, and these weights are {}",
                              EscapeInvalidUtf8(fitted->numbers.model), EscapeInvalidUtf8(model.first)));
  return fitted;
}

Status WriteFittedCalibration(const FittedCalibration& fitted, const std::filesystem::path& folder) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path file, CalibrationFile(fitted.model_sha256, folder));
  return WriteFileAtomically(file, FittedCalibrationToJson(fitted), Durability::kSync);
}

Result<KnownCalibration> CalibrationOf(const std::vector<ModelVersion>& models,
                                       const std::filesystem::path& folder) {
  KnownCalibration known{.calibration = BuiltInPairCalibration()};
  const auto& built_in = BuiltInPairCalibration().models;
  for (const ModelVersion& model : models) {
    if (!IsSha256(model.second)) continue;
    Result<FittedCalibration> fitted = ReadFittedCalibration(model, folder);
    if (fitted.status().code() == StatusCode::kNotFound) continue;
    if (!fitted.ok()) return fitted.status();
    const bool is_built_in = std::any_of(built_in.begin(), built_in.end(), [&](const ModelCalibration& each) {
      return each.model == model.first;
    });
    if (is_built_in && !fitted->replaces_built_in) continue;
    AddModel(*fitted, known.fitted, &known.calibration);
    known.fitted.push_back(std::move(*fitted));
  }
  return known;
}

void AddModel(const FittedCalibration& fitted, const std::vector<FittedCalibration>& fitted_before,
              PairCalibration* calibration) {
  auto& models = calibration->models;
  const size_t before = models.size();
  const auto found = std::find_if(models.begin(), models.end(), [&](const ModelCalibration& each) {
    return each.model == fitted.numbers.model;
  });
  const auto at = static_cast<size_t>(found - models.begin());
  if (at == before) {
    std::vector<double> wider((before + 1) * (before + 1), 1);
    for (size_t i = 0; i < before; ++i) {
      for (size_t j = 0; j < before; ++j)
        wider[i * (before + 1) + j] = calibration->correlation[i * before + j];
    }
    calibration->correlation = std::move(wider);
    models.push_back(fitted.numbers);
  } else {
    models[at] = fitted.numbers;
  }
  for (size_t i = 0; i < models.size(); ++i) {
    if (i == at) continue;
    const double correlation = CorrelationWith(fitted, models[i].model, Find(fitted_before, models[i].model));
    calibration->correlation[i * models.size() + at] = correlation;
    calibration->correlation[at * models.size() + i] = correlation;
  }
}

}  // namespace crossface
