#include "crossface/live/live_tracks.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "crossface/embed/unassigned_reason.h"

namespace crossface {
namespace {

// Large frames are searched at full resolution this often, as a scan does.
constexpr int64_t kThoroughIntervalUs = 1'000'000;
// Tracks that are over and wait for their last look.
constexpr size_t kMostEnded = 8;

// Named so surely, a face is looked into less often.
constexpr double kSure = 0.9;

bool SamePerson(const LivePerson& a, const LivePerson& b) { return a.id == b.id && a.name == b.name; }

int64_t MicrosecondsSince(LiveInstant instant) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - instant)
      .count();
}

Box ToBox(const cv::Rect2f& box) { return {box.x, box.y, box.width, box.height}; }

}  // namespace

LiveTracks::LiveTracks(std::string stream, const ScanModels& models, PersonMemory& memory,
                       std::atomic<int64_t>& next_track, std::function<bool(const LivePerson&)> watched,
                       std::function<void(LiveEvent)> tell, const LiveTracksOptions& options)
    : stream_(std::move(stream)),
      models_(models),
      memory_(memory),
      next_track_(next_track),
      watched_(std::move(watched)),
      tell_(std::move(tell)),
      options_(options) {}

// So many times the faces of the last look tell more than it did.
size_t LiveTracks::MoreThatTells(const Track& track) {
  return !track.person.name.empty() && track.person.confidence >= kSure ? 4 : 2;
}

LiveTracks::Track LiveTracks::NewTrack(const KeptFrame& frame, int64_t wall_us) {
  return {.number = next_track_++,
          .builder = TrackBuilder(frame.shot, false),
          .next_look = options_.first_look,
          .begin_us = frame.frame.time_us,
          .since_us = wall_us};
}

Status LiveTracks::Push(const LiveFrame& frame) {
  if (!frame.kept) return EndAll();
  const KeptFrame& kept = *frame.kept;
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, kept.frame.picture->Bgr());
  const bool thorough = kept.frame.time_us >= next_thorough_us_;
  if (thorough) next_thorough_us_ = kept.frame.time_us + kThoroughIntervalUs;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> detections, models_.finder->Find(bgr, thorough));
  std::vector<FoundFace> faces;
  std::vector<std::vector<float>> appearances;
  for (const Detection& detection : detections) {
    faces.push_back(DescribeFace(bgr, kept, detection));
    appearances.push_back(std::move(faces.back().appearance));
  }
  const Tracker::Step step = tracker_.Push(kept.shot, kept.pace_us, detections, appearances);
  EndTracks(step.ended);
  last_ = {.wall_us = frame.wall_us, .clock = frame.clock, .arrived = frame.arrived};
  Add(std::move(faces), step.track_of, frame);
  CutLongTracks(frame);
  return LookOnce(frame);
}

void LiveTracks::Add(std::vector<FoundFace> faces, const std::vector<int64_t>& numbers,
                     const LiveFrame& frame) {
  std::vector<Track*> shown;
  for (size_t i = 0; i < faces.size(); ++i) {
    const auto found = open_.find(numbers[i]);
    Track& track = found != open_.end()
                       ? found->second
                       : open_.emplace(numbers[i], NewTrack(*frame.kept, frame.wall_us)).first->second;
    track.box = faces[i].record.detection.box;
    track.last_us = frame.wall_us;
    ++track.faces;
    KeepPicture(&track, &faces[i].record);
    track.builder.Add(std::move(faces[i]));
    shown.push_back(&track);
  }
  for (const Track* one : shown) {
    for (Track* other : shown)
      if (other != one) other->with.insert(one->number);
  }
}

// The best one alone: what is recorded has the others.
void LiveTracks::KeepPicture(Track* track, FaceRecord* face) {
  if (face->quality > track->picture_quality) {
    track->picture_quality = face->quality;
    track->picture = std::make_shared<const std::string>(std::move(face->jpeg));
  }
  face->jpeg.clear();
}

// A look costs as much as many frames: one for each of them, first at who was not looked at yet.
Status LiveTracks::LookOnce(const LiveFrame& frame) {
  Track* chosen = nullptr;
  for (auto& [number, track] : open_) {
    const bool due = track.faces >= track.next_look;
    if (due && (chosen == nullptr || track.looked_at < chosen->looked_at)) chosen = &track;
  }
  if (chosen != nullptr) {
    Status looked = Look(chosen, frame, false);
    chosen->next_look = MoreThatTells(*chosen) * chosen->faces;
    return looked;
  }
  return ended_.empty() ? Status() : EndOldest(frame);
}

// What the track's faces tell until now. The builder goes on with them.
Status LiveTracks::Look(Track* track, const LiveFrame& frame, bool last) {
  track->looked_at = track->faces;
  TrackBuilder copy = track->builder;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> records, copy.Finish(models_));
  if (records.empty()) return Status();  // no face, the other detectors say
  const TrackRecord& now = records.back();
  LivePerson person = memory_.Judge(track->number, now, track->with, last);
  const bool news = !track->told || !SamePerson(person, track->person);
  LivePerson before = std::exchange(track->person, std::move(person));
  track->quality = now.quality;
  track->evidence = now.evidence;
  if (!news) return Status();
  SeenEvent seen{.stream = stream_,
                 .time_us = frame.wall_us,
                 .clock = frame.clock,
                 .track = track->number,
                 .opened = !track->told,
                 .person = track->person,
                 .watched = watched_(track->person),
                 .box = ToBox(track->box),
                 .quality = track->quality,
                 .evidence = track->evidence,
                 .delay_us = MicrosecondsSince(frame.arrived),
                 .picture = track->picture};
  if (track->told && !before.name.empty()) seen.before = std::move(before);
  track->told = true;
  tell_(std::move(seen));
  return Status();
}

void LiveTracks::TellLost(const Track& track, bool goes_on) {
  if (!track.told) return;
  tell_(LostEvent{.stream = stream_,
                  .time_us = track.last_us,
                  .track = track.number,
                  .person = track.person,
                  .watched = watched_(track.person),
                  .since_us = track.since_us,
                  .faces = static_cast<int64_t>(track.faces),
                  .goes_on = goes_on});
}

void LiveTracks::EndTracks(const std::vector<int64_t>& numbers) {
  for (const int64_t number : numbers) {
    const auto found = open_.find(number);
    if (found == open_.end()) continue;
    Track track = std::move(found->second);
    open_.erase(found);
    // A look that hardly sees more than the last one is not worth its time.
    const bool in_doubt = track.person.reason == UnassignedReasonName(UnassignedReason::kInDoubt);
    if (track.looked_at > 0 && !in_doubt && track.faces < MoreThatTells(track) * track.looked_at) {
      Close(track);
    } else {
      ended_.push_back(std::move(track));
    }
  }
  // In a crowd that comes and goes there is no time for everybody's last look.
  while (ended_.size() > kMostEnded) {
    Close(ended_.front());
    ended_.pop_front();
  }
}

void LiveTracks::Close(const Track& track) {
  memory_.Close(track.number);
  TellLost(track, false);
}

Status LiveTracks::EndOldest(const LiveFrame& frame) {
  Track track = std::move(ended_.front());
  ended_.pop_front();
  Status looked = Look(&track, frame, true);
  Close(track);
  return looked;
}

void LiveTracks::CutLongTracks(const LiveFrame& frame) {
  for (auto& [number, track] : open_) {
    if (frame.kept->frame.time_us - track.begin_us < options_.longest_track_us) continue;
    Track next = NewTrack(*frame.kept, frame.wall_us);
    next.last_us = track.last_us;
    next.box = track.box;
    next.person = track.person;
    next.picture = track.picture;
    next.picture_quality = track.picture_quality;
    // It is the same face: what shares a frame with it shares it with the next one, too.
    next.with = track.with;
    TellLost(track, true);
    memory_.GoOn(track.number, next.number);
    memory_.Close(track.number);
    track = std::move(next);
  }
}

Status LiveTracks::EndAll() {
  EndTracks(tracker_.Finish());
  Status first;
  while (!ended_.empty()) {
    Status ended = EndOldest(last_);
    if (first.ok()) first = std::move(ended);
  }
  return first;
}

}  // namespace crossface
