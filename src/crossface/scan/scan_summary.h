// How far a scan is, and what it came to. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crossface/media/read/card_use.h"
#include "crossface/select/select_counts.h"

namespace crossface {

struct SourceProgress {
  std::string name;
  int64_t time_ms = 0, duration_ms = 0;
  double speed = 0;  // seconds of video per second
};

// Seconds of processor time, of all threads together. See scan/scan_meter.h.
struct StageSeconds {
  double read = 0, decode = 0, select = 0, detect = 0, track = 0, embed = 0, store = 0;
  std::map<std::string, double> looks;      // of detect, by what was looked at: FaceFinder's names
  std::map<std::string, double> embedders;  // of embed, by model
};

// What waits for a thread: frames to be searched, tracks to be embedded, and what is to be written.
struct QueueDepths {
  int64_t frames = 0, tracks = 0, writes = 0;
};

// Of a scan that other machines do.
struct WorkersProgress {
  int64_t machines = 0, processes = 0;  // that have answered so far
  int64_t under_way = 0, waiting = 0;   // tasks: handed over, and not yet
  int64_t done = 0, repeated = 0;  // tasks; repeated: handed over again, for a process or a machine went away
};

struct ScanProgress {
  int64_t sources = 0, done = 0, unchanged = 0, failed = 0;
  int64_t bytes = 0, bytes_done = 0;  // of the sources to scan; the share of work that is done
  int64_t video_ms = 0;               // scanned in this call
  int64_t pictures = 0;               // stills that ended in this call
  int64_t frames = 0, faces = 0, tracks = 0;
  SelectCounts counts;                     // of the frames: why they were looked at, or not
  double elapsed_s = 0, remaining_s = -1;  // remaining: -1 while unknown
  StageSeconds cpu;
  QueueDepths waiting;
  int threads = 0;                         // that search and embed now
  std::optional<WorkersProgress> workers;  // nothing: all is done on this machine
  std::vector<SourceProgress> active;
  // One line per source that ended since the last call; of stills, which come in thousands, only those with
  // something wrong.
  std::vector<std::string> finished;
};

// A track that was stored, with the picture of its best face.
struct SeenTrack {
  std::string source;
  int64_t number = 0, time_us = 0;
  float quality = 0;
  std::string jpeg;
};
// How many are told at a time: a crowd's come by the hundred, and nobody looks at all of them.
inline constexpr size_t kMostSeenTracks = 16;

struct ScanSummary {
  int64_t sources = 0, scanned = 0, unchanged = 0;  // sources: files, copies of one another included
  // Source name and message. Failed, this time: what could not be read for a reason that may pass is tried
  // again in the next call, and what was found in it before stays.
  std::vector<std::pair<std::string, std::string>> damaged, failed;
  std::vector<std::pair<std::string, std::string>> noted;  // sound ones of which something is worth knowing
  std::vector<std::string> changed;  // sources whose content was not what it was, and that were scanned anew
  std::vector<std::string> rewritten;  // files that changed while they were read, and were read again
  std::vector<std::string> skipped;    // left as they were, as somebody asked who watched (ScanControl)
  // Sources that lie on their side or head or are squeezed and whose files do not say so, and what was done
  // to them.
  std::vector<std::pair<std::string, std::string>> turned;
  // Of films for which a card was asked: frames decoded in this call, each time that they were.
  std::map<std::string, CardUse> decoded;
  // See ScanPlan.
  std::vector<std::pair<std::string, std::string>> copies, renamed;
  int64_t kept = 0, kept_ms = 0, unfinished = 0;
  std::set<std::string> differences;
  int64_t frames = 0, faces = 0, tracks = 0, video_ms = 0, pictures = 0;
  double seconds = 0;
  StageSeconds cpu;
};

}  // namespace crossface
