#include "crossface/tui/live_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using namespace ftxui;

constexpr size_t kFewestName = 6, kLongestName = 24;

std::string Size(int64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.1f} GB", number / 1e9);
  return bytes >= 10'000'000 ? fmt::format("{:.0f} MB", number / 1e6)
                             : fmt::format("{:.1f} MB", number / 1e6);
}

size_t NameColumns(const LiveFacts& live) {
  size_t longest = kFewestName;
  for (const LiveStreamProgress& stream : live.progress.streams)
    longest = std::max(longest, stream.name.size());
  return std::min(longest, kLongestName);
}

std::string_view StateWord(StreamEvent::State state) {
  switch (state) {
    case StreamEvent::State::kConnected:
      return "watching";
    case StreamEvent::State::kLost:
      return "lost";
    case StreamEvent::State::kEnded:
      return "ended";
    default:
      return "waiting";
  }
}

// Reports come twice a second.
double FramesPerSecond(const std::deque<int64_t>& totals) {
  constexpr size_t kReports = 6;
  if (totals.size() < 2) return 0;
  const size_t back = std::min(kReports, totals.size() - 1);
  return static_cast<double>(totals.back() - totals[totals.size() - 1 - back]) * 2 /
         static_cast<double>(back);
}

Element StreamLine(const LiveStreamProgress& stream, const std::deque<int64_t>& frames, size_t name_columns,
                   const Style& style, int columns) {
  const bool watching = stream.state == StreamEvent::State::kConnected;
  const std::string name =
      fmt::format(" {:<{}} ", BeginOf(stream.name, static_cast<int>(name_columns)), name_columns);
  const Element state = text(fmt::format("{:<9}", StateWord(stream.state)));
  const int left = columns - static_cast<int>(name.size()) - 10;
  if (!watching) {
    const bool over = stream.state == StreamEvent::State::kEnded;
    Element line = hbox({state, Said(BeginOf(stream.message.empty() ? stream.shown : stream.message, left))});
    return hbox({text(name) | bold, over ? std::move(line) | dim : style.Warning(std::move(line))});
  }
  const std::string rate = fmt::format("{:>4.0f}/s ", FramesPerSecond(frames));
  std::string told = fmt::format(" delay {:>4.0f}/{:>4.0f} ms  dropped {:>5}  {:>7}", stream.delay_p50_ms,
                                 stream.delay_p95_ms, Grouped(stream.dropped), Size(stream.recorded_bytes));
  // On a narrow terminal, what matters most of it.
  if (static_cast<int>(told.size() + rate.size()) > left)
    told = fmt::format("{:>4.0f} ms  dropped {:>5} {:>7}", stream.delay_p95_ms, Grouped(stream.dropped),
                       Size(stream.recorded_bytes));
  const int history = std::clamp(left - static_cast<int>(told.size() + rate.size()), 0, 60);
  return hbox({text(name) | bold, style.Good(state), text(rate), style.Good(text(Sparkline(frames, history))),
               stream.dropped > 0 ? style.Warning(text(told)) : text(told)});
}

Element StreamDetails(const LiveStreamProgress& stream, size_t name_columns, int columns) {
  std::string told = stream.shown;
  if (stream.width > 0)
    told = fmt::format("{}  {}x{} {}  looked at {} of {} frames, {} recorded", stream.shown, stream.width,
                       stream.height, stream.codec, Grouped(stream.looked_at), Grouped(stream.frames),
                       Counted(stream.segments, "segment"));
  const auto indent = static_cast<int>(name_columns) + 2;
  return hbox(
      {text(std::string(static_cast<size_t>(indent), ' ')), Said(BeginOf(told, columns - indent)) | dim});
}

std::string NameOf(const LivePerson& person) {
  if (person.name.empty())
    return person.reason.empty() ? "a face" : fmt::format("a face ({})", person.reason);
  return person.name + (person.is_new ? " (new)" : "") + (person.ignored ? " (ignored)" : "");
}

}  // namespace

Element DrawLiveTotals(const LiveFacts& live, int columns) {
  const auto& streams = live.progress.streams;
  const auto watching = std::count_if(streams.begin(), streams.end(), [](const auto& stream) {
    return stream.state == StreamEvent::State::kConnected;
  });
  int64_t bytes = 0;
  for (const LiveStreamProgress& stream : streams) bytes += stream.recorded_bytes;
  std::string told =
      fmt::format("{}/{}   {}, {} on screen   {} recorded", watching,
                  Counted(static_cast<int64_t>(streams.size()), "stream"),
                  Counted(live.progress.people, "person", "people"), live.present.size(), Size(bytes));
  if (live.progress.remaining_s >= 0)
    told += fmt::format("   ends in {}", ShortDuration(live.progress.remaining_s));
  return hbox({text(" "), Said(BeginOf(told, columns - 2)) | bold});
}

Elements DrawStreams(const LiveFacts& live, const Style& style, int columns, int rows) {
  const auto& streams = live.progress.streams;
  const size_t name_columns = NameColumns(live), room = static_cast<size_t>(std::max(rows, 1));
  const bool detailed = 2 * streams.size() <= room;
  const size_t shown = streams.size() <= room ? streams.size() : room - 1;
  Elements lines;
  for (size_t i = 0; i < shown; ++i) {
    lines.push_back(StreamLine(streams[i], live.frames[i], name_columns, style, columns));
    if (detailed) lines.push_back(StreamDetails(streams[i], name_columns, columns));
  }
  if (shown == streams.size()) return lines;
  const auto not_watched =
      std::count_if(streams.begin() + static_cast<ptrdiff_t>(shown), streams.end(),
                    [](const auto& stream) { return stream.state != StreamEvent::State::kConnected; });
  const std::string more =
      fmt::format(" and {} more, {} of them not watched now", streams.size() - shown, not_watched);
  lines.push_back(not_watched > 0 ? style.Warning(text(more)) : text(more) | dim);
  return lines;
}

Elements DrawPresent(const LiveFacts& live, const Style& style, int columns, int rows) {
  Elements lines;
  if (rows < 2) return lines;
  // Whom somebody waits for first, then known people, then who came last.
  std::vector<const SeenEvent*> present;
  for (const auto& [track, seen] : live.present) present.push_back(&seen);
  const auto rank = [](const SeenEvent& seen) {
    return std::pair(seen.watched               ? 0
                     : seen.person.id != 0      ? 1
                     : seen.person.name.empty() ? 3
                                                : 2,
                     -seen.time_us);
  };
  std::sort(present.begin(), present.end(),
            [&](const SeenEvent* a, const SeenEvent* b) { return rank(*a) < rank(*b); });
  const auto room = static_cast<size_t>(rows - 1);
  const size_t shown = present.size() <= room ? present.size() : room - 1;
  lines.push_back(text(present.empty() && live.gone.empty() ? " nobody was seen yet" : " seen now") | dim);
  const int name_columns = std::clamp(columns / 3, 16, 40);
  const auto line = [&](const LivePerson& person, const std::string& rest) {
    return hbox({text(" "), Said(BeginOf(NameOf(person), name_columns)) | size(WIDTH, EQUAL, name_columns),
                 text(" "), Said(BeginOf(rest, columns - name_columns - 3))});
  };
  for (size_t i = 0; i < shown; ++i) {
    const SeenEvent& seen = *present[i];
    const auto since = live.since_us.find(seen.track);
    std::string told = fmt::format("{}  since {}", seen.stream,
                                   ClockTime(since == live.since_us.end() ? seen.time_us : since->second));
    if (!seen.person.name.empty()) told += fmt::format("  {:.0f} %", 100 * seen.person.confidence);
    if (seen.watched) told += "  WATCHED";
    Element one = line(seen.person, told);
    lines.push_back(seen.watched ? style.Warning(one | bold) : seen.person.id != 0 ? style.Accent(one) : one);
  }
  if (shown < present.size())
    lines.push_back(text(fmt::format(" and {} more", present.size() - shown)) | dim);
  for (const LostEvent& gone : live.gone) {
    if (lines.size() > room) break;
    lines.push_back(line(gone.person, fmt::format("{}  {} to {}", gone.stream, ClockTime(gone.since_us),
                                                  ClockTime(gone.time_us))) |
                    dim);
  }
  return lines;
}

}  // namespace crossface
