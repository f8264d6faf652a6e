// Keeps a stream as it came: its packets, unchanged, in segments of about a minute that begin with a key
// frame, as CASE/recordings/STREAM/<begin>.mkv. Each is an ordinary source.
//
// A segment has a hidden name until it is complete, and can be read up to its last second whatever becomes of
// this program; what another watch left so is found and given its name at the begin. CASE/recordings.csv
// lists every segment with its times, its clock, its SHA-256 and how long nothing was recorded before it.
// A disk that is full, or nearly, ends recording and nothing else; it is tried again every minute.
//
// Not thread-safe; one per stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "crossface/live/live_event.h"
#include "crossface/media/read/live_clock.h"
#include "crossface/media/write/segment_writer.h"
#include "crossface/util/directory.h"
#include "crossface/util/status.h"

namespace crossface {

struct RecorderOptions {
  int64_t segment_us = 60'000'000;
  int64_t spare_bytes = 256 << 20;    // of the disk, which recording never takes
  int64_t try_again_us = 60'000'000;  // after something went wrong
};

class Recorder {
 public:
  // `stream` is fit for a folder's name. `shown`: the stream's address as it may be shown. `tell` gets
  // what becomes of segments, and what goes wrong, once for each time.
  Recorder(Directory case_folder, std::string stream, std::string shown, const RecorderOptions& options,
           std::function<void(StreamEvent)> tell);
  ~Recorder();

  // Makes the folder, and ends what another watch left open. Errors: those of Directory.
  Status Open();

  // Every packet of the stream, those of sound too. `time` is that of the picture stream's last packet.
  void Take(const AVPacket& packet, const LiveClock::Time& time, const AVFormatContext& input, int pictures);

  // The connection is over, or the watch: what follows is another segment. `why` stands in the list.
  void EndSegment(std::string_view why);

  int64_t bytes() const { return bytes_ + (writer_ ? writer_->bytes() : 0); }  // recorded so far

 private:
  Status Begin(const LiveClock::Time& time, const AVFormatContext& input, int pictures);
  Status CheckSpace() const;
  Status End(std::string_view why);
  Status List(const std::string& file, const std::string& begin, const std::string& end,
              std::string_view clock, std::string_view why, const SegmentWriter::Finished& finished,
              int64_t gap_ms);
  Status Recover(const std::string& hidden);
  void GiveUp(const Status& problem, const LiveClock::Time& time);
  std::string FreeName(int64_t wall_us) const;

  const Directory case_folder_;
  const std::string stream_, shown_, folder_;
  const RecorderOptions options_;
  const std::function<void(StreamEvent)> tell_;

  std::unique_ptr<SegmentWriter> writer_;
  std::string name_;  // of the segment that is being written
  int64_t begin_wall_us_ = 0, begin_stream_us_ = 0;
  int64_t last_wall_us_ = 0, ended_wall_us_ = 0;  // ended: of the last complete segment; 0: none
  ClockKind clock_ = ClockKind::kArrival;
  int64_t not_before_us_ = INT64_MIN;  // stream time; after something went wrong
  bool wrong_ = false;                 // and it was told
  int64_t bytes_ = 0;
};

}  // namespace crossface
