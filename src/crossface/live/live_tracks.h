// The faces of one live stream: found, joined into tracks, and judged while they are on the screen. A track
// is looked into as soon as it has a few faces and again each time it has twice as many (four times, once it
// is named surely), with all that a scan does at a track's end (scan/track_builder.h); so its template comes
// early and gets better. A track that lasts is ended after a while and goes on as another, which keeps its
// person.
//
// Not thread-safe; frames come in order. `models` and `memory` outlive the object.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crossface/live/frame_queue.h"
#include "crossface/live/live_event.h"
#include "crossface/live/person_memory.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/scan/track_builder.h"
#include "crossface/track/tracker.h"
#include "crossface/util/status.h"

namespace crossface {

struct LiveTracksOptions {
  int64_t longest_track_us = 60'000'000;
  size_t first_look = 2;  // faces
};

class LiveTracks {
 public:
  // `next_track`: the number that the next track of any stream gets. `watched` tells whether a person is one
  // that somebody waits for. `tell` gets SeenEvent and LostEvent, called from the thread that calls.
  LiveTracks(std::string stream, const ScanModels& models, PersonMemory& memory,
             std::atomic<int64_t>& next_track, std::function<bool(const LivePerson&)> watched,
             std::function<void(LiveEvent)> tell, const LiveTracksOptions& options = {});

  // Errors: those of the models; the frame is lost then.
  Status Push(const LiveFrame& frame);
  // Nobody is there any more: no frame comes.
  Status EndAll();

  int64_t open_tracks() const { return static_cast<int64_t>(open_.size()); }

 private:
  struct Track {
    int64_t number = 0;  // across streams
    TrackBuilder builder;
    size_t faces = 0, next_look = 0, looked_at = 0;
    int64_t begin_us = 0;               // stream time
    int64_t since_us = 0, last_us = 0;  // wall
    bool told = false;
    LivePerson person;
    std::set<int64_t> with;  // that shared a frame with it
    cv::Rect2f box;
    double quality = 0, evidence = 0;
    std::shared_ptr<const std::string> picture;  // JPEG of the best face
    float picture_quality = -1;
  };

  static size_t MoreThatTells(const Track& track);
  Track NewTrack(const KeptFrame& frame, int64_t wall_us);
  void Add(std::vector<FoundFace> faces, const std::vector<int64_t>& numbers, const LiveFrame& frame);
  static void KeepPicture(Track* track, FaceRecord* face);
  Status LookOnce(const LiveFrame& frame);
  Status Look(Track* track, const LiveFrame& frame, bool last);
  void EndTracks(const std::vector<int64_t>& numbers);
  Status EndOldest(const LiveFrame& frame);
  void Close(const Track& track);
  void TellLost(const Track& track, bool goes_on);
  void CutLongTracks(const LiveFrame& frame);

  const std::string stream_;
  const ScanModels& models_;
  PersonMemory& memory_;
  std::atomic<int64_t>& next_track_;
  const std::function<bool(const LivePerson&)> watched_;
  const std::function<void(LiveEvent)> tell_;
  const LiveTracksOptions options_;

  Tracker tracker_;
  std::map<int64_t, Track> open_;  // by the tracker's number
  std::deque<Track> ended_;        // that wait for a last look
  int64_t next_thorough_us_ = 0;
  LiveFrame last_;  // when the last frame was
};

}  // namespace crossface
