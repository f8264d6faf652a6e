#include "crossface/cli/calibrate_command.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "crossface/app/calibration.h"
#include "crossface/app/calibration_json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/threads_option.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

std::string RatesText(const std::vector<CheckedRate>& rates, const std::string& who) {
  std::string text;
  for (const CheckedRate& rate : rates)
    text += fmt::format(
        "\n  {}: where one false match in {:.0f} is promised, {} among {} pairs; {:.1f} % of the "
        "pairs of one person found",
        who, 1 / rate.promised, rate.wrong, rate.pairs, 100 * rate.found);
  return text;
}

std::string ModelText(const CalibrateSummary::Model& model) {
  return fmt::format(
      "{} is calibrated by {} of {}: {}\n  its say beside an ArcFace of the default: {:.2f}\n  on "
      "people who were not fitted: equal errors at {:.1f} %, log loss {:.3f} (a coin has .693){}{}",
      model.name, Counted(model.photos, "photo"), Counted(model.people, "person", "people"),
      model.file.string(), model.weight, 100 * model.equal_error_rate, model.log_loss,
      RatesText(model.alone, "alone"), RatesText(model.together, "with the others"));
}

ExitCode RunCalibrate(const CalibrateRequest& request, const CommonOptions& common, Terminal& terminal) {
  TerminalObserver observer(terminal);
  CalibrateSummary answer;
  Ending ending = CalibrateEmbedders(request, WatchWith(observer), &answer);
  std::string plain;
  for (const CalibrateSummary::Model& model : answer.models)
    plain += (plain.empty() ? "" : "\n") + ModelText(model);
  return Finish("", ToJson(answer), plain, std::move(ending), common, terminal);
}

}  // namespace

void DeclareCalibrate(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto request = std::make_shared<CalibrateRequest>();
  CLI::App* verb = app.add_subcommand(
      "calibrate",
      "let an embedding model vote that comes without calibration, by photos of people you know");
  verb->add_option("photos", request->photos, "folder with a folder per person, photos of that person in it")
      ->required()
      ->type_name("PHOTOS");
  verb->add_option("--embedders", request->embedders, "only these models, separated by commas")
      ->delimiter(',')
      ->type_name("NAMES");
  verb->add_flag("--override", request->replace_built_in,
                 "also those of --embedders that come with a calibration, in its place");
  verb->add_option("--models", request->models, "folder of the installed models")->type_name("FOLDER");
  verb->add_option("--device", request->device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  AddThreads(verb, &request->threads, "worker threads; results do not depend on it");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunCalibrate(*request, *common, terminal); }; });
}

}  // namespace crossface
