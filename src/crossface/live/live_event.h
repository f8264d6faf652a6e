// What a live watch tells. Plain values; wall-clock times are microseconds since 1970 UTC.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crossface/media/read/live_clock.h"
#include "crossface/util/box.h"

namespace crossface {

// Whom a track is said to show.
struct LivePerson {
  int64_t id = 0;           // the case's person; 0: one of this watch alone, or nobody
  std::string name;         // "Anna", "new-0001"; empty: it cannot be told
  bool is_new = false;      // nobody of the case: known to this watch since it was first seen
  bool ignored = false;     // of the case: a bystander
  double confidence = 0;    // 0..1, that it is this person, among all who are known
  std::string reason = {};  // why nobody is named: "blurred", "in doubt" ...
};

struct SeenEvent {
  std::string stream;
  int64_t time_us = 0;  // of the frame
  ClockKind clock = ClockKind::kArrival;
  int64_t track = 0;    // never used twice in a watch
  bool opened = false;  // the first word of this track
  LivePerson person;
  std::optional<LivePerson> before = {};  // whom it was said to show until now
  bool watched = false;
  Box box;  // of the face last seen, pixels of the upright frame
  double quality = 0, evidence = 0;
  int64_t delay_us = 0;                             // since the frame arrived
  std::shared_ptr<const std::string> picture = {};  // JPEG of the track's best face until now
};

struct LostEvent {
  std::string stream;
  int64_t time_us = 0;  // of the last face
  int64_t track = 0;
  LivePerson person;
  bool watched = false;
  int64_t since_us = 0;  // of the first face
  int64_t faces = 0;
  bool goes_on = false;  // only this track is over: the next one shows the same face without a break
};

struct StreamEvent {
  enum class State { kConnected, kLost, kWaiting, kEnded, kRecorded, kNote };
  std::string stream;
  int64_t time_us = 0;
  State state = State::kConnected;
  std::string message;  // a sentence for people
  int width = 0, height = 0;
  double fps = 0;
  std::string codec;
  ClockKind clock = ClockKind::kArrival;
  // kRecorded: a segment is complete. The file is relative to the case folder.
  std::string file, sha256, begin, end;
  int64_t bytes = 0;
};

// Since the last one.
struct StatsEvent {
  std::string stream;
  int64_t time_us = 0;
  double seconds = 0;
  int64_t packets = 0, frames = 0, looked_at = 0;  // frames: decoded
  int64_t dropped = 0;                             // worth a look, and older than others that came meanwhile
  int64_t connections = 0, recorded_bytes = 0;
  double delay_p50_ms = 0, delay_p95_ms = 0;  // from a frame's arrival to the end of its look
  int64_t open_tracks = 0, people = 0;        // people: of all streams, since the begin
};

// Old recordings went, or could not.
struct LetGoEvent {
  int64_t time_us = 0;
  int64_t segments = 0, bytes = 0;  // that went
  // Beyond the limits and kept: see custody/let_go.h.
  int64_t kept_for_people = 0, kept_unidentified = 0, kept_other = 0;
};

// How a stream does, all since the watch began but the delays, which are those of the last ten seconds.
struct LiveStreamProgress {
  std::string name, shown;  // shown: the address, without secrets
  // kConnected, kLost, kWaiting or kEnded; and what was last said of it.
  StreamEvent::State state = StreamEvent::State::kWaiting;
  std::string message;
  int width = 0, height = 0;
  double fps = 0;  // as the stream says; 0: it does not
  std::string codec;
  int64_t frames = 0, looked_at = 0, dropped = 0;
  int64_t segments = 0, recorded_bytes = 0;
  double delay_p50_ms = 0, delay_p95_ms = 0;
  int64_t open_tracks = 0;
};

struct LiveProgress {
  std::vector<LiveStreamProgress> streams;  // in the order given
  int64_t people = 0;                       // of all streams
  double remaining_s = -1;                  // -1: until it is stopped
};

using LiveEvent = std::variant<SeenEvent, LostEvent, StreamEvent, StatsEvent, LetGoEvent>;

int64_t WallNow();

// "connected", "lost", "waiting", "ended", "recorded", "note".
std::string_view StreamStateName(StreamEvent::State state);
// "2026-11-30T00:20:00.123Z".
std::string WallTime(int64_t us);

}  // namespace crossface
