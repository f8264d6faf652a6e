// CaseBrowser: what a source's lanes are marked with, out of what its scan left in the gallery.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "crossface/app/case_browser.h"
#include "crossface/app/look.h"

namespace crossface {
namespace {

// As long as the scan's.
constexpr int64_t kShortestStillTicks = 1'000'000 / kTickUs;

// A new shot begins somewhere between the last face of one and the first of the next.
std::vector<SourceMarksAnswer::Span> BetweenShots(const std::vector<TrackRecord>& tracks) {
  std::map<int64_t, SourceMarksAnswer::Span> shots;
  for (const TrackRecord& track : tracks) {
    const auto [shot, added] =
        shots.try_emplace(track.shot, SourceMarksAnswer::Span{track.start_us, track.end_us});
    shot->second.start_us = std::min(shot->second.start_us, track.start_us);
    shot->second.end_us = std::max(shot->second.end_us, track.end_us);
  }
  std::vector<SourceMarksAnswer::Span> between;
  int64_t end_us = 0;
  bool first = true;
  for (const auto& [number, shot] : shots) {
    if (!first || number > 0) between.push_back({std::min(end_us, shot.start_us), shot.start_us});
    end_us = shot.end_us;
    first = false;
  }
  return between;
}

// A change says that the picture moved within the ticks up to it: of what stands still there is none. Films
// of few frames a second have none for every tick anyway.
std::vector<SourceMarksAnswer::Span> StillSpans(const Fingerprint& fingerprint, const SourceInfo& info) {
  const double ticks_a_frame = info.fps > 0 ? 1e6 / info.fps / static_cast<double>(kTickUs) : 1;
  const auto least =
      std::max(kShortestStillTicks, static_cast<int64_t>(std::ceil(2 * ticks_a_frame)) + kLagTicks);
  const int64_t duration_us = info.duration_ms * 1000;
  std::vector<SourceMarksAnswer::Span> still;
  int64_t last = 0;  // tick until which the picture moved
  const auto moves_at = [&](int64_t tick) {
    const int64_t begin = tick - kLagTicks;
    if (begin - last >= least) still.push_back({last * kTickUs, begin * kTickUs});
    last = tick;
  };
  for (const Change& change : fingerprint.changes) moves_at(change.tick);
  if (duration_us / kTickUs - last >= least) still.push_back({last * kTickUs, duration_us});
  return still;
}

SourceMarksAnswer Exact(const SourceMarks& marks) {
  SourceMarksAnswer answer{.exact = true, .still_known = true};
  for (const int64_t cut : marks.cuts_us) answer.shots.push_back({cut, cut});
  for (const MarkedSpan& span : marks.dark) answer.dark.push_back({span.start_us, span.end_us});
  for (const MarkedSpan& span : marks.still) answer.still.push_back({span.start_us, span.end_us});
  return answer;
}

}  // namespace

Result<SourceMarksAnswer> CaseBrowser::Marks(int64_t id) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<SourceMarksAnswer> {
    const SourceRecord* source = facts.Source(id);
    if (source == nullptr) return Status(StatusCode::kNotFound, fmt::format("there is no source {}", id));
    SourceMarksAnswer answer;
    if (source->info.duration_ms <= 0) return answer;
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<SourceMarks> marks, gallery.ReadMarks(id));
    if (marks) return Exact(*marks);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, gallery.TracksOfSources({id}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}, ids));
    answer.shots = BetweenShots(tracks);
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Fingerprint> fingerprint, gallery.ReadFingerprint(id));
    answer.still_known = fingerprint.has_value();
    if (fingerprint) answer.still = StillSpans(*fingerprint, source->info);
    return answer;
  });
}

}  // namespace crossface
