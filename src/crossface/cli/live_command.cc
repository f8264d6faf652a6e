#include "crossface/cli/live_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/app/live.h"
#include "crossface/app/words.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/threads_option.h"
#include "crossface/tui/dashboard.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct LiveArguments {
  std::filesystem::path case_folder;
  LiveRequest request;
  std::vector<std::string> keep;
};

// "7", "7 d" and "12h" are times, "500MB" and "20 GB" sizes; what is wrong with it, else.
std::string ParseKeep(const std::string& text, KeepLimits* keep) {
  size_t end = 0;
  double number = -1;
  try {
    number = std::stod(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  std::string unit;
  for (const char letter : text.substr(end))
    if (letter != ' ') unit += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  static const std::map<std::string, double, std::less<>> kDays = {
      {"", 1}, {"d", 1}, {"day", 1}, {"days", 1}, {"h", 1.0 / 24}};
  static const std::map<std::string, double, std::less<>> kBytes = {{"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}};
  const auto days = kDays.find(unit);
  const auto bytes = kBytes.find(unit);
  constexpr double kMost = 1e15;
  if (end == 0 || !(number >= 0 && number < kMost) || (days == kDays.end() && bytes == kBytes.end()))
    return fmt::format("{} is neither a time (7, 12h) nor a size (500MB, 20GB)", text);
  if (days != kDays.end()) keep->days = number * days->second;
  if (bytes != kBytes.end()) keep->bytes = static_cast<int64_t>(std::min(number * bytes->second, 9e18));
  return "";
}

std::string Named(const LivePerson& person) {
  if (person.name.empty())
    return person.reason.empty() ? "a face" : fmt::format("a face ({})", person.reason);
  return fmt::format("{}{}", person.name, person.ignored ? " (ignored)" : "");
}

std::string Line(const SeenEvent& event) {
  std::string text = fmt::format("{}  {}  {}", WallTime(event.time_us), event.stream, Named(event.person));
  if (!event.person.name.empty()) text += fmt::format("  {:.3f}", event.person.confidence);
  if (event.before) text += fmt::format("  (was {})", event.before->name);
  if (event.watched) text += "  WATCHED";
  return text + fmt::format("  track {}", event.track);
}

std::string Line(const LostEvent& event) {
  if (event.goes_on) return "";
  return fmt::format("{}  {}  {} is gone, since {}  track {}", WallTime(event.time_us), event.stream,
                     Named(event.person), WallTime(event.since_us), event.track);
}

std::string Line(const StreamEvent& event) {
  return fmt::format("{}  {}  {}: {}", WallTime(event.time_us), event.stream, StreamStateName(event.state),
                     event.message);
}

std::string Line(const StatsEvent& event) {
  return fmt::format("{}: {} frames, {} looked at, {} dropped, delay {:.0f} ms (95 %: {:.0f}), {}",
                     event.stream, event.frames, event.looked_at, event.dropped, event.delay_p50_ms,
                     event.delay_p95_ms, Counted(event.people, "person"));
}

std::string Line(const LetGoEvent& event) {
  return fmt::format("{}  {}", WallTime(event.time_us), LetGoNews(event));
}

// Results on stdout as they come; what is about the watching itself on stderr, unless that is drawn on.
class LiveTerminal final : public LiveObserver {
 public:
  LiveTerminal(Terminal& terminal, bool json, bool drawn)
      : terminal_(terminal), shown_(terminal), json_(json), drawn_(drawn) {}

  void OnLive(const LiveEvent& event) override {
    if (json_) return terminal_.PrintJson(Dumped(ToJson(event)));
    const std::string line = std::visit([](const auto& one) { return Line(one); }, event);
    if (line.empty()) return;
    if (!std::holds_alternative<StatsEvent>(event)) return terminal_.Print(line);
    if (!drawn_) terminal_.Note(line);
  }
  void OnWarning(const std::string& text) override { shown_.OnWarning(text); }
  void OnScan(const ScanProgress& progress) override { shown_.OnScan(progress); }
  void OnWork(const WorkProgress& progress) override { shown_.OnWork(progress); }
  void OnScanned(const ScanAnswer& answer) override { shown_.OnScanned(answer); }
  void OnGrouped(const ClusterSummary& answer) override { shown_.OnGrouped(answer); }

  static std::string Dumped(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

 private:
  Terminal& terminal_;
  TerminalObserver shown_;
  const bool json_, drawn_;
};

void NoteEnd(const LiveArguments& options, const LiveAnswer& answer, Terminal& terminal) {
  for (const auto& [stream, why] : answer.failed) terminal.Warn(fmt::format("{}: {}", stream, why));
  terminal.Note(fmt::format("{} in {}, {} recorded", Counted(answer.people, "person"),
                            Counted(answer.tracks, "track"), Counted(answer.segments, "segment")));
  if (answer.left_to_identify)
    terminal.Note(fmt::format("to make what was recorded part of the case: crossface identify {} --case {}",
                              (options.case_folder / "recordings").string(), options.case_folder.string()));
}

ExitCode RunLive(const LiveArguments& options, const CommonOptions& common, Terminal& terminal) {
  // JSON for somebody who looks at the terminal is lines, as they come.
  const bool drawn = terminal.drawable() && !(common.json && terminal.results_are_seen());
  LiveTerminal observer(terminal, common.json, drawn);
  LiveAnswer answer;
  Ending ending;
  const auto watch_live = [&](const Watch& watch, LiveObserver& live) {
    ending = WatchLive(options.case_folder, options.request, watch, live, &answer);
  };
  if (drawn) {
    ShowLiveOnDashboard({.work = "live", .case_folder = options.case_folder, .colour = terminal.colour()},
                        StopToken(), observer, terminal.results_are_seen() ? nullptr : &observer, watch_live);
  } else {
    watch_live({.observer = &observer, .stop = StopToken()}, observer);
  }
  if (ending.status.ok()) NoteEnd(options, answer, terminal);
  if (!common.json) return Finish(options.case_folder, {}, "", std::move(ending), common, terminal);
  nlohmann::json last = nlohmann::json::parse(Document(options.case_folder, ToJson(answer), ending));
  last["event"] = "end";
  terminal.PrintJson(LiveTerminal::Dumped(last));
  return ending.status.ok() ? ending.code : Report(ending.status, terminal);
}

}  // namespace

void DeclareLive(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<LiveArguments>();
  LiveRequest& request = options->request;
  CLI::App* verb = app.add_subcommand("live", "who is on these streams now? watches, names and records them");
  verb->add_option(
          "streams", request.streams,
          "rtsp://, rtsps://, srt://, rtmp://, http://, https://, udp:// or tcp:// address, file, or - "
          "for standard input; NAME= in front names it")
      ->required()
      ->type_name("STREAM");
  verb->add_option("--case", options->case_folder, "folder of the case; made where there is none")
      ->required()
      ->type_name("FOLDER");
  verb->add_option("--for", request.for_s, "end after so long; without it by Ctrl-C")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  verb->add_option("--watch", request.watch,
                   "mark events about this person of the case; may be given several times")
      ->type_name("PERSON")
      ->expected(1)
      ->take_all();
  verb->add_option(
          "--run", request.run,
          "run this program when a watched person is seen, with PERSON STREAM TIME as further arguments; "
          "may be given several times, for the program's own arguments")
      ->type_name("WORD")
      ->expected(1)
      ->take_all();
  verb->add_option("--keep", options->keep,
                   "let older recordings go, or the oldest when all take more: only ones that are "
                   "identified, with nobody who has a name or was confirmed")
      ->type_name("DAYS|GB")
      ->expected(1)
      ->take_all()
      ->check([](const std::string& text) {
        KeepLimits ignored;
        return ParseKeep(text, &ignored);
      });
  verb->add_flag("!--no-record", request.record, "keep nothing of the streams");
  verb->add_flag("!--no-identify", request.identify,
                 "leave it to a later identify to make what was recorded part of the case");
  verb->add_option("--models", request.models, "folder of the installed models")->type_name("FOLDER");
  verb->add_option("--device", request.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  AddThreads(verb, &request.threads, "threads that look at frames, beside one per stream that reads");
  verb->add_flag("--json", common->json, "print one JSON document a line to stdout, as it happens");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback([=] {
    for (const std::string& text : options->keep) ParseKeep(text, &options->request.keep);
    *chosen = [=](Terminal& terminal) { return RunLive(*options, *common, terminal); };
  });
}

}  // namespace crossface
