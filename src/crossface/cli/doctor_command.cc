// doctor: is everything here that a run needs?
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "crossface/cli/commands.h"
#include "crossface/inference/engine/session.h"
#include "crossface/inference/models/model_installer.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

nlohmann::json DescribeModels(const std::vector<VerifyOutcome>& outcomes) {
  nlohmann::json models = nlohmann::json::array();
  for (const VerifyOutcome& outcome : outcomes) {
    const ModelEntry* entry = FindModel(outcome.model);
    models.push_back({{"name", outcome.model},
                      {"installed", outcome.installed && outcome.problem.empty()},
                      {"problem", outcome.problem},
                      {"licence", entry == nullptr ? "" : entry->licence}});
  }
  return models;
}

}  // namespace

ExitCode RunDoctor(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal) {
  const ModelStore store(options.models);
  const std::vector<VerifyOutcome> models = VerifyModels(store);
  const auto device = ResolveDevice("auto");
  nlohmann::json facts = {{"schema", "crossface/1"},
                          {"version", kVersion},
                          {"onnxruntime", InferenceRuntimeVersion()},
                          {"providers", InferenceProviders()},
                          {"device", device.ok() ? device->ToString() : device.status().message()},
                          {"processors", std::thread::hardware_concurrency()},
                          {"models_folder", store.folder().string()}};
  facts["models"] = DescribeModels(models);
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::current_path(), error);
  if (!error) facts["free_gib_here"] = static_cast<double>(space.available / (1 << 20)) / 1024;
  const bool ready = IsReady(models);
  const ExitCode code = ready ? kExitDone : kExitModelMissing;
  facts["ready"] = ready;
  facts["exit"] = static_cast<int>(code);

  if (common.json) {
    terminal.PrintJson(facts.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    terminal.Print(fmt::format(
        "crossface {}\nONNX Runtime {} ({})\ndevice: {}\nprocessors: {}\nmodels in {}:", kVersion,
        InferenceRuntimeVersion(), fmt::join(InferenceProviders(), ", "), facts["device"].get<std::string>(),
        facts["processors"].get<unsigned>(), store.folder().string()));
    for (const auto& model : facts["models"]) {
      const std::string problem = model["problem"].get<std::string>();
      terminal.Print(fmt::format("  {} {} ({}){}{}", model["installed"].get<bool>() ? "yes" : "no ",
                                 model["name"].get<std::string>(), model["licence"].get<std::string>(),
                                 problem.empty() ? "" : ": ", problem));
    }
    if (facts.contains("free_gib_here"))
      terminal.Print(fmt::format("free disk space here: {:.1f} GiB", facts["free_gib_here"].get<double>()));
    terminal.Print(ready ? "ready"
                         : "not ready: no sound detector or no sound embedder is installed; run: crossface "
                           "models install");
  }
  return code;
}

}  // namespace crossface
