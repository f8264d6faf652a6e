#include "crossface/cli/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/app/json.h"
#include "crossface/app/words.h"
#include "crossface/tui/dashboard.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

// What the user can do, in the words of the command line.
std::string_view Advice(Remedy remedy) {
  switch (remedy) {
    case Remedy::kNone:
      return "";
    case Remedy::kOverride:
      return "give --override to let the new one win";
    case Remedy::kRescan:
      return "give --rescan to scan again";
    case Remedy::kIdentify:
      return "run: crossface identify";
    case Remedy::kMergePersons:
      return "to make them one: crossface people merge";
    case Remedy::kListPeople:
      return "all of them: crossface people list";
    case Remedy::kShowPerson:
      return "see: crossface people show";
    case Remedy::kReembed:
      return "to compare with what is installed: crossface reembed";
    case Remedy::kVerifyModels:
      return "run: crossface models verify";
    case Remedy::kConfirm:
      return "add --yes to do it, or --dry-run to see what it would do";
    case Remedy::kFinishForget:
      return "once that is no longer so: crossface forget --finish";
    case Remedy::kInstallModels:
      return "run: crossface models install";
    case Remedy::kAcceptLicences:
      return "read them and add --accept-licences";
    case Remedy::kFewerThreads:
      return "try fewer --threads";
    case Remedy::kUseCpu:
      return "use --device cpu";
    case Remedy::kOtherFolder:
      return "choose a new or an empty folder for --case";
    case Remedy::kChooseFace:
      return "say which with --face N, 1 being the largest";
    case Remedy::kGiveKeys:
      return "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that has keys by "
             "AWS_PROFILE";
    case Remedy::kRenewKeys:
      return "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or at the profile that "
             "AWS_PROFILE names; get new keys where they have expired";
    case Remedy::kAskPermission:
      return "ask the owner of the bucket for it, or name other keys by AWS_PROFILE";
    case Remedy::kSetRegion:
      return "set AWS_REGION to where it is";
    case Remedy::kCheckPlace:
      return "look at its name, and at AWS_ENDPOINT_URL for which server is asked";
    case Remedy::kSetClock:
      return "set this machine's clock";
    case Remedy::kRunAgain:
      return "run the same command again, later where the server is busy";
    case Remedy::kCheckServer:
      return "look at AWS_ENDPOINT_URL and AWS_REGION, and whether the network and the server are up";
    case Remedy::kTrustServer:
      return "name its certificate by AWS_CA_BUNDLE, or write http:// for a server without";
  }
  return "";
}

// The first few, and how many more there are.
void NoteSome(Terminal& terminal, const std::vector<std::pair<std::string, std::string>>& pairs,
              fmt::format_string<const std::string&, const std::string&> line,
              fmt::format_string<size_t> more) {
  constexpr size_t kFew = 10;
  const size_t shown = pairs.size() > kFew + 1 ? kFew : pairs.size();
  for (size_t i = 0; i < shown; ++i) terminal.Note(fmt::format(line, pairs[i].first, pairs[i].second));
  if (shown < pairs.size()) terminal.Note(fmt::format(more, pairs.size() - shown));
}

std::string ScannedLine(const ScanSummary& summary) {
  if (summary.scanned > 0) {
    const std::string amount = ScannedAmount(summary.video_ms, summary.pictures),
                      pace = ScanPace(summary.video_ms, summary.pictures, summary.seconds);
    return fmt::format("scanned {} of {}: {} in {:.1f} s{}", summary.scanned,
                       Counted(summary.sources, "source"), amount.empty() ? "nothing" : amount,
                       summary.seconds, pace.empty() ? "" : fmt::format(" ({})", pace));
  }
  if (!summary.failed.empty())
    return fmt::format("nothing is new that could be scanned among {} sources", summary.sources);
  return summary.sources == 1 ? "the source was scanned before"
                              : fmt::format("all {} sources were scanned before", summary.sources);
}

}  // namespace

Status Worded(const Status& status) {
  const std::string_view advice = Advice(status.remedy());
  return advice.empty()
             ? status
             : Status(status.code(), fmt::format("{}; {}", status.message(), advice), status.remedy());
}

std::string UnassignedText(int64_t unassigned, const std::map<UnassignedReason, int64_t>& by_reason) {
  std::map<std::string_view, int64_t> named;
  for (const auto& [reason, count] : by_reason) named[UnassignedReasonName(reason)] = count;
  std::string reasons;
  for (const auto& [reason, count] : named)
    reasons += fmt::format("{}{} {}", reasons.empty() ? " (" : ", ", reason, count);
  return fmt::format("{} unassigned{}{}", Counted(unassigned, "track"), reasons, reasons.empty() ? "" : ")");
}

void TerminalObserver::OnScan(const ScanProgress& progress) { terminal_.ShowScan(progress); }

void TerminalObserver::OnWork(const WorkProgress& progress) {
  progress.name == "export" ? terminal_.ShowExport(progress.done, progress.total)
                            : terminal_.ShowWork(progress.name, progress.share, progress.remaining_s);
}

void TerminalObserver::OnWarning(const std::string& text) {
  terminal_.EndProgress();
  terminal_.Warn(text);
}

void TerminalObserver::OnPrepared(const PreparedAnswer& answer) {
  if (const std::string left_out = LeftOutText(answer.left_out); !left_out.empty()) terminal_.Note(left_out);
  for (const std::string& missing : answer.missing_models) {
    if (missing == "vgg_face") terminal_.Note("the model vgg_face is not installed; going on without it");
  }
  if (answer.unused_models.empty()) return;
  terminal_.Note(
      fmt::format("{} {} installed, but this case was scanned without and goes on so; with --rescan what you "
                  "name is scanned "
                  "again (the case has {})",
                  fmt::join(answer.unused_models, ", "), answer.unused_models.size() == 1 ? "is" : "are",
                  fmt::format("{}, {} of video", Counted(answer.case_sources, "source"),
                              ShortDuration(static_cast<double>(answer.case_video_ms) / 1000))));
}

// What became of files and sources that were known, or turned out to be.
void TerminalObserver::NoteKnown(const ScanSummary& summary) {
  NoteSome(terminal_, summary.renamed, "{} was moved: it is {} now", "{} more were moved");
  NoteSome(terminal_, summary.copies, "{} is a copy of {}: it is not scanned again",
           "{} more copies are not scanned again");
  NoteSome(terminal_, summary.turned,
           "{} lies otherwise than its file says, as its faces show; it was searched upright: {} (if that is "
           "wrong: "
           "--rotate 0, or --aspect)",
           "{} more sources were searched turned or stretched: column geometry of sources.csv");
  if (summary.kept > 0)
    terminal_.Note("give --rescan to scan again, as you ask now, what was scanned otherwise");
  if (summary.unfinished > 0) {
    terminal_.Note(
        fmt::format("another scan of {} source{} was begun and is not complete: the same command as then, "
                    "with --rescan, goes on with it",
                    summary.unfinished, summary.unfinished == 1 ? "" : "s"));
  }
}

void TerminalObserver::OnScanned(const ScanAnswer& answer) {
  terminal_.EndProgress();
  NoteKnown(answer.summary);
  terminal_.Note(ScannedLine(answer.summary));
}

void TerminalObserver::OnGrouped(const ClusterSummary& answer) {
  terminal_.Note(fmt::format("{} in {} ({} unassigned), by {}", Counted(answer.persons, "person"),
                             Counted(answer.tracks, "track"), Counted(answer.unassigned, "track"),
                             answer.method));
  if (answer.copied_tracks > 0)
    terminal_.Note(Counted(answer.copied_tracks, "track") + " show what another copy of the footage shows");
}

Watch WatchWith(TerminalObserver& observer) { return {.observer = &observer, .stop = StopToken()}; }

void WatchWork(const std::string& verb, const std::filesystem::path& case_folder, Terminal& terminal,
               const std::function<void(const Watch&)>& work) {
  TerminalObserver observer(terminal);
  if (!terminal.drawable()) return work(WatchWith(observer));
  ShowOnDashboard({.work = verb,
                   .case_folder = case_folder,
                   .scans = verb == "identify" || verb == "scan",
                   .colour = terminal.colour()},
                  StopToken(), observer, work);
}

ExitCode Finish(const std::filesystem::path& case_folder, nlohmann::json fields, const std::string& plain,
                Ending ending, const CommonOptions& common, Terminal& terminal) {
  terminal.EndProgress();
  ending.status = Worded(ending.status);
  if (common.json) {
    terminal.PrintJson(Document(case_folder, std::move(fields), ending));
  } else if (ending.status.ok() && !plain.empty()) {
    terminal.Print(plain);
  }
  return ending.status.ok() ? ending.code : Report(ending.status, terminal);
}

}  // namespace crossface
