#include "crossface/scan/ranged_film.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "crossface/scan/scan_meter.h"
#include "crossface/scan/scan_tally.h"

namespace crossface {
namespace {

using Kind = ScanEntry::Kind;

// The frame that begins the next range, with its cut and as the end of darkness, is seen by the survey alone.
bool IsSameShot(const ScanEntry& surveyed, const ScanEntry& searched, bool is_last) {
  const ScanCheckpoint &a = surveyed.checkpoint, &b = searched.checkpoint;
  SelectCounts counts = b.counts;
  if (is_last && a.counts.cuts == counts.cuts + 1) ++counts.cuts;
  return a.next_frame == b.next_frame && a.next_shot == b.next_shot && a.counts == counts &&
         (is_last || surveyed.marks == searched.marks);
}

}  // namespace

// Entries of the survey's journal.
std::vector<const ScanEntry*> RangedFilm::ShotsOf(size_t range) const {
  const FrameRange& frames = ranges()[range].frames;
  const bool is_last = range + 1 == ranges().size();
  std::vector<const ScanEntry*> shots;
  for (const ScanEntry& entry : survey_.journal) {
    const int64_t end = entry.checkpoint.next_frame;
    if (entry.kind == Kind::kTracks && end > frames.begin && (end <= frames.end || is_last))
      shots.push_back(&entry);
  }
  return shots;
}

bool RangedFilm::Take(size_t range, const ScanFindings& findings) {
  const std::vector<const ScanEntry*> shots = ShotsOf(range);
  if (!findings.otherwise.empty() || findings.journal.size() != shots.size()) return false;
  for (size_t i = 0; i < shots.size(); ++i) {
    const ScanEntry& searched = findings.journal[i];
    if (searched.kind != Kind::kTracks || !IsSameShot(*shots[i], searched, i + 1 == shots.size()))
      return false;
  }
  found_[range] = findings.summary;
  return true;
}

bool RangedFilm::IsComplete() const {
  return std::all_of(found_.begin(), found_.end(), [](const auto& found) { return found.has_value(); });
}

int64_t RangedFilm::reached_ms() const {
  int64_t found = 0;
  for (const auto& range : found_) found += range.has_value();
  return survey_.summary.video_ms * found / static_cast<int64_t>(found_.size());
}

std::string RangedFilm::settings() const {
  const auto begin = std::find_if(survey_.journal.begin(), survey_.journal.end(),
                                  [](const ScanEntry& entry) { return !entry.source.settings.empty(); });
  return begin == survey_.journal.end() ? "" : begin->source.settings;
}

Result<bool> RangedFilm::NeedsOtherGeometry(const Answers& answers, const ScanModels& models) const {
  const WantedGeometry given = GivenIn(settings());
  if (given.clockwise || given.picture_aspect || given.pixel_aspect) return false;
  SourceGeometry geometry;
  geometry.set_pictures(survey_.pictures_of_source);
  for (size_t range = 0; range < ranges().size(); ++range) {
    CROSSFACE_ASSIGN_OR_RETURN(const ScanFindings findings, answers(range));
    for (const ScanEntry& entry : findings.journal) {
      for (const TrackRecord& track : entry.tracks) CROSSFACE_RETURN_IF_ERROR(geometry.Add(track));
    }
  }
  CROSSFACE_ASSIGN_OR_RETURN(const auto change, geometry.Decide(models));
  return change.has_value();
}

Result<ScanFindings> RangedFilm::Write(
    const Answers& answers, ScanSink& sink,
    const std::function<Status(const std::vector<TrackRecord>&)>& shot) const {
  ScanFindings whole = survey_;
  whole.journal.clear();
  whole.ranges.clear();
  ScanMeter cpu;
  cpu.Add(survey_.summary.cpu);
  for (const auto& range : found_) {
    whole.summary.faces += range->faces;
    whole.summary.tracks += range->tracks;
    cpu.Add(range->cpu);
    for (const auto& [name, use] : range->decoded) whole.summary.decoded[name].Add(use);
  }
  whole.summary.cpu = cpu.seconds();
  JournalWriter writer(sink);
  std::deque<ScanEntry> searched;
  size_t next_range = 0;
  int64_t faces = 0, tracks = 0;
  for (ScanEntry entry : survey_.journal) {
    if (entry.kind == Kind::kTracks) {
      if (searched.empty()) {
        CROSSFACE_ASSIGN_OR_RETURN(ScanFindings findings, answers(next_range++));
        std::move(findings.journal.begin(), findings.journal.end(), std::back_inserter(searched));
      }
      entry.tracks = std::move(searched.front().tracks);
      searched.pop_front();
      // As the survey numbers them, none has come before.
      for (TrackRecord& track : entry.tracks) {
        track.number = entry.checkpoint.next_track + tracks++;
        faces += static_cast<int64_t>(track.faces.size());
      }
      entry.checkpoint.next_track += tracks;
    }
    if (entry.kind == Kind::kComplete) {
      entry.source.faces += faces;
      entry.source.tracks += tracks;
      whole.finished = {FinishedLine(entry.source, true)};
    }
    CROSSFACE_RETURN_IF_ERROR(writer.Write(entry));
    if (entry.kind == Kind::kTracks) CROSSFACE_RETURN_IF_ERROR(shot(entry.tracks));
  }
  return whole;
}

}  // namespace crossface
