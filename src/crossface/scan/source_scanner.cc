#include "crossface/scan/source_scanner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <optional>
#include <utility>

#include "crossface/copies/fingerprinter.h"
#include "crossface/scan/distinct_faces.h"
#include "crossface/scan/track_builder.h"
#include "crossface/track/tracker.h"

namespace crossface {
namespace {

// Large frames are searched at full resolution this often: small faces in a crowd stay, and every time would
// cost too much.
constexpr int64_t kThoroughIntervalUs = 1'000'000;
// And after so many kept frames, where time stamps say too little; at 5 kept a second time comes first.
constexpr int64_t kThoroughIntervalKept = 10;

// What a frame takes while it is searched, per pixel: as it was decoded (up to 3 bytes), in colour (3), and
// the copy that a look makes of a dim one.
constexpr int64_t kBytesPerPixel = 9;
// What its decoder keeps of a source, per pixel: a dozen frames of 8 bits that others refer to.
constexpr int64_t kDecoderBytesPerPixel = 18;
// The surroundings of the faces in a source's open tracks. A crowd has fewer of each face kept.
constexpr int64_t kMostSurroundingsBytes = int64_t{256} << 20;
constexpr auto kAskAgain = std::chrono::milliseconds(100);

struct SearchedFrame {
  int64_t shot = 0, pace_us = 0;
  std::vector<FoundFace> faces;
};

Result<SearchedFrame> SearchFrame(const KeptFrame& kept, bool thorough, const ScanModels& models,
                                  bool exhaustive) {
  SearchedFrame searched{.shot = kept.shot, .pace_us = kept.pace_us};
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, kept.frame.picture->Bgr());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> faces, exhaustive
                                                                     ? models.finder->FindWithAll(bgr)
                                                                     : models.finder->Find(bgr, thorough));
  for (const Detection& face : faces) searched.faces.push_back(DescribeFace(bgr, kept, face));
  return searched;
}

class Scan {
 public:
  Scan(FrameReader& reader, const ScanCheckpoint& from, const ScanModels& models,
       const ScanSettings& settings, ThreadPool& pool, const ScanCallbacks& callbacks)
      : reader_(reader),
        from_(from),
        models_(models),
        exhaustive_(settings.exhaustive),
        window_size_(static_cast<size_t>(settings.threads) * 2 + 2),
        pool_(pool),
        callbacks_(callbacks),
        fingerprinter_(reader.info()),
        selector_(SelectionOptions(settings), from.next_shot, from.counts),
        next_track_(from.next_track),
        frame_bytes_(kBytesPerPixel * std::max(1, reader.info().width) * std::max(1, reader.info().height)) {
    if (callbacks.budget != nullptr) share_.emplace(*callbacks.budget);
    shot_begins_[from.next_shot] = {from.next_frame, from.counts};
    current_shot_ = from.next_shot;
  }

  // Tasks on the pool use this object: none may outlive it, however the scan ended.
  ~Scan() {
    stopping_ = true;
    for (auto& frame : window_) frame.wait();
    for (auto& [number, tracks] : ended_) WaitFor(tracks);
    for (auto& shot : closed_shots_) {
      for (auto& [number, tracks] : shot.tracks) WaitFor(tracks);
    }
    for (auto& [number, tracks] : emitting_) WaitFor(tracks);
  }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  Result<ScanOutcome> Run() {
    if (share_ && !share_->Take(frame_bytes_ / kBytesPerPixel * kDecoderBytesPerPixel, callbacks_.keep_going))
      return Stopped();
    CROSSFACE_RETURN_IF_ERROR(ReadFrames());
    while (!window_.empty()) CROSSFACE_RETURN_IF_ERROR(TakeOldestFrame());
    EndTracks(tracker_.Finish());
    CloseShot({.next_frame = position_.frames, .next_shot = current_shot_ + 1, .counts = selector_.counts()});
    while (!closed_shots_.empty()) CROSSFACE_RETURN_IF_ERROR(EmitOldestShot());
    return ScanOutcome{selector_.counts(), reader_.damage(), reader_.notes(), fingerprinter_.Finish()};
  }

 private:
  struct ShotBegin {
    int64_t frame = 0;
    SelectCounts counts;  // of everything before the shot
  };
  using FinishedTracks = std::future<Result<std::vector<TrackRecord>>>;
  static void WaitFor(const FinishedTracks& tracks) {
    if (tracks.valid()) tracks.wait();
  }
  struct ClosedShot {
    std::vector<std::pair<int64_t, FinishedTracks>> tracks;  // with the tracker's number
    ScanCheckpoint after;
  };

  static SelectOptions SelectionOptions(const ScanSettings& settings) {
    SelectOptions options;
    if (settings.exhaustive) options.moving_interval_us = 0;
    return options;
  }

  Status ReadFrames() {
    while (true) {
      if (callbacks_.keep_going && !callbacks_.keep_going())
        return Status(StatusCode::kInterrupted, "stopped");
      CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader_.Next());
      if (!frame) break;
      position_.time_ms = frame->time_ms();
      position_.frames = frame->index + 1;
      if (callbacks_.position) callbacks_.position(position_);
      CROSSFACE_RETURN_IF_ERROR(fingerprinter_.Push(*frame));
      // A resumed scan decodes what it has already seen again: that alone gives the same frames in every
      // container.
      if (frame->index < from_.next_frame) continue;
      CROSSFACE_ASSIGN_OR_RETURN(std::vector<KeptFrame> kept, selector_.Push(*frame));
      if (selector_.shot() != last_seen_shot_) {
        last_seen_shot_ = selector_.shot();
        shot_begins_[last_seen_shot_] = {selector_.shot_first_frame(), selector_.counts_before_shot()};
      }
      CROSSFACE_RETURN_IF_ERROR(Submit(std::move(kept)));
    }
    // What comes after may be read another time: the shot is left open, and a later scan goes on before it.
    if (const Status damage = reader_.damage(); damage.code() == StatusCode::kIo) return damage;
    return Submit(selector_.Finish());
  }

  Status Submit(std::vector<KeptFrame> kept) {
    for (KeptFrame& frame : kept) {
      CROSSFACE_RETURN_IF_ERROR(MakeRoom());
      if (callbacks_.kept) callbacks_.kept(frame.frame);
      const bool thorough = frame.shot != last_thorough_shot_ || frame.frame.time_us >= next_thorough_us_ ||
                            ++kept_since_thorough_ >= kThoroughIntervalKept;
      if (thorough) {
        last_thorough_shot_ = frame.shot;
        kept_since_thorough_ = 0;
        next_thorough_us_ = frame.frame.time_us + kThoroughIntervalUs;
      }
      window_.push_back(pool_.Submit([this, frame = std::move(frame), thorough] {
        if (stopping_) return Result<SearchedFrame>(Stopped());
        return SearchFrame(frame, thorough, models_, exhaustive_);
      }));
    }
    return Status();
  }

  static Status Stopped() { return Status(StatusCode::kInterrupted, "stopped"); }
  bool KeepGoing() const { return !callbacks_.keep_going || callbacks_.keep_going(); }

  // For one more frame. Whoever waits for others holds no frame itself.
  Status MakeRoom() {
    while (window_.size() >= window_size_) CROSSFACE_RETURN_IF_ERROR(TakeOldestFrame());
    if (!share_) return Status();
    while (!share_->TryTake(frame_bytes_)) {
      if (!window_.empty()) {
        CROSSFACE_RETURN_IF_ERROR(TakeOldestFrame());
      } else {
        return share_->Take(frame_bytes_, callbacks_.keep_going) ? Status() : Stopped();
      }
    }
    return Status();
  }

  // Not for longer than the user is patient.
  template <typename Future>
  bool WaitPatiently(const Future& future) const {
    while (future.wait_for(kAskAgain) != std::future_status::ready) {
      if (!KeepGoing()) return false;
    }
    return true;
  }

  Status TakeOldestFrame() {
    if (!WaitPatiently(window_.front())) return Stopped();
    // Out of the window first: what the task has thrown comes out of get(), which leaves nothing to wait for.
    auto oldest = std::move(window_.front());
    window_.pop_front();
    Result<SearchedFrame> result = oldest.get();
    if (share_) share_->GiveBack(frame_bytes_);
    if (!result.ok()) return result.status();
    SearchedFrame& searched = *result;

    std::vector<Detection> detections;
    std::vector<std::vector<float>> appearances;
    for (FoundFace& face : searched.faces) {
      detections.push_back(face.record.detection);
      appearances.push_back(std::move(face.appearance));
    }
    position_.faces += static_cast<int64_t>(detections.size());
    const Tracker::Step step = tracker_.Push(searched.shot, searched.pace_us, detections, appearances);
    if (searched.shot != current_shot_) {
      EndTracks(step.ended);
      const ShotBegin& begin = shot_begins_.at(searched.shot);
      CloseShot({.next_frame = begin.frame, .next_shot = searched.shot, .counts = begin.counts});
      current_shot_ = searched.shot;
      shot_begins_.erase(shot_begins_.begin(), shot_begins_.find(current_shot_));
      // The shot before the last is finished by now, or nearly: waiting for it costs nothing and bounds the
      // memory.
      while (closed_shots_.size() > 1) CROSSFACE_RETURN_IF_ERROR(EmitOldestShot());
    } else {
      EndTracks(step.ended);
    }
    for (size_t i = 0; i < searched.faces.size(); ++i) {
      const auto [builder, added] = open_.try_emplace(step.track_of[i], searched.shot, exhaustive_);
      open_bytes_ -= builder->second.bytes();
      builder->second.Add(std::move(searched.faces[i]));
      open_bytes_ += builder->second.bytes();
    }
    ThinOpenTracks();
    return Status();
  }

  // By the frames alone, so that it does not depend on what else is in memory: those tracks that have most
  // candidates give one up, in the order in which they began.
  void ThinOpenTracks() {
    while (open_bytes_ > kMostSurroundingsBytes) {
      size_t most = 0;
      for (const auto& [number, builder] : open_) most = std::max(most, builder.candidates());
      bool thinned = false;
      for (auto& [number, builder] : open_) {
        if (builder.candidates() != most) continue;
        open_bytes_ -= builder.bytes();
        thinned |= builder.GiveUpCandidate();
        open_bytes_ += builder.bytes();
        if (open_bytes_ <= kMostSurroundingsBytes) return;
      }
      if (!thinned) return;
    }
  }

  void EndTracks(const std::vector<int64_t>& ended) {
    for (int64_t number : ended) {
      const auto found = open_.find(number);
      if (found == open_.end()) continue;
      open_bytes_ -= found->second.bytes();
      auto builder = std::make_shared<TrackBuilder>(std::move(found->second));
      open_.erase(found);
      ended_.emplace_back(number, pool_.Submit([this, builder] {
        if (stopping_) return Result<std::vector<TrackRecord>>(Stopped());
        return builder->Finish(models_);
      }));
    }
  }

  void CloseShot(const ScanCheckpoint& after) { closed_shots_.push_back({std::exchange(ended_, {}), after}); }

  Status EmitOldestShot() {
    const ScanCheckpoint after = closed_shots_.front().after;
    emitting_ = std::move(closed_shots_.front().tracks);
    closed_shots_.pop_front();
    // Tracks end in the order in which people leave; they are numbered in the order in which they come.
    std::sort(emitting_.begin(), emitting_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    ScanChunk chunk;
    for (auto& [number, finished] : emitting_) {
      if (!WaitPatiently(finished)) return Stopped();
      CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, finished.get());
      std::move(tracks.begin(), tracks.end(), std::back_inserter(chunk.tracks));
    }
    DropDoubles(&chunk.tracks);
    for (TrackRecord& track : chunk.tracks) track.number = next_track_++;
    emitting_.clear();
    chunk.checkpoint = after;
    chunk.checkpoint.next_track = next_track_;
    return callbacks_.chunk(std::move(chunk));
  }

  FrameReader& reader_;
  const ScanCheckpoint from_;
  const ScanModels& models_;
  const bool exhaustive_;
  const size_t window_size_;
  ThreadPool& pool_;
  const ScanCallbacks& callbacks_;

  Fingerprinter fingerprinter_;
  FrameSelector selector_;
  int64_t last_seen_shot_ = -1;
  std::map<int64_t, ShotBegin> shot_begins_;
  int64_t last_thorough_shot_ = -1, next_thorough_us_ = 0, kept_since_thorough_ = 0;

  std::deque<std::future<Result<SearchedFrame>>> window_;
  Tracker tracker_;
  int64_t current_shot_ = 0;
  std::map<int64_t, TrackBuilder> open_;
  std::vector<std::pair<int64_t, FinishedTracks>> ended_;  // of the current shot
  std::deque<ClosedShot> closed_shots_;
  std::vector<std::pair<int64_t, FinishedTracks>> emitting_;
  int64_t next_track_;
  ScanPosition position_;

  const int64_t frame_bytes_;
  std::optional<ByteBudget::Share> share_;
  int64_t open_bytes_ = 0;              // surroundings in open tracks
  std::atomic<bool> stopping_ = false;  // tasks that have not begun have nothing to do any more
};

}  // namespace

Result<ScanOutcome> ScanSource(FrameReader& reader, const ScanCheckpoint& from, const ScanModels& models,
                               const ScanSettings& settings, ThreadPool& pool,
                               const ScanCallbacks& callbacks) {
  return Scan(reader, from, models, settings, pool, callbacks).Run();
}

}  // namespace crossface
