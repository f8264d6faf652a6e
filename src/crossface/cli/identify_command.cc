// identify and its parts: scan, cluster, export.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/commands.h"
#include "crossface/export/case_exporter.h"
#include "crossface/gallery/gallery.h"
#include "crossface/media/source.h"
#include "crossface/pipeline/cluster_case.h"
#include "crossface/pipeline/review.h"
#include "crossface/pipeline/run_log.h"
#include "crossface/pipeline/scan_case.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

// One run on an open case: its parts share the gallery, the log and the answer that --json prints.
class CaseRun {
 public:
  CaseRun(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal, std::string verb)
      : options_(options), common_(common), terminal_(terminal), verb_(std::move(verb)) {}

  Status Open(Gallery::Mode mode) {
    CROSSFACE_ASSIGN_OR_RETURN(gallery_, Gallery::Open(options_.case_folder, mode));
    log_.emplace(options_.case_folder);
    answer_ = {{"schema", "crossface/1"}, {"case", std::filesystem::absolute(options_.case_folder).lexically_normal().string()}};
    return log_->Write("start", {{"verb", verb_}, {"version", kVersion}});
  }

  // Finds the sources and loads the models: what can go wrong before a case folder is made.
  Status Prepare() {
    CROSSFACE_ASSIGN_OR_RETURN(search_, FindSources(options_.sources));
    for (const Status& unreadable : search_.unreadable) Warn(unreadable.message());
    if (search_.files.empty()) {
      return Status(StatusCode::kNoVideo, fmt::format("no video and no picture in {}", options_.sources.front().string()));
    }
    ScanSettings settings = options_.scan;
    if (settings.embedders.empty()) settings.embedders = EmbeddersOfCase();
    CROSSFACE_ASSIGN_OR_RETURN(models_, ScanModels::Load(settings));
    for (const std::string& missing : models_.missing) {
      // VGG-Face has no copy that `models install` could fetch by itself: the ensemble does without it as a rule.
      const std::string text = fmt::format("the model {} is not installed; going on without it", missing);
      missing == "vgg_face" ? terminal_.Note(text) : Warn(text);
    }
    return Status();
  }

  Status Scan() {
    if (!options_.scan.embedders.empty())
      CROSSFACE_RETURN_IF_ERROR(gallery_->WriteFact(kEmbeddersFact, fmt::format("{}", fmt::join(options_.scan.embedders, ","))));
    CROSSFACE_RETURN_IF_ERROR(log_->Write(
        "scan", {{"settings", nlohmann::json::parse(models_.fingerprint)}, {"device", models_.device.ToString()},
                 {"threads", options_.scan.threads}, {"sources", search_.files.size()}, {"missing_models", models_.missing}}));
    ScanCallbacksCase callbacks;
    callbacks.keep_going = KeepGoing;
    callbacks.progress = [this](const ScanProgress& progress) { terminal_.ShowScan(progress); };
    auto scanned = ScanCase(*gallery_, search_.files, models_, options_.scan, callbacks);
    terminal_.EndProgress();
    if (!scanned.ok()) return scanned.status();
    return TellScan(*scanned);
  }

  Status Cluster() {
    CROSSFACE_ASSIGN_OR_RETURN(const ClusterSummary summary, ClusterCase(*gallery_, options_.clustering,
                                                                         {.profile = options_.profile, .keep_going = KeepGoing}));
    for (const std::string& warning : summary.warnings) Warn(warning);
    answer_["cluster"] = {{"method", summary.method}, {"models", summary.models}, {"tracks", summary.tracks},
                          {"persons", summary.persons}, {"unassigned", summary.unassigned}};
    terminal_.Note(fmt::format("{} persons in {} tracks ({} tracks unassigned), by {}", summary.persons, summary.tracks,
                               summary.unassigned, summary.method));
    return log_->Write("cluster", answer_["cluster"]);
  }

  Status Export() {
    CROSSFACE_RETURN_IF_ERROR(SettleSuggestions(*gallery_));
    auto exported = ExportCase(*gallery_, [this](int64_t done, int64_t total) {
      terminal_.ShowExport(done, total);
      return KeepGoing();
    });
    terminal_.EndProgress();
    CROSSFACE_ASSIGN_OR_RETURN(const ExportSummary summary, std::move(exported));
    nothing_found_ = nothing_found_ || summary.tracks == 0;
    answer_["export"] = ExportFields(summary);
    return log_->Write("export", answer_["export"]);
  }

  // Ends the run: logs how it went, prints the answer, and gives the exit code.
  ExitCode End(Status status) {
    ExitCode code = ExitCodeFor(status);
    if (status.ok() && nothing_found_) code = kExitNothingFound;
    if (status.ok() && bad_sources_) code = kExitSomeSourcesBad;
    if (log_) {
      Status logged = log_->Write("end", {{"exit", static_cast<int>(code)}, {"message", status.message()}});
      if (logged.ok()) logged = log_->Seal(*gallery_);
      if (!logged.ok()) terminal_.Warn(logged.message());
    }
    if (!status.ok()) return TellFailure(status);
    answer_["exit"] = static_cast<int>(code);
    if (common_.json) {
      terminal_.Print(answer_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
      PrintPlain();
    }
    return code;
  }

 private:
  // A case that was given other embedding models goes on with these; nothing for a new case.
  std::vector<std::string> EmbeddersOfCase() const {
    const auto gallery = Gallery::Open(options_.case_folder, Gallery::Mode::kRead);
    if (!gallery.ok()) return {};
    const auto names = (*gallery)->ReadFact(kEmbeddersFact);
    return names.ok() ? SplitNames(*names) : std::vector<std::string>();
  }

  void Warn(const std::string& text) {
    terminal_.Warn(text);
    if (log_) log_->Write("warning", {{"message", text}}).ok();
  }

  Status TellScan(const ScanSummary& summary) {
    nlohmann::json bad = nlohmann::json::array();
    for (const auto& [name, message] : summary.failed) bad.push_back({{"source", name}, {"status", "failed"}, {"message", message}});
    for (const auto& [name, message] : summary.damaged) bad.push_back({{"source", name}, {"status", "damaged"}, {"message", message}});
    for (const nlohmann::json& source : bad) {
      Warn(fmt::format("{}: {}: {}", source["source"].get<std::string>(), source["status"].get<std::string>(),
                       source["message"].get<std::string>()));
    }
    for (const std::string& name : summary.changed) Warn(name + ": its content has changed since the last run; it was scanned anew");
    bad_sources_ = !bad.empty();
    const double video_s = static_cast<double>(summary.video_ms) / 1000;
    answer_["scan"] = {{"sources", summary.sources}, {"scanned", summary.scanned}, {"unchanged", summary.unchanged},
                       {"bad_sources", bad}, {"frames", summary.frames}, {"faces", summary.faces}, {"tracks", summary.tracks},
                       {"video_seconds", video_s}, {"seconds", summary.seconds}};
    if (summary.scanned > 0) {
      terminal_.Note(fmt::format("scanned {} of {} sources: {:.1f} s of video in {:.1f} s ({:.1f}x real time)", summary.scanned,
                                 summary.sources, video_s, summary.seconds, summary.seconds > 0 ? video_s / summary.seconds : 0));
    } else {
      terminal_.Note(fmt::format("all {} sources were scanned before", summary.sources));
    }
    return log_->Write("scanned", answer_["scan"]);
  }

  ExitCode TellFailure(const Status& status) {
    if (common_.json) {
      answer_["error"] = {{"code", StatusCodeName(status.code())}, {"message", status.message()}};
      answer_["exit"] = static_cast<int>(ExitCodeFor(status));
      terminal_.Print(answer_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    if (status.code() == StatusCode::kInterrupted) {
      terminal_.Note("Stopped. What was scanned is kept; run the same command to go on.");
      return kExitInterrupted;
    }
    return Report(status, terminal_);
  }

  void PrintPlain() {
    if (!answer_.contains("export")) return;
    const auto& exported = answer_["export"];
    terminal_.Print(fmt::format("{} persons, {} faces in {} tracks, {} tracks unassigned", exported["persons"].get<int64_t>(),
                                exported["faces"].get<int64_t>(), exported["tracks"].get<int64_t>(),
                                exported["unassigned_tracks"].get<int64_t>()));
    const std::filesystem::path folder = options_.case_folder;
    terminal_.Print(fmt::format("people:  {}", (folder / "people").string()));
    terminal_.Print(fmt::format("report:  {}", (folder / "report.html").string()));
  }

  const IdentifyOptions& options_;
  const CommonOptions& common_;
  Terminal& terminal_;
  const std::string verb_;
  SourceSearch search_;
  ScanModels models_;
  std::unique_ptr<Gallery> gallery_;
  std::optional<RunLog> log_;
  nlohmann::json answer_;
  bool nothing_found_ = false, bad_sources_ = false;
};

}  // namespace

ExitCode Report(const Status& status, Terminal& terminal) {
  if (!status.ok()) terminal.Error(status.message());
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
