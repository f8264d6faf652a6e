// Searches the kept frames of one source for faces: on a pool of threads, several at once, with results in
// the frames' order. Every second frame, where it is within half a second of both neighbours, is looked at
// only where these have faces, unless one of these comes or goes, or the frame shows something that neither
// of them does; the others as a whole, and once a second at full resolution too: all of it where a shot
// begins, then those tiles that have changed since, and around faces in others. What is found depends on the
// frames alone, not on the number of threads.
//
// Not thread-safe. Keeps references to what it is given; its tasks end before it does.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "crossface/inference/engine/session.h"
#include "crossface/scan/expected_faces.h"
#include "crossface/scan/scan_meter.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/scan/tile_memory.h"
#include "crossface/scan/track_builder.h"
#include "crossface/select/frame_selector.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

struct SearchedFrame {
  int64_t shot = 0, pace_us = 0;
  std::vector<FoundFace> faces;
};

class FrameLooks {
 public:
  // `frame`: size of all frames, pixels. `exhaustive`: everything everywhere. `stop`: ends waiting, with
  // kInterrupted. `tasks`: ends what runs. `meter`: null where nobody measures.
  FrameLooks(const ScanModels& models, const cv::Size& frame, bool exhaustive, ThreadPool& pool,
             const std::stop_token& stop, const RunStop& tasks, ScanMeter* meter);
  ~FrameLooks();
  FrameLooks(const FrameLooks&) = delete;
  FrameLooks& operator=(const FrameLooks&) = delete;

  // In order. The last one may wait for the next, or for Finish().
  void Add(KeptFrame frame);
  // There are no more.
  void Finish();

  // Of frames that are searched, or wait in line, not of one that waits for the next.
  bool empty() const { return window_.empty(); }
  // As many as keep the threads busy, however many there are now.
  bool full() const { return window_.size() >= static_cast<size_t>(pool_.size()) * 2 + 2; }
  // Waits for the oldest. REQUIRES: !empty(). Errors: kInterrupted, those of the nets and of the frame's
  // picture; throws what the search has thrown.
  Result<SearchedFrame> TakeOldest();

 private:
  // How a frame is to be searched: as a whole, with these tiles and around these faces, or only where faces
  // are expected, unless it shows something else than its neighbours, whose small pictures these are.
  struct Plan {
    std::vector<cv::Rect> tiles;
    std::vector<cv::Rect2f> known;
    std::optional<std::vector<cv::Rect2f>> expected;
    cv::Mat before, after;
  };
  // What a look at the whole finds.
  struct Whole {
    FacesAt faces;
    cv::Mat grey;                    // upright
    std::atomic<bool> done = false;  // or failed
  };
  class DoneAtEnd {
   public:
    explicit DoneAtEnd(Whole* whole) : whole_(whole) {}
    ~DoneAtEnd() {
      if (whole_ != nullptr) whole_->done.store(true, std::memory_order_release);
    }
    DoneAtEnd(const DoneAtEnd&) = delete;
    DoneAtEnd& operator=(const DoneAtEnd&) = delete;

   private:
    Whole* const whole_;
  };
  struct Look {
    std::optional<KeptFrame> waits;       // for what decides how it is searched
    std::shared_ptr<Whole> found;         // of a look at the whole
    std::vector<cv::Rect> tiles;          // to look at
    std::shared_ptr<const Whole> before;  // whose faces may be in other tiles; null: there are none
    std::future<Result<SearchedFrame>> searched;
  };

  bool IsThoroughDue(const KeptFrame& frame);
  bool IsNearLastWhole(const KeptFrame& frame) const;
  void LookAtWhole(KeptFrame frame, bool thorough);
  void StartLooks();
  std::future<Result<SearchedFrame>> Submit(KeptFrame frame, Plan plan, std::shared_ptr<Whole> found);
  Result<SearchedFrame> Search(const KeptFrame& frame, const Plan& plan) const;
  Result<std::vector<Detection>> FindFaces(const cv::Mat& bgr, const KeptFrame& frame,
                                           const Plan& plan) const;
  void NoteWaiting(int64_t by) const;

  const ScanModels& models_;
  const cv::Size frame_;
  const std::vector<cv::Rect> tiles_;  // all of a frame
  const bool exhaustive_;
  ThreadPool& pool_;
  const std::stop_token stop_;
  const RunStop& tasks_;
  ScanMeter* const meter_;

  TileMemory tile_memory_;
  std::shared_ptr<const Whole> last_thorough_;  // of this shot; null where there are no tiles
  int64_t last_thorough_shot_ = -1, next_thorough_us_ = 0, kept_since_thorough_ = 0;
  int64_t last_whole_shot_ = -1, last_whole_us_ = 0;  // by KeptFrame::pace_us
  std::optional<KeptFrame> waiting_;  // the last frame, where it may lie between two looks at the whole
  std::deque<Look> window_;           // in the order of frames
  std::shared_ptr<const Whole> last_taken_;  // of looks at the whole
};

}  // namespace crossface
