#include "crossface/scan/frame_looks.h"

#include <utility>

#include "crossface/util/wait.h"

namespace crossface {
namespace {

// Large frames are searched at full resolution this often: small faces in a crowd stay, and every time would
// cost too much.
constexpr int64_t kThoroughIntervalUs = 1'000'000;
// And after so many kept frames, where time stamps say too little; at 5 kept a second time comes first.
constexpr int64_t kThoroughIntervalKept = 10;

// Two looks at the whole with a frame between them are this far apart at most: who stays for half a second is
// met.
constexpr int64_t kMostBetweenUs = 500'000;

// Below, a face needs FaceFinder::Confirm.
constexpr float kSureScore = 0.5f;

void NoteFaces(const SearchedFrame& searched, FacesAt* at) {
  for (const FoundFace& face : searched.faces) {
    const Detection& seen = face.record.detection;
    at->faces.push_back({seen.box, seen.score >= kSureScore});
  }
}

Status Stopped() { return Status(StatusCode::kInterrupted, "stopped"); }

}  // namespace

FrameLooks::FrameLooks(const ScanModels& models, const cv::Size& frame, bool exhaustive, ThreadPool& pool,
                       const std::stop_token& stop, const RunStop& tasks, ScanMeter* meter)
    : models_(models),
      frame_(frame),
      tiles_(FaceFinder::Tiles(frame)),
      exhaustive_(exhaustive),
      pool_(pool),
      stop_(stop),
      tasks_(tasks),
      meter_(meter) {}

FrameLooks::~FrameLooks() {
  for (const Look& look : window_) {
    if (look.searched.valid()) look.searched.wait();
  }
}

void FrameLooks::Add(KeptFrame frame) {
  const bool thorough = IsThoroughDue(frame);
  const bool is_near = IsNearLastWhole(frame), closes = is_near && waiting_;
  if (closes) window_.emplace_back().waits = std::exchange(waiting_, {});
  Finish();
  if (is_near && !closes && !thorough) {
    waiting_ = std::move(frame);
  } else {
    LookAtWhole(std::move(frame), thorough);
  }
  StartLooks();
}

void FrameLooks::Finish() {
  if (waiting_) LookAtWhole(*std::exchange(waiting_, {}), false);
}

Result<SearchedFrame> FrameLooks::TakeOldest() {
  StartLooks();
  if (window_.front().waits) {
    if (!WaitUnlessStopped(window_[1].searched, stop_)) return Stopped();
    StartLooks();
  }
  if (!WaitUnlessStopped(window_.front().searched, stop_)) return Stopped();
  // Out of the window first: what the task has thrown comes out of get(), which leaves nothing to wait for.
  Look oldest = std::move(window_.front());
  window_.pop_front();
  if (oldest.found) last_taken_ = oldest.found;
  return oldest.searched.get();
}

bool FrameLooks::IsThoroughDue(const KeptFrame& frame) {
  const bool due = frame.shot != last_thorough_shot_ || frame.frame.time_us >= next_thorough_us_ ||
                   ++kept_since_thorough_ >= kThoroughIntervalKept;
  if (!due) return false;
  last_thorough_shot_ = frame.shot;
  kept_since_thorough_ = 0;
  next_thorough_us_ = frame.frame.time_us + kThoroughIntervalUs;
  return true;
}

bool FrameLooks::IsNearLastWhole(const KeptFrame& frame) const {
  return !exhaustive_ && frame.shot == last_whole_shot_ && frame.pace_us > last_whole_us_ &&
         frame.pace_us - last_whole_us_ <= kMostBetweenUs;
}

void FrameLooks::LookAtWhole(KeptFrame frame, bool thorough) {
  Look& look = window_.emplace_back();
  look.found = std::make_shared<Whole>();
  look.found->faces.time_us = frame.pace_us;
  look.found->grey = frame.frame.picture->Upright(frame.grey);
  if (thorough && !tiles_.empty()) {
    if (frame.shot != last_whole_shot_) {
      tile_memory_.Forget();
      last_thorough_ = nullptr;
    }
    look.tiles = tile_memory_.Changed(look.found->grey, tiles_, frame_);
    look.before = look.tiles.size() < tiles_.size() ? last_thorough_ : nullptr;
    last_thorough_ = look.found;
  }
  last_whole_shot_ = frame.shot;
  last_whole_us_ = frame.pace_us;
  look.waits = std::move(frame);
}

// Those of which all is done that decides where to look. Behind one between others stands a look at the
// whole, and what a look waits for stands before it.
void FrameLooks::StartLooks() {
  const auto is_done = [](const std::shared_ptr<const Whole>& whole) {
    return whole != nullptr && whole->done.load(std::memory_order_acquire);
  };
  std::shared_ptr<const Whole> before = last_taken_;
  for (size_t i = 0; i < window_.size(); ++i) {
    Look& look = window_[i];
    if (look.found) before = look.found;
    if (!look.waits) continue;
    Plan plan;
    if (look.found) {
      if (look.before && !is_done(look.before)) continue;
      plan.tiles = std::move(look.tiles);
      if (look.before)
        for (const FacesAt::Face& face : look.before->faces.faces) plan.known.push_back(face.box);
      look.before = nullptr;
    } else {
      const std::shared_ptr<Whole>& after = window_[i + 1].found;
      if (!is_done(before) || !is_done(after)) continue;
      plan.expected = ExpectedFaces(before->faces, after->faces, look.waits->pace_us);
      plan.before = before->grey;
      plan.after = after->grey;
    }
    look.searched = Submit(*std::exchange(look.waits, {}), std::move(plan), look.found);
  }
}

std::future<Result<SearchedFrame>> FrameLooks::Submit(KeptFrame frame, Plan plan,
                                                      std::shared_ptr<Whole> found) {
  NoteWaiting(1);
  return pool_.Submit([this, frame = std::move(frame), plan = std::move(plan), found = std::move(found)] {
    NoteWaiting(-1);
    const DoneAtEnd done(found.get());
    if (tasks_.stopped()) return Result<SearchedFrame>(Stopped());
    const RunStop::Scope scope(tasks_);
    auto searched = Search(frame, plan);
    if (found && searched.ok()) NoteFaces(*searched, &found->faces);
    return searched;
  });
}

Result<SearchedFrame> FrameLooks::Search(const KeptFrame& frame, const Plan& plan) const {
  const auto colours = [&] {
    const StageTimer timer(meter_, ScanMeter::kDecode);
    return frame.frame.picture->Bgr();
  };
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, colours());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> faces, FindFaces(bgr, frame, plan));
  const StageTimer timer(meter_, ScanMeter::kTrack);
  SearchedFrame searched{.shot = frame.shot, .pace_us = frame.pace_us, .faces = {}};
  for (const Detection& face : faces) searched.faces.push_back(DescribeFace(bgr, frame, face));
  return searched;
}

Result<std::vector<Detection>> FrameLooks::FindFaces(const cv::Mat& bgr, const KeptFrame& frame,
                                                     const Plan& plan) const {
  const StageTimer timer(meter_, ScanMeter::kDetect);
  ProcessorTimes* const looks = LooksOf(meter_);
  if (exhaustive_) return models_.finder->FindWithAll(bgr, looks);
  const bool near =
      plan.expected && !ShowsSomethingElse(plan.before, frame.frame.picture->Upright(frame.grey), plan.after,
                                           *plan.expected, bgr.size());
  return near ? models_.finder->FindNear(bgr, *plan.expected, looks)
              : models_.finder->FindChanged(bgr, plan.tiles, plan.known, looks);
}

void FrameLooks::NoteWaiting(int64_t by) const {
  if (meter_ != nullptr) meter_->Wait(ScanMeter::kFrames, by);
}

}  // namespace crossface
