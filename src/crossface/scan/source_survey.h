// Divides a long source into ranges that can be scanned apart and put together again (scan/ranged_film.h).
//
// A survey is a scan that chooses frames and finds shots, and searches nothing: all that a scan carries over
// the border of a shot is known after it, and noted. Frames that would be searched are marked, so that
// whoever scans a range knows that it reads what was surveyed. Not thread-safe; one per source.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "crossface/gallery/records.h"
#include "crossface/media/read/range_reader.h"

namespace crossface {

struct ScanOutcome;

// Whole shots of a source, and what the scan would know before them.
struct ScanRange {
  std::string sha256;   // of the file
  FrameRange frames;    // marked: all that are searched
  ScanCheckpoint from;  // tracks are numbered from 0 on
};

class SourceSurvey {
 public:
  // A range begins with the first shot after each multiple of `range_us` of the source, which must be
  // positive: by the source's time, so that the same ranges come out wherever a survey goes on from.
  explicit SourceSurvey(int64_t range_us) : range_us_(range_us) {}

  // Whether a source is long enough, and was not given up.
  bool Wants(const SourceInfo& info) const;
  // Every reading begins with this, whatever was noted before.
  void Begin(const ScanCheckpoint& from);
  // What is searched, in order.
  void Add(const Frame& kept);
  // The end of a shot.
  void Add(const ScanCheckpoint& after);
  // From now on nothing is wanted.
  void GiveUp();

  // After the end of `path`, which was read with `options`. Whether there are ranges: not of a source that is
  // damaged or unusual in any way (notes, changing pictures, time stamps that times do not follow from), and
  // none begins where reading cannot begin, which is tried. Where there are none the survey is given up.
  // Errors: kInterrupted.
  Result<bool> Divide(const std::filesystem::path& path, const ReaderOptions& options, const SourceInfo& info,
                      const ScanOutcome& outcome, const std::string& sha256);

  std::vector<ScanRange> TakeRanges() { return std::exchange(ranges_, {}); }

  // SourceGeometry::pictures, which is what tells how the whole source lies.
  std::vector<cv::Mat> pictures;

 private:
  struct Kept {
    FrameMark mark;
    int64_t time_us = 0;
  };
  // A shot by what is known before it.
  struct Shot {
    ScanCheckpoint begin;
    size_t first_kept = 0;
  };
  bool IsUsual(const SourceInfo& info, const ScanOutcome& outcome, const TimeBase& times) const;
  Result<bool> CanBegin(const std::filesystem::path& path, const ReaderOptions& options, const Shot& shot,
                        const TimeBase& times) const;
  FrameRange FramesOf(const Shot& shot, size_t end_kept, int64_t end_frame, const TimeBase& times) const;

  const int64_t range_us_;
  bool given_up_ = false, marked_ = true;
  std::vector<Kept> kept_;
  std::vector<Shot> shots_;  // and one behind the last
  std::vector<ScanRange> ranges_;
};

}  // namespace crossface
