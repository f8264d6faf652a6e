// identify and its parts: scan, cluster, export.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/commands.h"
#include "crossface/gallery/gallery.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/media/file/source.h"
#include "crossface/scan/case_settings.h"
#include "crossface/scan/scan_case.h"
#include "crossface/util/counted.h"

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
    CROSSFACE_RETURN_IF_ERROR(LoadModels());
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
    callbacks.looked = [this](double share) { terminal_.ShowWork("looking for what is known", share, -1); };
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
    terminal_.Note(fmt::format("{} in {} ({} unassigned), by {}", Counted(summary.persons, "person"),
                               Counted(summary.tracks, "track"), Counted(summary.unassigned, "track"),
                               summary.method));
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
  // A case goes on with the models that it has; a new one, and with --rescan any, takes what is asked for or there.
  Status LoadModels() {
    ScanSettings settings = options_.scan;
    std::optional<CaseSettings> of_case;
    if (const auto gallery = Gallery::Open(options_.case_folder, Gallery::Mode::kRead); gallery.ok()) {
      if (!settings.rescan) {
        CROSSFACE_ASSIGN_OR_RETURN(of_case, ReadCaseSettings(**gallery));
      }
      // Embedding models that the case was given.
      if (const auto names = (*gallery)->ReadFact(kEmbeddersFact); names.ok() && settings.embedders.empty() && !of_case)
        settings.embedders = SplitNames(*names);
    }
    CROSSFACE_ASSIGN_OR_RETURN(models_, LoadModelsForCase(settings, of_case));
    if (!models_.unavailable.ok()) case_.Warn(models_.unavailable.message());
    if (!models_.unused.empty()) {
      terminal_.Note(fmt::format(
          "{} {} installed, but this case was scanned without and goes on so; with --rescan what you name is scanned "
          "again (the case has {})",
          fmt::join(models_.unused, ", "), models_.unused.size() == 1 ? "is" : "are",
          AmountText(of_case->sources, of_case->video_ms)));
    }
    return Status();
  }

  // The first few, and how many more there are.
  void NoteSome(const std::vector<std::pair<std::string, std::string>>& pairs, fmt::format_string<const std::string&, const std::string&> line,
                fmt::format_string<size_t> more) {
    constexpr size_t kFew = 10;
    const size_t shown = pairs.size() > kFew + 1 ? kFew : pairs.size();
    for (size_t i = 0; i < shown; ++i) terminal_.Note(fmt::format(line, pairs[i].first, pairs[i].second));
    if (shown < pairs.size()) terminal_.Note(fmt::format(more, pairs.size() - shown));
  }

  // What became of files and sources that were known, or turned out to be.
  void TellKnown(const ScanSummary& summary) {
    NoteSome(summary.renamed, "{} was moved: it is {} now", "{} more were moved");
    NoteSome(summary.copies, "{} is a copy of {}: it is not scanned again", "{} more copies are not scanned again");
    NoteSome(summary.turned,
             "{} lies otherwise than its file says, as its faces show; it was searched upright: {} (if that is wrong: "
             "--rotate 0, or --aspect)",
             "{} more sources were searched turned or stretched: column geometry of sources.csv");
    for (const std::string& name : summary.changed)
      case_.Warn(name + ": its content has changed since the last run; it was scanned anew");
    for (const std::string& name : summary.rewritten)
      case_.Warn(name + ": it was written to while it was read, and was read again");
    if (summary.kept > 0) {
      case_.Warn(fmt::format("{} were scanned otherwise ({}) and stay as they are; to scan them again, add --rescan",
                             AmountText(summary.kept, summary.kept_ms), fmt::join(summary.differences, "; ")));
    }
    if (summary.unfinished > 0) {
      terminal_.Note(fmt::format("another scan of {} source{} was begun and is not complete: the same command as then, "
                                 "with --rescan, goes on with it",
                                 summary.unfinished, summary.unfinished == 1 ? "" : "s"));
    }
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
    TellKnown(summary);
    nlohmann::json noted = nlohmann::json::array();
    for (const auto& [name, message] : summary.noted) noted.push_back({{"source", name}, {"message", message}});
    bad_sources_ = !bad.empty();
    const double video_s = static_cast<double>(summary.video_ms) / 1000;
    case_.answer()["scan"] = {
        {"sources", summary.sources}, {"scanned", summary.scanned}, {"unchanged", summary.unchanged},
        {"copies", summary.copies.size()}, {"scanned_otherwise", summary.kept},
        {"turned", summary.turned.size()},
        {"left_out",
         {{"hidden", search_.left_out.hidden},
          {"other_files", search_.left_out.other_files},
          {"special", search_.left_out.special},
          {"dead_links", search_.left_out.dead_links},
          {"cases", search_.left_out.cases}}},
        {"bad_sources", bad},         {"noted_sources", noted},     {"frames", summary.frames},   {"faces", summary.faces},
        {"tracks", summary.tracks},   {"video_seconds", video_s},   {"pictures", summary.pictures}, {"seconds", summary.seconds}};
    if (summary.scanned > 0) {
      const std::string amount = ScannedAmount(summary.video_ms, summary.pictures),
                        pace = ScanPace(summary.video_ms, summary.pictures, summary.seconds);
      terminal_.Note(fmt::format("scanned {} of {}: {} in {:.1f} s{}", summary.scanned,
                                 Counted(summary.sources, "source"), amount.empty() ? "nothing" : amount,
                                 summary.seconds, pace.empty() ? "" : fmt::format(" ({})", pace)));
    } else if (summary.failed.empty() && summary.sources == 1) {
      terminal_.Note("the source was scanned before");
    } else if (summary.failed.empty()) {
      terminal_.Note(fmt::format("all {} sources were scanned before", summary.sources));
    } else {
      terminal_.Note(fmt::format("nothing is new that could be scanned among {} sources", summary.sources));
    }
    return case_.Log("scanned", case_.answer()["scan"]);
  }

  std::string Plain() {
    if (!case_.answer().contains("export")) return "";
    const auto& exported = case_.answer()["export"];
    const std::filesystem::path folder = options_.case_folder;
    return fmt::format("{}, {} in {}, {}\npeople:  {}\nreport:  {}",
                       Counted(exported["persons"].get<int64_t>(), "person"),
                       Counted(exported["faces"].get<int64_t>(), "face"),
                       Counted(exported["tracks"].get<int64_t>(), "track"),
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

ExitCode Fail(const Status& status, const CommonOptions& common, Terminal& terminal,
              const std::filesystem::path& case_folder) {
  if (common.json) {
    nlohmann::json answer = {
        {"schema", "crossface/1"},
        {"error", {{"code", StatusCodeName(status.code())}, {"message", status.message()}}},
        {"exit", static_cast<int>(ExitCodeFor(status))}};
    if (!case_folder.empty())
      answer["case"] = std::filesystem::absolute(case_folder).lexically_normal().string();
    terminal.PrintJson(answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return Report(status, terminal);
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
