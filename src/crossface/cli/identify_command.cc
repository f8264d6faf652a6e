// identify and its parts: scan, cluster, export.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/commands.h"
#include "crossface/gallery/gallery.h"
#include "crossface/media/source.h"
#include "crossface/pipeline/cluster_case.h"
#include "crossface/pipeline/scan_case.h"

namespace crossface {
namespace {

// One run of identify, or of a part of it, on a case.
class CaseRun {
 public:
  CaseRun(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal, std::string verb)
      : options_(options),
        terminal_(terminal),
        verb_(std::move(verb)),
        case_(options.case_folder, common, terminal) {}

  Status Open(Gallery::Mode mode) { return case_.Open(verb_, mode); }

  // Finds the sources and loads the models: what can go wrong before a case folder is made.
  Status Prepare() {
    CROSSFACE_ASSIGN_OR_RETURN(search_, FindSources(options_.sources));
    for (const Status& unreadable : search_.unreadable) case_.Warn(unreadable.message());
    if (const std::string left_out = LeftOutText(search_.left_out); !left_out.empty())
      terminal_.Note(left_out);
    if (search_.files.empty()) {
      return Status(StatusCode::kNoVideo,
                    fmt::format("no video and no picture in {}", options_.sources.front().string()));
    }
    ScanSettings settings = options_.scan;
    if (settings.embedders.empty()) settings.embedders = EmbeddersOfCase();
    CROSSFACE_ASSIGN_OR_RETURN(models_, ScanModels::Load(settings));
    for (const std::string& missing : models_.missing) {
      // VGG-Face has no copy that `models install` could fetch by itself: the ensemble does without it as a
      // rule.
      const std::string text = fmt::format("the model {} is not installed; going on without it", missing);
      missing == "vgg_face" ? terminal_.Note(text) : case_.Warn(text);
    }
    return Status();
  }

  Status Scan() {
    if (!options_.scan.embedders.empty())
      CROSSFACE_RETURN_IF_ERROR(case_.gallery().WriteFact(
          kEmbeddersFact, fmt::format("{}", fmt::join(options_.scan.embedders, ","))));
    CROSSFACE_RETURN_IF_ERROR(case_.Log("scan", {{"settings", nlohmann::json::parse(models_.fingerprint)},
                                                 {"device", models_.device.ToString()},
                                                 {"threads", options_.scan.threads},
                                                 {"sources", search_.files.size()},
                                                 {"missing_models", models_.missing}}));
    ScanCallbacksCase callbacks;
    callbacks.keep_going = KeepGoing;
    callbacks.progress = [this](const ScanProgress& progress) { terminal_.ShowScan(progress); };
    auto scanned = ScanCase(case_.gallery(), search_.files, models_, options_.scan, callbacks);
    terminal_.EndProgress();
    if (!scanned.ok()) return scanned.status();
    return TellScan(*scanned);
  }

  Status Cluster() {
    CROSSFACE_ASSIGN_OR_RETURN(const ClusterSummary summary,
                               ClusterCase(case_.gallery(), options_.clustering,
                                           {.profile = options_.profile, .keep_going = KeepGoing}));
    for (const std::string& warning : summary.warnings) case_.Warn(warning);
    case_.answer()["cluster"] = {{"method", summary.method},
                                 {"models", summary.models},
                                 {"tracks", summary.tracks},
                                 {"persons", summary.persons},
                                 {"unassigned", summary.unassigned},
                                 {"unassigned_by_reason", ReasonFields(summary.unassigned_by_reason)}};
    terminal_.Note(fmt::format("{} persons in {} tracks ({} tracks unassigned), by {}", summary.persons,
                               summary.tracks, summary.unassigned, summary.method));
    return case_.Log("cluster", case_.answer()["cluster"]);
  }

  Status Export() { return case_.Export(); }

  // Ends the run: logs how it went, prints the answer, and gives the exit code.
  ExitCode End(Status status) {
    if (status.code() == StatusCode::kInterrupted)
      status = Status(status.code(), "Stopped. What was scanned is kept; run the same command to go on.");
    ExitCode code = kExitDone;
    if (case_.answer().contains("export") && case_.answer()["export"]["tracks"] == 0)
      code = kExitNothingFound;
    if (bad_sources_) code = kExitSomeSourcesBad;
    return case_.End(status, Plain(), code);
  }

 private:
  // A case that was given other embedding models goes on with these; nothing for a new case.
  std::vector<std::string> EmbeddersOfCase() const {
    const auto gallery = Gallery::Open(options_.case_folder, Gallery::Mode::kRead);
    if (!gallery.ok()) return {};
    const auto names = (*gallery)->ReadFact(kEmbeddersFact);
    return names.ok() ? SplitNames(*names) : std::vector<std::string>();
  }

  Status TellScan(const ScanSummary& summary) {
    nlohmann::json bad = nlohmann::json::array();
    for (const auto& [name, message] : summary.failed)
      bad.push_back({{"source", name}, {"status", "failed"}, {"message", message}});
    for (const auto& [name, message] : summary.damaged)
      bad.push_back({{"source", name}, {"status", "damaged"}, {"message", message}});
    for (const nlohmann::json& source : bad) {
      case_.Warn(fmt::format("{}: {}: {}", source["source"].get<std::string>(),
                             source["status"].get<std::string>(), source["message"].get<std::string>()));
    }
    for (const std::string& name : summary.changed)
      case_.Warn(name + ": its content has changed since the last run; it was scanned anew");
    bad_sources_ = !bad.empty();
    const double video_s = static_cast<double>(summary.video_ms) / 1000;
    case_.answer()["scan"] = {{"sources", summary.sources},
                              {"scanned", summary.scanned},
                              {"unchanged", summary.unchanged},
                              {"bad_sources", bad},
                              {"frames", summary.frames},
                              {"faces", summary.faces},
                              {"tracks", summary.tracks},
                              {"video_seconds", video_s},
                              {"seconds", summary.seconds},
                              {"left_out",
                               {{"hidden", search_.left_out.hidden},
                                {"other_files", search_.left_out.other_files},
                                {"special", search_.left_out.special},
                                {"dead_links", search_.left_out.dead_links},
                                {"cases", search_.left_out.cases}}}};
    if (summary.scanned > 0) {
      terminal_.Note(fmt::format(
          "scanned {} of {} sources: {:.1f} s of video in {:.1f} s ({:.1f}x real time)", summary.scanned,
          summary.sources, video_s, summary.seconds, summary.seconds > 0 ? video_s / summary.seconds : 0));
    } else {
      terminal_.Note(fmt::format("all {} sources were scanned before", summary.sources));
    }
    return case_.Log("scanned", case_.answer()["scan"]);
  }

  std::string Plain() {
    if (!case_.answer().contains("export")) return "";
    const auto& exported = case_.answer()["export"];
    const std::filesystem::path folder = options_.case_folder;
    return fmt::format("{} persons, {} faces in {} tracks, {}\npeople:  {}\nreport:  {}",
                       exported["persons"].get<int64_t>(), exported["faces"].get<int64_t>(),
                       exported["tracks"].get<int64_t>(),
                       UnassignedText(exported["unassigned_tracks"], exported["unassigned_by_reason"]),
                       (folder / "people").string(), (folder / "report.html").string());
  }

  const IdentifyOptions& options_;
  Terminal& terminal_;
  const std::string verb_;
  CaseWriter case_;
  SourceSearch search_;
  ScanModels models_;
  bool bad_sources_ = false;
};

}  // namespace

ExitCode Report(const Status& status, Terminal& terminal) {
  if (status.code() == StatusCode::kInterrupted) {
    terminal.Note(status.message());
  } else if (!status.ok()) {
    terminal.Error(status.message());
  }
  return ExitCodeFor(status);
}

ExitCode RunIdentify(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  CaseRun run(options, common, terminal, "identify");
  Status status = run.Prepare();
  if (status.ok()) status = run.Open(Gallery::Mode::kCreate);
  if (status.ok()) status = run.Scan();
  if (status.ok()) status = run.Cluster();
  if (status.ok()) status = run.Export();
  return run.End(status);
}

ExitCode RunScan(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  CaseRun run(options, common, terminal, "scan");
  Status status = run.Prepare();
  if (status.ok()) status = run.Open(Gallery::Mode::kCreate);
  if (status.ok()) status = run.Scan();
  return run.End(status);
}

ExitCode RunCluster(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  CaseRun run(options, common, terminal, "cluster");
  Status status = run.Open(Gallery::Mode::kWrite);
  if (status.ok()) status = run.Cluster();
  return run.End(status);
}

ExitCode RunExport(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  CaseRun run(options, common, terminal, "export");
  Status status = run.Open(Gallery::Mode::kWrite);
  if (status.ok()) status = run.Export();
  return run.End(status);
}

}  // namespace crossface
