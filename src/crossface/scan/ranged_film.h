// A source that was surveyed, and whose ranges are searched apart: put together again it is what one scan
// would have written, shot by shot. Not thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crossface/scan/scan_task.h"
#include "crossface/scan/source_geometry.h"

namespace crossface {

class RangedFilm {
 public:
  // Gives the findings of a range, as often as asked.
  using Answers = std::function<Result<ScanFindings>(size_t range)>;

  // `survey` has ranges.
  explicit RangedFilm(ScanFindings survey) : survey_(std::move(survey)), found_(survey_.ranges.size()) {}

  const std::vector<ScanRange>& ranges() const { return survey_.ranges; }
  // That the source is scanned with.
  std::string settings() const;

  // Whether the shots of `findings` are those that were surveyed, and nothing else: `counts` and all that
  // follows from frames alone are compared. Noted, when they are.
  bool Take(size_t range, const ScanFindings& findings);
  bool IsComplete() const;
  // Of the source, up to where all is found.
  int64_t reached_ms() const;

  // The rest REQUIRES: IsComplete().

  // Whether the source's faces would tell more turned or stretched: then all of it is to be scanned anew.
  // Errors: those of `answers`, and of the nets.
  Result<bool> NeedsOtherGeometry(const Answers& answers, const ScanModels& models) const;

  // Writes the source. `shot` gets the tracks of each, as they were written. The findings of the whole but
  // for its journal. Errors: those of `answers`, `shot` and of the sink.
  Result<ScanFindings> Write(const Answers& answers, ScanSink& sink,
                             const std::function<Status(const std::vector<TrackRecord>&)>& shot) const;

 private:
  std::vector<const ScanEntry*> ShotsOf(size_t range) const;

  const ScanFindings survey_;
  std::vector<std::optional<ScanSummary>> found_;  // of each range
};

}  // namespace crossface
