// Writes a changed copy of a video: new pictures, and everything else as the source has it. Pictures are
// encoded as H.264 by libx264 (CRF 18, preset medium, 8-bit 4:2:0) under the time stamps that they come with;
// every sound track is copied packet by packet.
//
//   kept        time stamps (a variable frame rate stays one), colour description, sound
//               tracks, and, unless stripped, tags and chapters as far as the new container can hold them
//   applied     rotation and sample aspect ratio: pictures come upright with square pixels, and no display
//               matrix is written
//   left out    subtitles, data tracks (a phone's positions among them), attachments, cover art, which may
//               show a face
//   changed     a side with an odd number of pixels gets one more, as 4:2:0 cannot hold it; Matroska counts
//   in
//               milliseconds, and rounds other time stamps to them
//
// The container follows the name's extension: mp4, m4v, mov or mkv. Not thread-safe. One writer per copy.
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/media/file/source.h"
#include "crossface/util/status.h"

namespace crossface {

struct VideoWriterOptions {
  // No tags, chapters, creation time, place, or strings that name the encoder.
  bool strip_metadata = false;
  // To be looked at in a browser, not kept: encoded fast, and sound that browsers do not play is left out.
  bool for_browsers = false;
  int threads = 1;  // of the encoder; the copy's bytes may depend on it
  std::stop_token stop;
};

class VideoWriter {
 public:
  virtual ~VideoWriter() = default;

  // `info` is of the reader of `source` whose pictures are to be written. Errors, each naming a file:
  // kInvalidArgument (another extension; the output exists), kUnsupported (a sound track that the container
  // cannot hold, no H.264 encoder), and those of opening the source and creating the output.
  static Result<std::unique_ptr<VideoWriter>> Create(const std::filesystem::path& source,
                                                     const SourceInfo& info,
                                                     const std::filesystem::path& output,
                                                     const VideoWriterOptions& options);

  // CV_8UC3, BGR, as the reader gives them, of the size in `info`; `pts` and `duration` in ticks of the
  // source's time base, `pts` rising (one that does not is moved one tick past the last). Errors:
  // kOutOfResources (disk full), kIo, kInterrupted.
  virtual Status Write(const cv::Mat& bgr, int64_t pts, int64_t duration) = 0;

  // Ends the file, flushes it to the disk, and gives it its name. Returns its SHA-256. Without this call
  // nothing is left behind.
  virtual Result<std::string> Finish() = 0;

  // The encoder and its settings, for logs.
  virtual std::string encoder() const = 0;
  // What of the source is not in the copy, one sentence each.
  virtual const std::vector<std::string>& notes() const = 0;
};

}  // namespace crossface
