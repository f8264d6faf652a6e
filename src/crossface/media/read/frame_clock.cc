#include "crossface/media/read/frame_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "crossface/media/read/frame.h"
#include "crossface/util/time.h"

extern "C" {
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

// Frames that a decoder gives out of order step back by a few frames. Further back, and for good, is a clock
// that was set back.
constexpr int64_t kHeldUs = 400'000, kHeldFrames = 2;

// A step ahead of more than this, and of more than some frames, may be a stray's.
constexpr int64_t kLongStepUs = 1'000'000;
constexpr int64_t kLongStepFrames = 4;

// Time stamps further apart than this are damaged; keeping below it keeps the sums below within 64 bits.
constexpr int64_t kLongestUs = INT64_MAX / 4;

constexpr size_t kMostWaiting = 16;

// Strays end where a stamp goes on from before them: after at most two usual steps a frame and this, or where
// they themselves are far off, after a tenth of that, but at most a minute.
constexpr int64_t kReturnSlackUs = 500'000, kLongestReturnUs = 60'000'000;

// At an end of the recording nothing comes back from where the strays are. One or two frames are taken for
// strays there when they are this far from a run of this many frames without any jump.
constexpr int64_t kFarFromEndUs = 60'000'000;
constexpr size_t kMostAtEnd = 2;
constexpr int64_t kSteadyFrames = 4;

// Shorter gaps are usual in recordings that leave out what does not move; they are kept without a word.
constexpr int64_t kToldGapUs = 10'000'000;
constexpr int64_t kToldGapFrames = 20;
constexpr size_t kToldJumps = 3;

std::string Frames(int64_t count) { return fmt::format("{} frame{}", count, count == 1 ? "" : "s"); }

std::string Time(int64_t us) { return Timecode((us + 500) / 1000); }

}  // namespace

FrameClock::FrameClock(int tick_num, int tick_den, int64_t frame_us, int64_t wrap_ticks)
    : tick_num_(tick_num),
      tick_den_(tick_den),
      frame_us_(std::max<int64_t>(frame_us, 1)),
      frame_ticks_(tick_num > 0 && tick_den > 0 ? std::max<int64_t>(ToTicks(frame_us_), 1) : 1),
      wrap_ticks_(wrap_ticks),
      longest_step_us_(std::max(kLongStepUs, kLongStepFrames * frame_us_)),
      held_us_(std::max(kHeldUs, kHeldFrames * frame_us_)),
      most_waiting_(kMostWaiting) {
  if (tick_num <= 0 || tick_den <= 0 || wrap_ticks < 0)
    throw std::logic_error("FrameClock needs a positive tick");
}

void FrameClock::set_most_waiting(size_t frames) {
  most_waiting_ = std::clamp<size_t>(frames, 2, kMostWaiting);
}

int64_t FrameClock::ToUs(int64_t ticks) const {
  return std::clamp(av_rescale_q(ticks, {tick_num_, tick_den_}, {1, 1'000'000}), -kLongestUs, kLongestUs);
}

int64_t FrameClock::ToTicks(int64_t us) const {
  return av_rescale_q(us, {1, 1'000'000}, {tick_num_, tick_den_});
}

bool FrameClock::IsSteady(int64_t step_us) const {
  return step_us >= -held_us_ && step_us <= longest_step_us_;
}

// The stamp as it would be had the counter not begun anew.
int64_t FrameClock::Unwrapped(int64_t pts) {
  int64_t stamp = av_sat_add64(pts, wrapped_);
  if (wrap_ticks_ == 0 || !any_) return stamp;
  const auto goes_on = [&](int64_t candidate) {
    return IsSteady(ToUs(av_sat_sub64(candidate, newest_))) ||
           IsSteady(ToUs(av_sat_sub64(candidate, settled_)));
  };
  if (goes_on(stamp)) return stamp;
  for (const int64_t turn : {wrap_ticks_, -wrap_ticks_}) {
    if (!goes_on(av_sat_add64(stamp, turn))) continue;
    wrapped_ += turn;
    return stamp + turn;
  }
  // libav takes a stamp far below the first one for one of a counter that began anew. Where it does not go on
  // from the last it is what it was: far below.
  return stamp >= wrap_ticks_ && settled_ < wrap_ticks_ ? stamp - wrap_ticks_ : stamp;
}

void FrameClock::Push(std::optional<int64_t> pts) {
  newest_ = pts ? Unwrapped(*pts) : any_ ? av_sat_add64(newest_, frame_ticks_) : 0;
  if (!any_) settled_ = newest_;
  any_ = true;
  waiting_.push_back({newest_, pts.value_or(av_sat_sub64(newest_, wrapped_))});
  Settle();
}

void FrameClock::Finish() {
  finished_ = true;
  Settle();
}

std::optional<FrameClock::Stamp> FrameClock::Pop() {
  if (ready_.empty()) return std::nullopt;
  const Stamp stamp = ready_.front();
  ready_.pop_front();
  return stamp;
}

// When the frame would come if all stamps were right.
int64_t FrameClock::LineTime(size_t waiting) const {
  return ToUs(av_sat_sub64(waiting_[waiting].line, origin_)) + shift_us_;
}

bool FrameClock::IsSteadyFrom(size_t begin, size_t end) const {
  for (size_t i = begin + 1; i < end; ++i) {
    if (!IsSteady(LineTime(i) - LineTime(i - 1))) return false;
  }
  return true;
}

// The first waiting frame after `begin` that goes on from `last_us`, having come there by a jump; 0 when none
// does.
size_t FrameClock::FindReturn(size_t begin, int64_t last_us) const {
  const int64_t excursion = std::abs(LineTime(begin) - last_us);
  const bool behind = LineTime(begin) < last_us;
  for (size_t i = begin + 1; i < waiting_.size(); ++i) {
    const int64_t usual = 2 * static_cast<int64_t>(i - begin + 1) * frame_us_ + kReturnSlackUs;
    const int64_t latest = last_us + std::max(usual, std::min(excursion / 10, kLongestReturnUs));
    const int64_t time = LineTime(i), step = time - LineTime(i - 1);
    const bool jump = !IsSteady(step) || (behind && step > held_us_);
    if (jump && time > last_us - held_us_ && time <= latest) return i;
  }
  return 0;
}

void FrameClock::Settle() {
  while (!waiting_.empty()) {
    if (!started_) {
      if (!Begin()) return;
      continue;
    }
    const int64_t time = LineTime(0);
    if (IsSteady(time - last_us_)) {
      ++steady_frames_;
      Emit(time, false);
    } else if (!SettleJump()) {
      return;
    }
  }
}

// Finds the stamp of time 0, and the first frames' times. False while that needs to see more frames.
bool FrameClock::Begin() {
  origin_ = waiting_[0].line;
  const size_t count = waiting_.size();
  if (count <= kMostAtEnd && !finished_) return false;
  size_t leading = 1;
  while (leading < count && IsSteady(LineTime(leading) - LineTime(leading - 1))) ++leading;
  started_ = true;
  if (leading > kMostAtEnd || leading == count || FindReturn(leading, LineTime(leading - 1)) != 0) {
    Emit(0, false);
    return true;
  }
  if (count < most_waiting_ && !finished_) {
    started_ = false;
    return false;
  }
  const int64_t jump = LineTime(leading) - LineTime(leading - 1);
  const bool alone = static_cast<int64_t>(count - leading) >= kSteadyFrames && IsSteadyFrom(leading, count);
  if (!alone || std::abs(jump) < kFarFromEndUs) {
    Emit(0, false);
    return true;
  }
  strays_.Add(frame_us_ - jump, 0);
  strays_.count += static_cast<int64_t>(leading) - 1;
  shift_us_ = static_cast<int64_t>(leading) * frame_us_;
  origin_ = waiting_[leading].line;
  for (size_t i = 0; i < leading; ++i) Emit(static_cast<int64_t>(i) * frame_us_, true);
  return true;
}

// The oldest waiting frame's stamp jumps. False while it cannot be told for how long.
bool FrameClock::SettleJump() {
  const int64_t jump = LineTime(0) - last_us_;
  if (const size_t back = FindReturn(0, last_us_); back != 0) {
    EmitStrays(back, std::max(LineTime(back), last_us_));
    return true;
  }
  if (waiting_.size() < most_waiting_ && !finished_) return false;
  if (finished_ && waiting_.size() <= kMostAtEnd && steady_frames_ >= kSteadyFrames &&
      std::abs(jump) >= kFarFromEndUs) {
    EmitStrays(waiting_.size(), last_us_ + static_cast<int64_t>(waiting_.size() + 1) * frame_us_);
    return true;
  }
  steady_frames_ = 0;
  if (jump > 0) {
    if (jump >= std::max(kToldGapUs, kToldGapFrames * frame_us_)) ahead_.Add(jump - frame_us_, last_us_);
    Emit(LineTime(0), false);
  } else {
    back_.Add(frame_us_ - jump, last_us_);
    shift_us_ += frame_us_ - jump;
    Emit(last_us_ + frame_us_, false);
  }
  return true;
}

// Places the oldest waiting frames evenly before `next_us`.
void FrameClock::EmitStrays(size_t count, int64_t next_us) {
  const int64_t begin = last_us_, length = next_us - last_us_;
  const int64_t place = begin + length / static_cast<int64_t>(count + 1);
  strays_.Add(LineTime(0) - place, place);
  strays_.count += static_cast<int64_t>(count) - 1;
  for (size_t i = 1; i <= count; ++i)
    Emit(begin + length * static_cast<int64_t>(i) / static_cast<int64_t>(count + 1), true);
}

void FrameClock::Emit(int64_t time_us, bool stray) {
  const Waiting frame = waiting_.front();
  waiting_.pop_front();
  const int64_t time = std::clamp(time_us, last_us_, kLongestUs);
  int64_t pts = frame.given;
  if (stray) {
    pts = av_sat_sub64(av_sat_add64(origin_, ToTicks(time - shift_us_)), wrapped_);
  } else {
    settled_ = frame.line;
  }
  CountDense(time);
  last_us_ = time;
  ready_.push_back({pts, time});
}

void FrameClock::CountDense(int64_t time_us) {
  const bool before = std::exchange(is_dense_, dense_.Push(time_us));
  if (is_dense_ && dense_frames_ == 0) dense_at_us_ = dense_.begin_us();
  if (is_dense_) dense_frames_ += before ? 1 : kDenseRun;
}

void FrameClock::Jumps::Add(int64_t by_us, int64_t at_us) {
  ++count;
  total_us += std::min(std::abs(by_us), kLongestUs - std::min(total_us, kLongestUs));
  if (first.size() < kToldJumps) first.push_back({by_us, at_us});
}

// "ahead 2 times: by 00:10:00.000 at 00:00:02.960, by ..."
std::string FrameClock::Told(const Jumps& jumps, const char* direction) {
  std::string text =
      fmt::format("time stamps jump {} {} time{}:", direction, jumps.count, jumps.count == 1 ? "" : "s");
  for (size_t i = 0; i < jumps.first.size(); ++i)
    text += fmt::format("{} by {} at {}", i == 0 ? "" : ",", Time(jumps.first[i].by_us),
                        Time(jumps.first[i].at_us));
  if (jumps.count > static_cast<int64_t>(jumps.first.size()))
    text += fmt::format(" ..., by {} in all", Time(jumps.total_us));
  return text;
}

std::vector<std::string> FrameClock::Notes() const {
  std::vector<std::string> notes;
  if (strays_.count > 0) {
    const Jump& first = strays_.first.front();
    notes.push_back(fmt::format(
        "the time stamp{} of {} {} far from those around, {}{} {} at {}; {} placed between them",
        strays_.count == 1 ? "" : "s", Frames(strays_.count), strays_.count == 1 ? "is" : "are",
        strays_.count == 1 ? "" : "the first ", Time(std::abs(first.by_us)),
        first.by_us < 0 ? "behind" : "ahead", Time(first.at_us), strays_.count == 1 ? "it is" : "they are"));
  }
  if (back_.count > 0) notes.push_back(Told(back_, "back") + "; times go on from the frame before");
  if (ahead_.count > 0) notes.push_back(Told(ahead_, "ahead") + "; the gap is kept");
  if (dense_frames_ > 0) {
    notes.push_back(
        fmt::format("{} from {} on have the same time stamps, or ones too close to be true (less than 1/{} s "
                    "apart): they are chosen by their number, and their times say little",
                    Frames(dense_frames_), Time(dense_at_us_), 1'000'000 / kDensestFrameUs));
  }
  return notes;
}

void StampChooser::Count(Line& line, int64_t stamp) const {
  if (line.last && stamp <= *line.last && av_sat_sub64(*line.last, stamp) <= far_) ++line.faults;
  line.last = stamp;
}

std::optional<int64_t> StampChooser::Choose(std::optional<int64_t> pts, std::optional<int64_t> dts) {
  if (dts) {
    Count(dts_, *dts);
  } else if (pts) {
    dts_.last = pts;
  }
  if (pts) {
    Count(pts_, *pts);
  } else if (dts) {
    pts_.last = dts;
  }
  return pts && (!dts || pts_.faults <= dts_.faults) ? pts : dts;
}

}  // namespace crossface
