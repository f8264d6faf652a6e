#include "crossface/tui/dashboard_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "crossface/app/words.h"
#include "crossface/tui/live_view.h"
#include "crossface/tui/style.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using namespace ftxui;

constexpr int kMostSourceRows = 6, kRowsForDetails = 30, kFewWarnings = 3, kFewFinished = 2;

double Share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string Left(double seconds) { return seconds >= 0 ? ShortDuration(seconds) + " left" : ""; }

class View {
 public:
  View(const DashboardFacts& facts, const DashboardState& state, PictureBook& pictures)
      : facts_(facts), state_(state), style_(state.colour), pictures_(pictures) {}

  Element Draw() {
    Elements lines = {style_.Title(state_.title, ShortDuration(state_.elapsed_s)), text(""), Overall()};
    if (IsWatching(facts_)) Append(&lines, Watched());
    if (facts_.scan) {
      if (IsScanning(facts_)) Append(&lines, Sources());
      lines.push_back(text(""));
      Append(&lines, Counts());
    }
    const Elements warnings = Warnings(), finished = Finished();
    const int used = static_cast<int>(lines.size() + warnings.size() + finished.size()) + 2;
    if (const Element faces = Faces(state_.rows - used)) lines.push_back(faces);
    Append(&lines, finished);
    lines.push_back(filler());
    Append(&lines, warnings);
    lines.push_back(Keys());
    Element drawn = vbox(std::move(lines));
    return state_.help ? Help(std::move(drawn)) : drawn;
  }

 private:
  static void Append(Elements* lines, Elements more) {
    std::move(more.begin(), more.end(), std::back_inserter(*lines));
  }
  int BarColumns() const { return std::clamp(state_.columns / 4, 10, 40); }

  Elements Watched() const {
    Elements lines = {text("")};
    Append(&lines, DrawStreams(*facts_.live, style_, state_.columns, std::max(2, state_.rows / 4)));
    lines.push_back(text(""));
    Append(&lines, DrawPresent(*facts_.live, style_, state_.columns, std::max(3, state_.rows / 4)));
    return lines;
  }

  Element Overall() const {
    if (IsWatching(facts_) && !state_.stopping) return DrawLiveTotals(*facts_.live, state_.columns);
    double share = -1;
    std::string told;
    if (facts_.work) {
      share = facts_.work->share;
      if (share >= 0) told = fmt::format("{:3.0f} %  ", 100 * share);
      told += facts_.work->name == "export" ? "writing the case folder" : facts_.work->name;
      if (facts_.work->total > 0) told += fmt::format(", {}/{}", facts_.work->done, facts_.work->total);
      if (const std::string left = Left(facts_.work->remaining_s); !left.empty()) told += ", " + left;
    } else if (IsScanning(facts_)) {
      const ScanProgress& scan = *facts_.scan;
      share = Share(scan.bytes_done, scan.bytes);
      told = fmt::format("{:3.0f} %", 100 * share);
      if (scan.elapsed_s > 2 && scan.remaining_s >= 0) told += fmt::format("  {}", Left(scan.remaining_s));
      told += fmt::format("  {}/{}", scan.done, Counted(scan.sources, "source"));
      if (const std::string amount = ScannedAmount(scan.video_ms, scan.pictures); !amount.empty())
        told += ", " + amount;
      if (const std::string pace =
              ScanPace(scan.video_ms, scan.pictures, scan.elapsed_s > 1 ? scan.elapsed_s : 0);
          !pace.empty())
        told += ", " + pace;
      if (const std::string workers = WorkersText(scan); !workers.empty()) told += "; " + workers;
    }
    const char* doing = state_.stopping            ? "stopping: what is done is kept"
                        : state_.asks_whom_to_skip ? "leave out which one, by its number?"
                        : state_.paused            ? "paused: p goes on"
                        : told.empty() ? (facts_.scanned ? "grouping faces into people" : "getting ready")
                                       : "";
    Elements line = {text(" ")};
    if (share >= 0) line.push_back(style_.Accent(text(Bar(share, BarColumns()))));
    if (share >= 0) line.push_back(text(" "));
    // What the user asked for is seen on a narrow screen too.
    line.push_back(*doing == 0 ? Said(BeginOf(told, state_.columns - BarColumns() - 3))
                               : style_.Warning(text(doing) | bold));
    return hbox(std::move(line));
  }

  Elements Sources() const {
    Elements lines;
    const auto& active = facts_.scan->active;
    const size_t shown =
        std::min<size_t>(active.size(), static_cast<size_t>(std::min(kMostSourceRows, state_.rows / 6)));
    for (size_t i = 0; i < shown; ++i) {
      const SourceProgress& source = active[i];
      const bool timed = source.duration_ms > 0;
      const double left = timed && source.speed > 0
                              ? static_cast<double>(source.duration_ms - source.time_ms) / 1000 / source.speed
                              : -1;
      const double share = Share(source.time_ms, source.duration_ms);
      const std::string told =
          fmt::format(" {:>4} {:>6.1f}x {:>11}  ", timed ? fmt::format("{:.0f}%", 100 * share) : "",
                      source.speed, Left(left));
      const int name = state_.columns - BarColumns() - static_cast<int>(told.size()) - 2;
      lines.push_back(
          hbox({text(state_.asks_whom_to_skip ? std::to_string(i + 1) : " ") | bold,
                text(Bar(share, BarColumns())) | dim, text(told), Said(EndOf(source.name, name))}));
    }
    if (active.size() > shown)
      lines.push_back(text(fmt::format(" and {} more at once", active.size() - shown)) | dim);
    return lines;
  }

  Element Count(const std::string& name, int64_t number, const std::deque<int64_t>& history) const {
    const int line = std::clamp(state_.columns / 2 - 24, 8, 60);
    return hbox({text(" "), text(name) | dim | size(WIDTH, EQUAL, 10),
                 text(Grouped(number)) | bold | align_right | size(WIDTH, EQUAL, 10), text("  "),
                 style_.Good(text(Sparkline(history, line)))}) |
           size(WIDTH, EQUAL, state_.columns / 2);
  }

  Elements Counts() const {
    const ScanProgress& scan = *facts_.scan;
    const auto plain = [](const std::string& name, const std::string& number) {
      return hbox({text("  "), text(name) | dim, text(" "), text(number) | bold});
    };
    Elements lines = {
        hbox({Count("frames", scan.counts.decoded, facts_.history.frames),
              Count("looked at", scan.counts.kept, facts_.history.kept)}),
        hbox({Count("faces", scan.faces, facts_.history.faces),
              Count("tracks", scan.tracks, facts_.history.tracks)}),
        hbox({text(" people") | dim, text(" "),
              text(facts_.people ? Grouped(*facts_.people) : "later") | bold,
              text(state_.columns < 76 ? "   not looked at:" : "   frames not looked at:") | dim,
              plain("dark", Grouped(scan.counts.dark)), plain("still", Grouped(scan.counts.still)),
              plain("between", Grouped(scan.counts.paced))}),
    };
    if (ShowsDetails()) Append(&lines, Details());
    return lines;
  }

  bool ShowsDetails() const { return state_.details != (state_.rows >= kRowsForDetails); }

  // Where the time goes, and where work waits.
  Elements Details() const {
    const ScanProgress& scan = *facts_.scan;
    const auto number = [](const std::string& name, const std::string& value) {
      return hbox({text("  "), text(name) | dim, text(" "), text(value)});
    };
    const auto seconds = [&](const std::string& name, double value) {
      return number(name, fmt::format("{:.{}f}", value, value < 10 ? 1 : 0));
    };
    return {
        hbox({text(" CPU s") | dim, seconds("read", scan.cpu.read), seconds("decode", scan.cpu.decode),
              seconds("select", scan.cpu.select), seconds("detect", scan.cpu.detect),
              seconds("track", scan.cpu.track), seconds("embed", scan.cpu.embed),
              seconds("store", scan.cpu.store)}),
        hbox({text(" waiting") | dim, number("frames", Grouped(scan.waiting.frames)),
              number("tracks", Grouped(scan.waiting.tracks)), number("writes", Grouped(scan.waiting.writes)),
              text("   threads ") | dim, text(std::to_string(scan.threads))})};
  }

  // As many as fit; nothing where there is no room.
  Element Faces(int rows) const {
    const int height = std::min(rows - 2, state_.columns >= 140 ? 12 : 8);
    if (height < 3 || facts_.newest.empty()) return nullptr;
    const int width = 2 * height, most = (state_.columns - 1) / (width + 1);
    Elements line = {text(" ")};
    for (int i = 0; i < most && i < static_cast<int>(facts_.newest.size()); ++i) {
      const auto& seen = facts_.newest[static_cast<size_t>(i)];
      const std::string label = seen->is_path ? EndOf(seen->label, width) : BeginOf(seen->label, width);
      line.push_back(vbox({pictures_.Draw(
                               seen->key, [&] { return seen->jpeg; }, width, height - 1),
                           Said(label) | dim | size(WIDTH, EQUAL, width)}));
      line.push_back(text(" "));
    }
    return vbox({text(""), text(" newest faces") | dim, hbox(std::move(line))});
  }

  Elements Finished() const {
    Elements lines;
    const size_t most = state_.rows >= 40 ? 8 : state_.rows >= 22 ? kFewFinished : 0;
    for (size_t i = 0; i < std::min(facts_.finished.size(), most); ++i)
      lines.push_back(hbox({text(" "), Said(BeginOf(facts_.finished[i], state_.columns - 2))}) | dim);
    if (!lines.empty()) lines.insert(lines.begin(), text(""));
    return lines;
  }

  Elements Warnings() const {
    Elements lines;
    const size_t most =
        state_.all_warnings ? static_cast<size_t>(std::max(3, state_.rows / 2)) : kFewWarnings;
    const size_t shown = std::min(facts_.warnings.size(), most);
    for (size_t i = 0; i < shown; ++i)
      lines.push_back(
          style_.Warning(hbox({text(" ! "), Said(BeginOf(facts_.warnings[i], state_.columns - 4))})));
    const int64_t more = static_cast<int64_t>(facts_.warnings.size() - shown) + facts_.more_warnings;
    if (more > 0)
      lines.push_back(
          style_.Warning(text(fmt::format(" ! {}{}", Counted(more, "earlier warning"),
                                          state_.all_warnings ? ", told at the end" : ": w shows them"))));
    return lines;
  }

  Element Keys() const {
    std::vector<std::pair<std::string, std::string>> keys;
    if (state_.can_pause) keys.emplace_back("p", state_.paused ? "go on" : "pause");
    if (IsScanning(facts_)) keys.emplace_back("s", "skip one");
    if (IsScanning(facts_) && state_.columns >= 80) {
      keys.emplace_back("+ -", "threads");
      keys.emplace_back("d", ShowsDetails() ? "less" : "more");
    }
    keys.emplace_back("q", IsWatching(facts_) ? "stop, keep what is recorded" : "stop, keep what is done");
    if (!facts_.warnings.empty()) keys.emplace_back("w", "warnings");
    keys.emplace_back("?", "help");
    return style_.KeyLine(keys);
  }

  Element Help(Element below) const {
    if (IsWatching(facts_))
      return style_.Over(std::move(below), "help",
                         {text(" q   stop: what was recorded is whole, identify makes it part of the case "),
                          text(" w   more warnings, or fewer "), text(" ?   this; any key closes it "),
                          text(""), text(" delay: from a frame's arrival to the end of its look, half of "),
                          text(" them and 95 % of them, in the last ten seconds "),
                          text(" dropped: frames worth a look for which there was no time "),
                          text(" new-0001: nobody of the case, the same person all through the watch "),
                          text(" times are UTC ")});
    return style_.Over(std::move(below), "help",
                       {text(" p   stand still, and go on: nothing is lost by it "),
                        text(" q   stop within seconds. What was scanned is kept; "),
                        text("     the same command goes on where it was "),
                        text(" s   leave a source out for now; the next run goes on with it "),
                        text(" + - more threads, or fewer: what is found does not depend on it "),
                        text(" d   where processor time goes and work waits, or no longer "),
                        text(" w   more warnings, or fewer "), text(" ?   this; any key closes it "),
                        text(""), text(" looked at: frames that were searched for faces; others are "),
                        text(" dark, still, or lie between two that were looked at "),
                        text(" track: one person's faces from cut to cut "),
                        text(" people are known when all is scanned ")});
  }

  const DashboardFacts& facts_;
  const DashboardState& state_;
  const Style style_;
  PictureBook& pictures_;
};

}  // namespace

Element DrawDashboard(const DashboardFacts& facts, const DashboardState& state, PictureBook& pictures) {
  return View(facts, state, pictures).Draw();
}

}  // namespace crossface
