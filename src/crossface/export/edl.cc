#include <fmt/format.h>

#include <algorithm>

#include "crossface/export/formats.h"
#include "crossface/export/frame_rate.h"

namespace crossface {
namespace {

constexpr size_t kMostEvents = 999;

// EDL is a format of lines in ASCII by origin; readers of today take UTF-8 in comments.
std::string Line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

std::string FileName(const std::string& source) { return source.substr(source.rfind('/') + 1); }

class EventList {
 public:
  EventList(const std::string& title, const FrameRate& rate, const std::string& clip)
      : rate_(rate),
        clip_(clip),
        text_(fmt::format("TITLE: {}\nFCM: {}\n", title, rate.drop_frame ? "DROP FRAME" : "NON-DROP FRAME")) {
  }

  void Add(int64_t in, int64_t out, const std::string& person, int64_t track) {
    const int64_t end = record_ + out - in;
    text_ +=
        fmt::format("\n{:03}  AX       V     C        {} {} {} {}\n", ++events_, SmpteTimecode(in, rate_),
                    SmpteTimecode(out, rate_), SmpteTimecode(record_, rate_), SmpteTimecode(end, rate_));
    text_ += fmt::format("* FROM CLIP NAME: {}\n* LOC: {} GREEN   {}\n* COMMENT: track {}\n", clip_,
                         SmpteTimecode(record_, rate_), person, track);
    record_ = end;
  }
  bool full() const { return events_ == kMostEvents; }
  const std::string& text() const { return text_; }

 private:
  const FrameRate rate_;
  const std::string clip_;
  std::string text_;
  size_t events_ = 0;
  int64_t record_ = 0;
};

}  // namespace

std::vector<std::string> Edls(const CaseView& view, size_t source) {
  const SourceRecord& record = view.sources[source];
  FrameRate rate = FrameRateOf(record.info.fps);
  const std::string& start = record.info.timecode;
  // The source's own time code says which count it uses.
  if (!start.empty()) rate.drop_frame = rate.drop_frame && start.find(';') != std::string::npos;
  const int64_t first = FrameOfTimecode(start, rate).value_or(0);
  const std::string clip = Line(FileName(record.name));

  std::vector<EventList> lists;
  for (const size_t i : TracksOf(view, source)) {
    if (view.person_of[i] < 0) continue;
    if (lists.empty() || lists.back().full()) {
      const std::string part = lists.empty() ? "" : fmt::format(" {}", lists.size() + 1);
      lists.emplace_back(clip + part, rate, clip);
    }
    const int64_t in = std::max<int64_t>(FrameAt(view.tracks[i].start_us, rate), 0);
    const int64_t out = std::max(FrameAt(view.tracks[i].end_us, rate), in + 1);
    lists.back().Add(first + in, first + out, Line(view.PersonName(i)), view.tracks[i].number);
  }
  std::vector<std::string> files;
  for (const EventList& list : lists) files.push_back(list.text());
  return files;
}

}  // namespace crossface
