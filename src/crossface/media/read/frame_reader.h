// Decodes a source, frame by frame, in presentation order. The file is opened read-only.
//
// One reader per source; not thread-safe, but readers are independent of each other, and their Frames may go
// to other threads. A damaged file gives every frame it still holds: skipped parts are counted and told by
// damage().
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/media/file/source.h"
#include "crossface/media/read/card_use.h"
#include "crossface/media/read/frame.h"
#include "crossface/util/status.h"

namespace crossface {

struct ReaderOptions {
  // With more than one, a sound file gives the same frames; in a damaged one, what the decoder guesses may
  // differ.
  int decoder_threads = 1;
  // Pictures with more pixels than this are refused with kUnsupported before anything of their size is
  // allocated.
  int64_t max_pixels = 16384LL * 8192;
  WantedGeometry geometry;  // in place of what the file states
  std::string part = {};    // as in SourceFile
  // A picture larger than the frame that coordinates are in ends the stream (FrameReader::outgrown), instead
  // of being made smaller.
  bool stop_at_larger = false;
  // Reading begins at a frame that is not after this time stamp, where the container can find one: indices
  // and times count from there then, and only time stamps mean what they do otherwise.
  std::optional<int64_t> from_pts = {};
  // The number of an NVIDIA card that is to decode a film, where it can: frames are those that the processor
  // gives, and what the card cannot do the processor does (FrameReader::card_use).
  std::optional<int> card = {};
  // Asked now and then, during slow input too; false makes Next() return kInterrupted.
  std::stop_token stop;
};

class FrameReader {
 public:
  virtual ~FrameReader() = default;

  // Its geometry_notes grow while frames are read.
  virtual const SourceInfo& info() const = 0;

  // The next frame; nothing at the end. Times never go backwards. Errors, which end the stream: kInterrupted,
  // and kMismatch where stop_at_larger asks for it. Damage is no error here; pictures that grew past
  // max_pixels are skipped and counted as damage.
  virtual Result<std::optional<Frame>> Next() = 0;

  // After the end: ok, or kCorrupt with what was missing or skipped and how much (frames, bytes, time); kIo
  // when reading failed, which is not the file's fault.
  virtual Status damage() const = 0;

  // After the end: what is worth knowing although nothing is missing, such as time stamps that jump; a clause
  // each.
  virtual std::vector<std::string> notes() const { return {}; }

  // After Next() ended because of a larger picture: the size of the largest in the whole file. Opened with it
  // as geometry.frame, the source fits.
  virtual std::optional<cv::Size> outgrown() const { return std::nullopt; }

  // Of a film for which a card was asked: who decoded the frames so far.
  virtual std::optional<CardUse> card_use() const { return std::nullopt; }
};

// Opens a video or an image, told apart by content, not by name. Errors, each naming the file: kNotFound,
// kPermissionDenied, kCorrupt (empty file, text, no readable header), kNoVideo (audio only, no picture),
// kUnsupported (no decoder, absurd size), kInvalidArgument (the wanted aspect would stretch pixels more than
// eightfold, or no such part), kNotFound (the file has no such part any more).
//
// `parts`, when given, gets the further parts of the file that this one leads to, in the file's order,
// whether or not this one can be read: further picture streams or pages, and for the first part what is
// appended to it. Each is a source of its own, to be opened the same way.
Result<std::unique_ptr<FrameReader>> OpenSource(const std::filesystem::path& path,
                                                const ReaderOptions& options = {},
                                                std::vector<std::string>* parts = nullptr);

// Whether films can be decoded by that NVIDIA card of this computer. Takes it into use, until the program
// ends. Thread-safe. Errors: kDeviceUnavailable, with why, for people.
Status CheckDecodingCard(int card);

}  // namespace crossface
