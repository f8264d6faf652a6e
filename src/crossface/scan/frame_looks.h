// Searches the kept frames of one source for faces: on a pool of threads, several at once, with results in
// the frames' order. Every second frame, where it is within half a second of both neighbours, is looked at
// only where these have faces, unless one of these comes or goes, or the frame shows something that neither
// of them does; the others as a whole, and once a second at full resolution too. What is found depends on the
// frames alone, not on the number of threads.
//
// Not thread-safe. Keeps references to what it is given; its tasks end before it does.
#pragma once

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
  // `exhaustive`: everything everywhere. `stop`: ends waiting, with kInterrupted. `tasks`: ends what runs.
  // `meter`: null where nobody measures.
  FrameLooks(const ScanModels& models, bool exhaustive, ThreadPool& pool, const std::stop_token& stop,
             const RunStop& tasks, ScanMeter* meter);
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
  // How a frame is to be searched: as a whole, or only where faces are expected, unless it shows something
  // else than its neighbours, whose small pictures these are.
  struct Plan {
    bool thorough = false;
    std::optional<std::vector<cv::Rect2f>> expected;
    cv::Mat before, after;
  };
  // What a look at the whole found, once it is searched.
  struct Whole {
    FacesAt faces;
    cv::Mat grey;
  };
  struct Look {
    std::shared_ptr<Whole> found;      // of a look at the whole
    std::optional<KeptFrame> between;  // waits until its neighbours are done
    std::future<Result<SearchedFrame>> searched;
  };

  bool IsThoroughDue(const KeptFrame& frame);
  bool IsNearLastWhole(const KeptFrame& frame) const;
  void LookAtWhole(KeptFrame frame, bool thorough);
  void StartLooksBetween();
  std::future<Result<SearchedFrame>> Submit(KeptFrame frame, Plan plan, std::shared_ptr<Whole> found);
  Result<SearchedFrame> Search(const KeptFrame& frame, const Plan& plan) const;
  Result<std::vector<Detection>> FindFaces(const cv::Mat& bgr, const cv::Mat& grey, const Plan& plan) const;
  void NoteWaiting(int64_t by) const;

  const ScanModels& models_;
  const bool exhaustive_;
  ThreadPool& pool_;
  const std::stop_token stop_;
  const RunStop& tasks_;
  ScanMeter* const meter_;

  int64_t last_thorough_shot_ = -1, next_thorough_us_ = 0, kept_since_thorough_ = 0;
  int64_t last_whole_shot_ = -1, last_whole_us_ = 0;  // by KeptFrame::pace_us
  std::optional<KeptFrame> waiting_;   // the last frame, where it may lie between two looks at the whole
  std::deque<Look> window_;            // in the order of frames
  std::shared_ptr<Whole> last_taken_;  // of looks at the whole
};

}  // namespace crossface
