#include "crossface/select/frame_selector.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "crossface/media/read/dense_frames.h"
#include "crossface/select/picture_change.h"

namespace crossface {
namespace {

// Longest side of the grey picture that is looked at. At 160 pixels a comparison by flow takes 0.3 ms, and
// all of selection 0.16 to 0.45 ms a frame (mean over each video of data/videos, one core).
constexpr int kLongestSide = 160;

// Chosen on make_synth seed 77: the darkest 'dim' frames have 1 % of their pixels above 83, 'dark' ones (gain
// .015-.04, no face to be found) 5, 'black' 0. Checked on seed 912: no frame of 'dim' is dropped and every
// one of 'dark' and 'black'; a fade to black is dropped below a gain of about .06.
constexpr double kDarkLuma = 12;
// Blown out or fogged: a face on such a picture would have less contrast than JPEG noise.
constexpr double kFlatRange = 12;

// Thumbnails that correlate better are the same scene for sure: over 31 cuts of make_synth seed 77 and 10 of
// real footage (friends_table, hamilton_short, pf_*) the highest is .54.
constexpr double kSameSceneCorrelation = 0.92;
// Contrast that motion does not explain. Chosen on make_synth seed 77 and real footage: cuts .59 to .90;
// within shots .21 at most (shaking and whip pans of hamilton_short, people passing close to the 10 fps
// camera of no_face_one_by_one). Checked on seed 912: all 34 cuts found, no other.
constexpr double kCutUnexplained = 0.4;
// A fade through black ends a shot even when the same place comes back; a shutter blink or one damaged frame
// does not.
constexpr int64_t kFadeUs = 300'000;

// Block differences (grey levels) below are noise of the coder; 2 at most where nothing moves in
// avobjects_debate and no_face_one_by_one, 0.0 in make_synth's static shots, above 5 in nine of ten 0.2 s
// steps of every clip with a moving person.
constexpr double kStillDifference = 2;
// With larger differences flow decides, so that flicker and exposure drift stay still: pixels at
// kLongestSide. Empty rooms and people who only listen: .05-.2; GRID's speakers, sitting upright: .5 and
// more.
constexpr double kStillFlow = 0.24;
// What changes more than flicker does moves, also where it is too small for flow to follow.
constexpr double kFlickerDifference = 12;

// By number, where time stamps are too dense to be true: those of 0.2 s and 1 s at 30 frames a second.
constexpr int64_t kDenseMovingFrames = 6, kDenseStillFrames = 30;
constexpr int64_t kDensePaceUs = 33'333;

enum class Dropped { kStill, kPaced };

// Shorter ones are pauses of a movement.
constexpr int64_t kShortestStillUs = 1'000'000;

// Of one kind, as frames come that belong to it or do not.
class OpenSpan {
 public:
  bool open() const { return open_; }
  void Begin(int64_t time_us) {
    if (!open_) span_ = {time_us, time_us};
    open_ = true;
  }
  // It lasts until here at least. Time stamps may go back.
  void Reach(int64_t time_us) { span_.end_us = std::max(span_.end_us, time_us); }
  void End(int64_t shortest_us, std::vector<MarkedSpan>* spans) {
    if (open_ && span_.end_us - span_.start_us >= shortest_us) spans->push_back(span_);
    open_ = false;
  }

 private:
  bool open_ = false;
  MarkedSpan span_;
};

}  // namespace

class FrameSelector::Impl {
 public:
  Impl(const SelectOptions& options, int64_t first_shot, const SelectCounts& counts)
      : options_(options), shot_(first_shot), counts_(counts), counts_before_shot_(counts) {
    if (options.moving_interval_us < 0 || options.still_interval_us <= 0) {
      throw std::logic_error("frame selection needs a positive still interval and no negative moving one");
    }
  }

  Result<std::vector<KeptFrame>> Push(const Frame& frame) {
    CROSSFACE_ASSIGN_OR_RETURN(cv::Mat grey, frame.picture->Luma(kLongestSide));
    if (shot_first_frame_ < 0) shot_first_frame_ = frame.index;
    FollowPace(frame);
    std::vector<KeptFrame> kept;
    const LumaStatistics luma = MeasureLuma(grey);
    if (luma.bright < kDarkLuma || luma.range < kFlatRange) {
      ++counts_.decoded;
      ++counts_.dark;
      still_span_.End(kShortestStillUs, &marks_.still);
      dark_.Begin(frame.time_us);
      dark_.Reach(frame.time_us);
      return kept;
    }
    dark_.Reach(frame.time_us);
    dark_.End(0, &marks_.dark);
    Usable current{frame, std::move(grey), {}, luma.mean, pace_us_};
    current.thumbnail = MakeThumbnail(current.grey);
    const bool cut = last_ && IsCut(*last_, current);
    if (cut || (last_ && (frame.time_us - shot_begin_us_ >= options_.longest_shot_us ||
                          frame.index - shot_begin_frame_ >= options_.longest_shot_frames))) {
      kept = Finish();
      counts_.cuts += cut;
      if (cut) marks_.cuts_us.push_back(frame.time_us);
      BeginShot(frame);
      current.pace_us = pace_us_;
    }
    ++counts_.decoded;
    if (!anchor_) {
      shot_begin_us_ = frame.time_us;
      shot_begin_frame_ = frame.index;
      Keep(std::move(current), 0, &kept);
    } else {
      Consider(std::move(current), &kept);
    }
    return kept;
  }

  std::vector<KeptFrame> Finish() {
    std::vector<KeptFrame> kept;
    if (!last_ || !last_dropped_) return kept;
    --(*last_dropped_ == Dropped::kStill ? counts_.still : counts_.paced);
    const double flow = comparer_.Compare(anchor_->grey, last_->grey).mean;
    Usable frame = *last_;
    Keep(std::move(frame), flow, &kept);
    return kept;
  }

  const SelectCounts& counts() const { return counts_; }
  int64_t shot() const { return shot_; }
  int64_t shot_first_frame() const { return std::max<int64_t>(0, shot_first_frame_); }
  const SelectCounts& counts_before_shot() const { return counts_before_shot_; }
  SourceMarks TakeMarks() { return std::exchange(told_, {}); }

  // What comes belongs to another shot, or nothing comes.
  void EndMarks() {
    dark_.End(0, &marks_.dark);
    still_span_.End(kShortestStillUs, &marks_.still);
    const auto move = [](auto& from, auto& to) { to.insert(to.end(), from.begin(), from.end()); };
    move(marks_.cuts_us, told_.cuts_us);
    move(marks_.dark, told_.dark);
    move(marks_.still, told_.still);
    marks_ = {};
  }

 private:
  struct Usable {
    Frame frame;
    cv::Mat grey, thumbnail;
    double brightness = 0;
    int64_t pace_us = 0;
  };
  struct Anchor {  // the last kept frame of the shot
    cv::Mat grey;
    int64_t time_us = 0, frame = 0;
  };

  // Whether time stamps are too dense, of the frames of this shot alone: a scan may begin with it.
  void FollowPace(const Frame& frame) {
    if (frame.index > shot_first_frame_) {
      is_dense_ = dense_.Push(frame.time_us);
      pace_us_ += is_dense_ ? kDensePaceUs : frame.time_us - last_time_us_;
    } else {
      BeginPace(frame);
    }
    last_time_us_ = frame.time_us;
  }

  void BeginPace(const Frame& first) {
    pace_us_ = first.time_us;
    is_dense_ = false;
    dense_.Clear();
    dense_.Push(first.time_us);
  }

  bool IsDue(const Frame& frame) const {
    const int64_t frames = is_dense_ ? std::min(kDenseMovingFrames, options_.moving_interval_frames)
                                     : options_.moving_interval_frames;
    return frame.time_us >= next_sample_us_ || frame.index - sampled_frame_ >= frames;
  }

  // A still picture is looked at again all the same.
  bool IsOverdue(const Frame& frame) const {
    const int64_t frames = is_dense_ ? std::min(kDenseStillFrames, options_.still_interval_frames)
                                     : options_.still_interval_frames;
    return frame.time_us - anchor_->time_us >= options_.still_interval_us ||
           frame.index - anchor_->frame >= frames;
  }

  bool IsCut(const Usable& before, const Usable& now) {
    if (before.grey.size() != now.grey.size()) return true;
    if (now.frame.index > before.frame.index + 1 && now.frame.time_us - before.frame.time_us > kFadeUs)
      return true;
    if (ThumbnailCorrelation(before.thumbnail, now.thumbnail) > kSameSceneCorrelation) return false;
    return comparer_.Compare(before.grey, now.grey).unexplained > kCutUnexplained;
  }

  void BeginShot(const Frame& first) {
    EndMarks();
    ++shot_;
    shot_first_frame_ = first.index;
    BeginPace(first);
    counts_before_shot_ = counts_;
    last_.reset();
    anchor_.reset();
    still_ = false;
  }

  // The sampling times of a shot are multiples of the interval from its first frame.
  int64_t NextSample(int64_t time_us) const {
    if (options_.moving_interval_us == 0) return time_us;
    const int64_t steps = (time_us - shot_begin_us_) / options_.moving_interval_us;
    return shot_begin_us_ + (steps + 1) * options_.moving_interval_us;
  }

  void Consider(Usable current, std::vector<KeptFrame>* kept) {
    const double difference = LargestBlockDifference(anchor_->grey, current.grey);
    if (!IsDue(current.frame)) {
      // Between two samples the one before tells whether small differences are flicker: flow for every frame
      // costs too much.
      const double limit = still_ ? kFlickerDifference : kStillDifference;
      MarkStillness(current.frame, difference < limit);
      Drop(std::move(current), difference < limit ? Dropped::kStill : Dropped::kPaced);
      return;
    }
    next_sample_us_ = NextSample(current.frame.time_us);
    sampled_frame_ = current.frame.index;
    PictureMotion motion;
    still_ = difference < kStillDifference;
    if (!still_) {
      motion = comparer_.Compare(anchor_->grey, current.grey);
      still_ = motion.largest < kStillFlow && difference < kFlickerDifference;
    }
    MarkStillness(current.frame, still_);
    if (still_ && !IsOverdue(current.frame)) {
      Drop(std::move(current), Dropped::kStill);
    } else {
      Keep(std::move(current), motion.mean, kept);
    }
  }

  void MarkStillness(const Frame& frame, bool still) {
    if (!still) {
      still_span_.End(kShortestStillUs, &marks_.still);
      return;
    }
    still_span_.Begin(last_dropped_ == Dropped::kPaced ? frame.time_us : last_->frame.time_us);
    still_span_.Reach(frame.time_us);
  }

  void Drop(Usable current, Dropped reason) {
    ++(reason == Dropped::kStill ? counts_.still : counts_.paced);
    last_ = std::move(current);
    last_dropped_ = reason;
  }

  // `flow`: mean length since the anchor, in pixels.
  void Keep(Usable current, double flow, std::vector<KeptFrame>* kept) {
    ++counts_.kept;
    const double seconds = anchor_ ? static_cast<double>(current.frame.time_us - anchor_->time_us) / 1e6 : 0;
    const int longest = std::max(current.grey.cols, current.grey.rows);
    kept->push_back({.frame = current.frame,
                     .shot = shot_,
                     .pace_us = current.pace_us,
                     .grey = current.grey,
                     .brightness = current.brightness,
                     .motion = seconds > 0 ? flow / longest / seconds : 0});
    anchor_ = Anchor{current.grey, current.frame.time_us, current.frame.index};
    next_sample_us_ = NextSample(current.frame.time_us);
    sampled_frame_ = current.frame.index;
    last_ = std::move(current);
    last_dropped_.reset();
  }

  const SelectOptions options_;
  int64_t shot_;
  int64_t shot_first_frame_ = -1;
  int64_t shot_begin_us_ = 0;  // time of the shot's first usable frame
  int64_t shot_begin_frame_ = 0;
  int64_t next_sample_us_ = 0, sampled_frame_ = 0;  // the next by time; the last
  int64_t last_time_us_ = 0, pace_us_ = 0;          // of the last frame
  DenseFrames dense_;
  bool is_dense_ = false;  // at the last frame
  bool still_ = false;     // at the last sampling time
  SelectCounts counts_, counts_before_shot_;
  std::optional<Anchor> anchor_;
  std::optional<Usable> last_;           // the last usable frame of the shot
  std::optional<Dropped> last_dropped_;  // why it was not kept; nothing when it was
  PictureComparer comparer_;
  OpenSpan dark_, still_span_;
  SourceMarks marks_, told_;  // of this shot so far; of shots before it
};

FrameSelector::FrameSelector(const SelectOptions& options, int64_t first_shot, const SelectCounts& counts)
    : impl_(std::make_unique<Impl>(options, first_shot, counts)) {}
FrameSelector::~FrameSelector() = default;

Result<std::vector<KeptFrame>> FrameSelector::Push(const Frame& frame) { return impl_->Push(frame); }
std::vector<KeptFrame> FrameSelector::Finish() {
  impl_->EndMarks();
  return impl_->Finish();
}
const SelectCounts& FrameSelector::counts() const { return impl_->counts(); }
int64_t FrameSelector::shot() const { return impl_->shot(); }
int64_t FrameSelector::shot_first_frame() const { return impl_->shot_first_frame(); }
const SelectCounts& FrameSelector::counts_before_shot() const { return impl_->counts_before_shot(); }
SourceMarks FrameSelector::TakeMarks() { return impl_->TakeMarks(); }

}  // namespace crossface
