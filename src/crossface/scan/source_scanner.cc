#include "crossface/scan/source_scanner.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <map>
#include <optional>
#include <utility>

#include "crossface/copies/fingerprinter.h"
#include "crossface/scan/distinct_faces.h"
#include "crossface/scan/frame_looks.h"
#include "crossface/scan/track_builder.h"
#include "crossface/track/tracker.h"
#include "crossface/util/spool.h"
#include "crossface/util/wait.h"

namespace crossface {
namespace {

// What a frame takes while it is searched, per pixel: as it was decoded (up to 3 bytes), in colour (3), and
// the copy that a look makes of a dim one.
constexpr int64_t kBytesPerPixel = 9;
// What its decoder keeps of a source, per pixel: a dozen frames of 8 bits that others refer to.
constexpr int64_t kDecoderBytesPerPixel = 18;
// The surroundings of the faces in a source's open tracks. A crowd has fewer of each face kept; when every
// face is to be embedded, half a minute of one that fills the picture is kept whole.
constexpr int64_t kMostSurroundingsBytes = int64_t{256} << 20, kMostExhaustiveBytes = int64_t{512} << 20;
// A face that waits for the end of its shot, with its share of a list that grows.
constexpr int64_t kBytesPerFace = 2 * sizeof(FaceRecord);

int64_t VectorBytes(const Result<std::vector<TrackRecord>>& tracks) {
  int64_t bytes = 0;
  if (!tracks.ok()) return bytes;
  for (const TrackRecord& track : *tracks) {
    const auto add = [&](const FaceEmbedding& e) {
      bytes += static_cast<int64_t>(e.vector.size() * sizeof(float));
    };
    std::for_each(track.templates.begin(), track.templates.end(), add);
    for (const FaceRecord& face : track.faces)
      std::for_each(face.embeddings.begin(), face.embeddings.end(), add);
  }
  return bytes;
}

class Scan {
 public:
  Scan(FrameReader& reader, const ScanCheckpoint& from, const ScanModels& models,
       const ScanSettings& settings, ThreadPool& pool, const ScanCallbacks& callbacks)
      : reader_(reader),
        from_(from),
        models_(models),
        exhaustive_(settings.exhaustive),
        pool_(pool),
        callbacks_(callbacks),
        fingerprinter_(reader.info()),
        selector_(SelectionOptions(settings), from.next_shot, from.counts),
        looks_(models, cv::Size(reader.info().width, reader.info().height), settings.exhaustive, pool,
               callbacks.stop, stop_, callbacks.meter),
        next_track_(from.next_track),
        frame_bytes_(kBytesPerPixel * std::max(1, reader.info().width) * std::max(1, reader.info().height)) {
    if (callbacks.budget != nullptr) share_.emplace(*callbacks.budget);
    shot_begins_[from.next_shot] = {from.next_frame, from.counts};
    current_shot_ = from.next_shot;
  }

  // Tasks on the pool use this object: none may outlive it, however the scan ended.
  ~Scan() {
    stop_.Stop();
    for (auto& [number, tracks] : ended_) WaitFor(tracks);
    for (auto& shot : closed_shots_) {
      for (auto& [number, tracks] : shot.tracks) WaitFor(tracks);
    }
    for (auto& [number, tracks] : emitting_) WaitFor(tracks);
  }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  Result<ScanOutcome> Run() {
    if (share_ && !share_->Take(frame_bytes_ / kBytesPerPixel * kDecoderBytesPerPixel, callbacks_.stop))
      return Stopped();
    CROSSFACE_RETURN_IF_ERROR(ReadFrames());
    looks_.Finish();
    while (!looks_.empty()) CROSSFACE_RETURN_IF_ERROR(TakeOldestFrame());
    position_.counts = selector_.counts();
    if (callbacks_.position)
      callbacks_.position(position_);  // with the last faces; of a photo there are no others
    EndTracks(tracker_.Finish());
    CloseShot({.next_frame = position_.frames, .next_shot = current_shot_ + 1, .counts = selector_.counts()},
              selector_.TakeMarks());
    while (!closed_shots_.empty()) CROSSFACE_RETURN_IF_ERROR(EmitOldestShot());
    return ScanOutcome{selector_.counts(), reader_.damage(), reader_.notes(), fingerprinter_.Finish(),
                       first_pts_};
  }

 private:
  struct ShotBegin {
    int64_t frame = 0;
    SelectCounts counts;  // of everything before the shot
    SourceMarks marks;    // of the shot before
  };
  using FinishedTracks = std::future<Result<std::vector<TrackRecord>>>;
  static void WaitFor(const FinishedTracks& tracks) {
    if (tracks.valid()) tracks.wait();
  }
  struct ClosedShot {
    std::vector<std::pair<int64_t, FinishedTracks>> tracks;  // with the tracker's number
    ScanCheckpoint after;
    SourceMarks marks;
    int64_t faces = 0;
  };

  static SelectOptions SelectionOptions(const ScanSettings& settings) {
    SelectOptions options;
    if (settings.exhaustive) options.moving_interval_us = 0;
    return options;
  }

  Result<std::optional<Frame>> NextFrame() {
    const StageTimer timer(callbacks_.meter, ScanMeter::kDecode);
    return reader_.Next();
  }
  Status NoteChange(const Frame& frame) {
    const StageTimer timer(callbacks_.meter, ScanMeter::kSelect);
    return fingerprinter_.Push(frame);
  }
  Result<std::vector<KeptFrame>> Select(const Frame& frame) {
    const StageTimer timer(callbacks_.meter, ScanMeter::kSelect);
    return selector_.Push(frame);
  }

  Status ReadFrames() {
    while (true) {
      if (callbacks_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, NextFrame());
      if (!frame) break;
      if (frame->index == 0) first_pts_ = frame->pts;
      position_.time_ms = frame->time_ms();
      position_.frames = frame->index + 1;
      position_.counts = selector_.counts();
      if (callbacks_.position) callbacks_.position(position_);
      CROSSFACE_RETURN_IF_ERROR(NoteChange(*frame));
      // A resumed scan decodes what it has already seen again: that alone gives the same frames in every
      // container.
      if (frame->index < from_.next_frame) continue;
      CROSSFACE_ASSIGN_OR_RETURN(std::vector<KeptFrame> kept, Select(*frame));
      if (selector_.shot() != last_seen_shot_) {
        last_seen_shot_ = selector_.shot();
        shot_begins_[last_seen_shot_] = {selector_.shot_first_frame(), selector_.counts_before_shot(),
                                         selector_.TakeMarks()};
      }
      CROSSFACE_RETURN_IF_ERROR(Submit(std::move(kept)));
    }
    // What comes after may be read another time: the shot is left open, and a later scan goes on before it.
    if (Status damage = reader_.damage(); damage.code() == StatusCode::kIo) return damage;
    return Submit(selector_.Finish());
  }

  Status Submit(std::vector<KeptFrame> kept) {
    for (KeptFrame& frame : kept) {
      if (!callbacks_.survey) CROSSFACE_RETURN_IF_ERROR(MakeRoom());
      if (callbacks_.kept) callbacks_.kept(frame.frame);
      if (callbacks_.survey) {
        SearchedFrame without_faces{.shot = frame.shot, .pace_us = frame.pace_us, .faces = {}};
        CROSSFACE_RETURN_IF_ERROR(TakeIn(without_faces));
      } else {
        looks_.Add(std::move(frame));
      }
    }
    return Status();
  }

  static Status Stopped() { return Status(StatusCode::kInterrupted, "stopped"); }

  void NoteWaiting(ScanMeter::Queue queue, int64_t by) const {
    if (callbacks_.meter != nullptr) callbacks_.meter->Wait(queue, by);
  }

  // For one more frame. Whoever waits for others holds no frame itself, but for one that waits for the next.
  Status MakeRoom() {
    while (looks_.full()) CROSSFACE_RETURN_IF_ERROR(TakeOldestFrame());
    if (!share_) return Status();
    while (!share_->TryTake(frame_bytes_)) {
      if (!looks_.empty()) {
        CROSSFACE_RETURN_IF_ERROR(TakeOldestFrame());
      } else {
        TellBudget();
        return share_->Take(frame_bytes_, callbacks_.stop) ? Status() : Stopped();
      }
    }
    return Status();
  }

  Status TakeOldestFrame() {
    Result<SearchedFrame> result = looks_.TakeOldest();
    if (share_) share_->GiveBack(frame_bytes_);
    if (!result.ok()) return result.status();
    return TakeIn(*result);
  }

  Status TakeIn(SearchedFrame& searched) {
    const StageTimer timer(callbacks_.meter, ScanMeter::kTrack);
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
      ShotBegin& begin = shot_begins_.at(searched.shot);
      CloseShot({.next_frame = begin.frame, .next_shot = searched.shot, .counts = begin.counts},
                std::move(begin.marks));
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
      CROSSFACE_RETURN_IF_ERROR(PutPictureAside(&searched.faces[i].record));
      open_bytes_ -= builder->second.bytes();
      builder->second.Add(std::move(searched.faces[i]));
      open_bytes_ += builder->second.bytes();
    }
    faces_ += static_cast<int64_t>(searched.faces.size());
    shot_faces_ += static_cast<int64_t>(searched.faces.size());
    ThinOpenTracks();
    TellBudget();
    return Status();
  }

  // Every face's picture is stored, and those of a crowd in a long shot are too many to keep in memory until
  // then.
  Status PutPictureAside(FaceRecord* face) {
    if (callbacks_.spool_folder == nullptr) return Status();
    if (!pictures_) pictures_ = std::make_shared<Spool>(*callbacks_.spool_folder);
    CROSSFACE_ASSIGN_OR_RETURN(face->spool_at, pictures_->Append(face->jpeg));
    face->jpeg_bytes = static_cast<int64_t>(face->jpeg.size());
    face->spool = pictures_;
    face->jpeg = std::string();
    return Status();
  }

  void TellBudget() {
    if (!share_) return;
    const int64_t bytes = open_bytes_ + ended_bytes_ + faces_ * kBytesPerFace;
    if (bytes > told_bytes_) share_->Hold(bytes - told_bytes_);
    if (bytes < told_bytes_) share_->GiveBack(told_bytes_ - bytes);
    told_bytes_ = bytes;
  }

  // By the frames alone, so that it does not depend on what else is in memory: those tracks that have most
  // candidates give one up, in the order in which they began.
  void ThinOpenTracks() {
    const int64_t most_bytes = exhaustive_ ? kMostExhaustiveBytes : kMostSurroundingsBytes;
    while (open_bytes_ > most_bytes) {
      size_t most = 0;
      for (const auto& [number, builder] : open_) most = std::max(most, builder.candidates());
      bool thinned = false;
      for (auto& [number, builder] : open_) {
        if (builder.candidates() != most) continue;
        open_bytes_ -= builder.bytes();
        thinned |= builder.GiveUpCandidate();
        open_bytes_ += builder.bytes();
        if (open_bytes_ <= most_bytes) return;
      }
      if (!thinned) return;
    }
  }

  void EndTracks(const std::vector<int64_t>& ended) {
    for (int64_t number : ended) {
      const auto found = open_.find(number);
      if (found == open_.end()) continue;
      open_bytes_ -= found->second.bytes();
      ended_bytes_ += found->second.bytes();
      auto builder = std::make_shared<TrackBuilder>(std::move(found->second));
      open_.erase(found);
      NoteWaiting(ScanMeter::kTracks, 1);
      ended_.emplace_back(number, pool_.Submit([this, builder] {
        NoteWaiting(ScanMeter::kTracks, -1);
        // The task lives as long as its future: what the builder holds shall not.
        TrackBuilder ended = std::move(*builder);
        const int64_t bytes = ended.bytes();
        if (stop_.stopped()) return Result<std::vector<TrackRecord>>(Stopped());
        const RunStop::Scope scope(stop_);
        auto tracks = ended.Finish(models_, callbacks_.meter);
        ended_bytes_ += VectorBytes(tracks) - bytes;
        return tracks;
      }));
    }
  }

  void CloseShot(const ScanCheckpoint& after, SourceMarks marks) {
    closed_shots_.push_back(
        {std::exchange(ended_, {}), after, std::move(marks), std::exchange(shot_faces_, 0)});
    pictures_.reset();
  }

  Status EmitOldestShot() {
    const ScanCheckpoint after = closed_shots_.front().after;
    const int64_t faces = closed_shots_.front().faces;
    emitting_ = std::move(closed_shots_.front().tracks);
    ScanChunk chunk{.tracks = {}, .checkpoint = {}, .marks = std::move(closed_shots_.front().marks)};
    closed_shots_.pop_front();
    // Tracks end in the order in which people leave; they are numbered in the order in which they come.
    std::sort(emitting_.begin(), emitting_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    int64_t vector_bytes = 0;
    for (auto& [number, finished] : emitting_) {
      if (!WaitUnlessStopped(finished, callbacks_.stop)) return Stopped();
      auto tracks = finished.get();
      if (!tracks.ok()) return tracks.status();
      vector_bytes += VectorBytes(tracks);
      std::move(tracks->begin(), tracks->end(), std::back_inserter(chunk.tracks));
    }
    DropDoubles(&chunk.tracks);
    for (TrackRecord& track : chunk.tracks) track.number = next_track_++;
    emitting_.clear();
    chunk.checkpoint = after;
    chunk.checkpoint.next_track = next_track_;
    faces_ -= faces;
    ended_bytes_ -= vector_bytes;
    return callbacks_.chunk(std::move(chunk));
  }

  RunStop stop_;  // tasks have nothing to do any more
  FrameReader& reader_;
  const ScanCheckpoint from_;
  const ScanModels& models_;
  const bool exhaustive_;
  ThreadPool& pool_;
  const ScanCallbacks& callbacks_;

  Fingerprinter fingerprinter_;
  FrameSelector selector_;
  int64_t last_seen_shot_ = -1;
  std::map<int64_t, ShotBegin> shot_begins_;

  FrameLooks looks_;
  Tracker tracker_;
  int64_t current_shot_ = 0;
  std::map<int64_t, TrackBuilder> open_;
  std::vector<std::pair<int64_t, FinishedTracks>> ended_;  // of the current shot
  std::deque<ClosedShot> closed_shots_;
  std::vector<std::pair<int64_t, FinishedTracks>> emitting_;
  int64_t next_track_;
  ScanPosition position_;
  int64_t first_pts_ = 0;

  const int64_t frame_bytes_;
  std::optional<ByteBudget::Share> share_;
  int64_t open_bytes_ = 0;  // surroundings in open tracks
  // Surroundings in tracks that have ended and are looked at, vectors in those that were.
  std::atomic<int64_t> ended_bytes_ = 0;
  int64_t faces_ = 0;  // that wait to be emitted, those of open tracks too
  int64_t shot_faces_ = 0;
  int64_t told_bytes_ = 0;           // of all of this, what the budget knows
  std::shared_ptr<Spool> pictures_;  // of the current shot
};

}  // namespace

Result<ScanOutcome> ScanSource(FrameReader& reader, const ScanCheckpoint& from, const ScanModels& models,
                               const ScanSettings& settings, ThreadPool& pool,
                               const ScanCallbacks& callbacks) {
  return Scan(reader, from, models, settings, pool, callbacks).Run();
}

}  // namespace crossface
