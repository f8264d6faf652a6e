// doctor: is everything here that a run needs?
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/app/installation_json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"

namespace crossface {
namespace {

std::string Text(const DoctorAnswer& answer) {
  std::string text = fmt::format(
      "crossface {}\nONNX Runtime {} ({})\ndevice: {}\nprocessors: {}\nmodels in {}:", answer.version,
      answer.runtime, fmt::join(answer.providers, ", "), answer.device, answer.processors,
      answer.models_folder.string());
  for (const VerifyOutcome& outcome : answer.models) {
    const ModelEntry* entry = FindModel(outcome.model);
    text += fmt::format("\n  {} {} ({}){}{}", outcome.installed && outcome.problem.empty() ? "yes" : "no ",
                        outcome.model, entry == nullptr ? "" : entry->licence,
                        outcome.problem.empty() ? "" : ": ", outcome.problem);
  }
  if (answer.free_gib_here) text += fmt::format("\nfree disk space here: {:.1f} GiB", *answer.free_gib_here);
  return text + (answer.ready
                     ? "\nready"
                     : "\nnot ready: no sound detector or no sound embedder is installed; run: crossface "
                       "models install");
}

}  // namespace

ExitCode RunDoctor(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal) {
  const DoctorAnswer answer = Diagnose(request.models);
  return Finish("", ToJson(answer), Text(answer), {Status(), answer.ready ? kExitDone : kExitModelMissing},
                common, terminal);
}

}  // namespace crossface
