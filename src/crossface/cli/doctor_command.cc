// doctor: is everything here that a run needs?
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/app/installation_json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"

namespace crossface {
namespace {

std::string DeviceText(const DoctorAnswer& answer) {
  std::string text = answer.use.device;
  if (const auto& card = answer.use.card) {
    constexpr double kGib = 1 << 30;
    text += fmt::format(" ({}, {:.1f} GiB, {:.1f} free)", card->name,
                        static_cast<double>(card->memory_bytes) / kGib,
                        static_cast<double>(card->free_bytes) / kGib);
  }
  return answer.no_cuda.empty() ? text : fmt::format("{} ({})", text, answer.no_cuda);
}

std::string DecodingText(const DoctorAnswer& answer) {
  if (answer.no_nvdec.empty()) return "with --decode nvdec by the card where it can";
  return fmt::format("not by a card: {}", answer.no_nvdec);
}

// Nothing of the processor alone, which computes whatever there is.
std::string PlacementText(const DeviceUse& use, const std::string& model) {
  if (use.device == "cpu") return "";
  for (const NetPlacement& net : use.nets) {
    if (net.model == model) return fmt::format(", nodes by {}", fmt::join(net.nodes, ", "));
  }
  return "";
}

std::string Text(const DoctorAnswer& answer) {
  std::string text = fmt::format(
      "crossface {}\nONNX Runtime {} ({})\ndevice: {}\nfilms are decoded by the processor; {}\nprocessors: "
      "{}\nmodels in {}:",
      answer.version, answer.runtime, fmt::join(answer.providers, ", "), DeviceText(answer),
      DecodingText(answer), answer.processors, answer.models_folder.string());
  for (const VerifyOutcome& outcome : answer.models) {
    const ModelEntry* entry = FindModel(outcome.model);
    text += fmt::format("\n  {} {} ({}){}{}{}", outcome.installed && outcome.problem.empty() ? "yes" : "no ",
                        outcome.model, entry == nullptr ? "" : entry->licence,
                        outcome.problem.empty() ? "" : ": ", outcome.problem,
                        PlacementText(answer.use, outcome.model));
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
