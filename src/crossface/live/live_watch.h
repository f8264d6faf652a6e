// Watches live streams: reads and records each, looks at what is worth it, and tells who is seen. Streams
// share the threads in turn; each has a thread of its own that reads. What the machine has no time for is
// left out and counted: nothing waits without end.
//
// The gallery is only read: what is recorded becomes part of the case by an ordinary scan of the segments.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crossface/live/live_event.h"
#include "crossface/live/live_tracks.h"
#include "crossface/live/recorder.h"
#include "crossface/live/stream_reader.h"
#include "crossface/media/read/live_address.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/util/status.h"

namespace crossface {

struct LiveOptions {
  std::vector<LiveAddress> streams;        // of different names
  std::chrono::milliseconds watch_for{0};  // 0: until it is stopped
  bool record = true;
  int threads = 1;  // that look, beside one per stream that reads
  std::function<bool(const LivePerson&)> watched = [](const LivePerson&) { return false; };
  std::chrono::milliseconds stats_every{10'000};
  // About twice a second, from the thread that watches.
  std::function<void(const LiveProgress&)> progress = [](const LiveProgress&) {};
  // How often it is asked whether the case has changed.
  std::chrono::milliseconds look_into_case_every{15'000};
  RecorderOptions recorder = {};
  StreamReaderOptions reader = {};
  LiveInputOptions input = {};
  LiveTracksOptions tracks = {};
};

struct LiveSummary {
  int64_t tracks = 0, people = 0, dropped = 0, recorded_bytes = 0, segments = 0;
  std::vector<std::pair<std::string, std::string>> failed;  // streams that never came, and why
};

// Until the time is over, it is stopped, or every stream has ended. The case must exist. `tell` is called
// from this thread. Errors: those of reading the gallery and of making the folder for recordings.
Result<LiveSummary> WatchStreams(const std::filesystem::path& case_folder, const ScanModels& models,
                                 const LiveOptions& options,
                                 const std::function<void(const LiveEvent&)>& tell, std::stop_token stop);

}  // namespace crossface
