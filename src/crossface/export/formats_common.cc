#include <algorithm>
#include <numeric>

#include "crossface/export/formats.h"
#include "crossface/media/file/source_part.h"

namespace crossface {

bool IsStill(const SourceRecord& source) {
  return source.info.duration_ms == 0 &&
         (HasImageExtension(FileNameOf(source.name, source.info.part)) || source.info.fps == 0) &&
         source.counts.decoded <= 1;
}

std::vector<size_t> TracksOf(const CaseView& view, size_t source) {
  // Both are by source name.
  const auto [first, last] = std::equal_range(view.source_of.begin(), view.source_of.end(), source);
  std::vector<size_t> tracks(static_cast<size_t>(last - first));
  std::iota(tracks.begin(), tracks.end(), static_cast<size_t>(first - view.source_of.begin()));
  std::stable_sort(tracks.begin(), tracks.end(), [&](size_t a, size_t b) {
    return std::pair(view.tracks[a].start_us, view.tracks[a].number) <
           std::pair(view.tracks[b].start_us, view.tracks[b].number);
  });
  return tracks;
}

std::string WhoIs(const CaseView& view, size_t track) {
  const std::string& name = view.PersonName(track);
  return name.empty() ? "unassigned" : name;
}

std::string XmlText(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (c == '\t' || c == '\n' || c == '\r') {
      escaped += "&#" + std::to_string(byte) + ";";
    } else if (byte < 0x20 || text.substr(i).starts_with("\xEF\xBF\xBE") ||
               text.substr(i).starts_with("\xEF\xBF\xBF")) {
      escaped += "\xEF\xBF\xBD";
      if (byte >= 0x20) i += 2;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace crossface
