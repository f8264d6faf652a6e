#include "crossface/app/calibration.h"

#include <nlohmann/json.hpp>

#include "crossface/app/calibration_json.h"
#include "crossface/calibration/calibrate.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

Json ToJson(const std::vector<CheckedRate>& rates) {
  Json json = Json::array();
  for (const CheckedRate& rate : rates)
    json.push_back({{"promised", rate.promised},
                    {"wrong", rate.wrong},
                    {"different_pairs", rate.pairs},
                    {"found", rate.found}});
  return json;
}

}  // namespace

Ending CalibrateEmbedders(const CalibrateRequest& request, const Watch& watch, CalibrateSummary* answer) {
  CalibrateOptions options{.photos = request.photos,
                           .embedders = request.embedders,
                           .models = request.models,
                           .replace_built_in = request.replace_built_in,
                           .device = request.device,
                           .threads = request.threads,
                           .stop = watch.stop,
                           .progress = {}};
  options.progress = [&](int64_t done, int64_t total) {
    watch.to().OnWork(CountedWork("calibrate", done, total));
  };
  const auto work = [&]() -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const CalibrateModels models, LoadModels(options));
    return Calibrate(models, options, answer);
  };
  const Status status = work();
  for (const std::string& note : answer->notes) watch.to().OnWarning(note);
  return {status, status.ok() ? kExitDone : ExitCodeFor(status)};
}

Json ToJson(const CalibrateSummary& answer) {
  Json models = Json::array();
  for (const CalibrateSummary::Model& model : answer.models)
    models.push_back({{"name", model.name},
                      {"sha256", model.sha256},
                      {"file", model.file.string()},
                      {"people", model.people},
                      {"photos", model.photos},
                      {"same_pairs", model.same_pairs},
                      {"different_pairs", model.different_pairs},
                      {"weight", model.weight},
                      {"alone", ToJson(model.alone)},
                      {"together", ToJson(model.together)},
                      {"log_loss", model.log_loss},
                      {"equal_error_rate", model.equal_error_rate}});
  return {{"photos",
           {{"people", answer.people},
            {"found", answer.photos},
            {"used", answer.used},
            {"more_than_needed", answer.more_than_needed},
            {"unreadable", answer.unreadable},
            {"faceless", answer.faceless},
            {"poor", answer.poor},
            {"one_picture_twice", answer.one_picture_twice},
            {"doubtful", answer.doubtful},
            {"several_faces", answer.several_faces}}},
          {"models", std::move(models)},
          {"notes", answer.notes}};
}

}  // namespace crossface
