#include "crossface/scan/source_survey.h"

#include <algorithm>
#include <utility>

#include "crossface/scan/source_scanner.h"

namespace crossface {
namespace {

// What is shorter makes one range and a rest.
constexpr int64_t kFewestRanges = 2;

bool IsInterrupted(const Status& status) { return status.code() == StatusCode::kInterrupted; }

}  // namespace

bool SourceSurvey::Wants(const SourceInfo& info) const {
  return !given_up_ && info.duration_ms >= kFewestRanges * range_us_ / 1000;
}

void SourceSurvey::Begin(const ScanCheckpoint& from) {
  marked_ = true;
  kept_.clear();
  ranges_.clear();
  shots_ = {{.begin = from}};
}

void SourceSurvey::Add(const Frame& kept) {
  const auto mark = MarkOf(kept);
  marked_ = marked_ && mark.ok();
  if (marked_) kept_.push_back({*mark, kept.time_us});
}

// A shot is told of after some frames of those behind it.
void SourceSurvey::Add(const ScanCheckpoint& after) {
  const auto first =
      std::lower_bound(kept_.begin(), kept_.end(), after.next_frame,
                       [](const Kept& kept, int64_t frame) { return kept.mark.frame < frame; });
  shots_.push_back({after, static_cast<size_t>(first - kept_.begin())});
}

void SourceSurvey::GiveUp() {
  given_up_ = true;
  Begin({});
}

Result<bool> SourceSurvey::Divide(const std::filesystem::path& path, const ReaderOptions& options,
                                  const SourceInfo& info, const ScanOutcome& outcome,
                                  const std::string& sha256) {
  const TimeBase times{outcome.first_pts, info.time_base_num, info.time_base_den};
  std::vector<Shot> begins;
  std::vector<bool> seeks;
  if (IsUsual(info, outcome, times)) {
    int64_t part = 0;
    for (size_t i = 0; i + 1 < shots_.size(); ++i) {
      const Shot& shot = shots_[i];
      const int64_t in_part = shot.first_kept < kept_.size() ? kept_[shot.first_kept].time_us / range_us_ : 0;
      if (i > 0 && in_part == part) continue;
      CROSSFACE_ASSIGN_OR_RETURN(const bool can_begin, CanBegin(path, options, shot, times));
      if (i > 0 && !can_begin) continue;
      part = in_part;
      begins.push_back(shot);
      seeks.push_back(can_begin);
    }
  }
  if (begins.size() < 2) {
    GiveUp();
    return false;
  }
  begins.push_back(shots_.back());
  for (size_t i = 0; i + 1 < begins.size(); ++i) {
    ScanRange range{.sha256 = sha256, .frames = {}, .from = begins[i].begin};
    range.frames = FramesOf(begins[i], begins[i + 1].first_kept, begins[i + 1].begin.next_frame, times);
    range.frames.seeks = seeks[i];
    range.from.next_track = 0;
    ranges_.push_back(std::move(range));
  }
  return true;
}

bool SourceSurvey::IsUsual(const SourceInfo& info, const ScanOutcome& outcome, const TimeBase& times) const {
  if (!marked_ || !outcome.damage.ok() || !outcome.notes.empty() || !info.geometry_notes.empty())
    return false;
  for (size_t i = 0; i < kept_.size(); ++i) {
    const FrameMark& mark = kept_[i].mark;
    if (i > 0 && mark.pts <= kept_[i - 1].mark.pts) return false;
    if (!TimeFollows({.pts = mark.pts, .time_us = kept_[i].time_us}, times)) return false;
  }
  return true;
}

Result<bool> SourceSurvey::CanBegin(const std::filesystem::path& path, const ReaderOptions& options,
                                    const Shot& shot, const TimeBase& times) const {
  // Before a mark nothing can be found.
  const bool marked = shot.first_kept < kept_.size() &&
                      kept_[shot.first_kept].mark.frame == shot.begin.next_frame && shot.begin.next_frame > 0;
  if (!marked) return false;
  const FrameRange first = FramesOf(shot, shot.first_kept + 1, shot.begin.next_frame + 1, times);
  const auto reader = OpenRange(path, options, first);
  if (IsInterrupted(reader.status())) return reader.status();
  if (!reader.ok()) return false;
  const auto frame = (*reader)->Next();
  if (IsInterrupted(frame.status())) return frame.status();
  return frame.ok() && frame->has_value();
}

FrameRange SourceSurvey::FramesOf(const Shot& shot, size_t end_kept, int64_t end_frame,
                                  const TimeBase& times) const {
  FrameRange frames{.begin = shot.begin.next_frame, .end = end_frame, .times = times, .seeks = true};
  for (size_t i = shot.first_kept; i < end_kept; ++i) frames.marks.push_back(kept_[i].mark);
  return frames;
}

}  // namespace crossface
