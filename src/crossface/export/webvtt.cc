#include <fmt/format.h>

#include <algorithm>

#include "crossface/export/formats.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

// One line of a header or a note, which end at a line break and must not look like a cue's times.
std::string Line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  for (size_t at = 0; (at = text.find("-->", at)) != std::string::npos;) text.replace(at, 3, "-- >");
  return text;
}

std::string CueText(const std::string& text) {
  std::string escaped;
  for (const char c : Line(text)) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string WebVtt(const CaseView& view, size_t source) {
  const SourceRecord& record = view.sources[source];
  std::string vtt = fmt::format("WEBVTT - {}\n\nNOTE sha256 {}\n", Line(record.name), record.sha256);
  for (const size_t i : TracksOf(view, source)) {
    const TrackRecord& track = view.tracks[i];
    const int64_t start = std::max<int64_t>(Milliseconds(track.start_us), 0);
    const int64_t end = std::max(Milliseconds(track.end_us), start + 1);
    const std::string who = CueText(WhoIs(view, i));
    vtt += fmt::format("\ntrack {}\n{} --> {}\n<v {}>{}</v>\n", track.number, Timecode(start), Timecode(end),
                       who, who);
  }
  return vtt;
}

}  // namespace crossface
