// Lets old recordings of live streams go, so that a watch does not fill the disk. Only the film goes: tracks,
// faces and pictures stay in the case.
//
// Never one that was not identified yet, in which anybody is seen who has a name or was confirmed, or who may
// be somebody of these as the last grouping asks, or of which any correction speaks; nor one that is not what
// was recorded. The log of runs says first what is about to go, then the gallery, and then the film goes: so
// there is evidence of every film that is gone, whenever the program is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/custody/run_log.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/directory.h"
#include "crossface/util/status.h"

namespace crossface {

struct KeepLimits {
  std::optional<double> days;    // since the end of a segment
  std::optional<int64_t> bytes;  // of all segments together; the oldest go first
  bool any() const { return days || bytes; }
};

// A segment of CASE/recordings.csv that is there.
struct RecordedSegment {
  std::string file;  // relative to the case folder
  std::string sha256, begin, end;
  int64_t bytes = 0, end_us = 0;  // end_us: of the begin where the end is not known
  bool operator==(const RecordedSegment&) const = default;
};

struct BeyondLimits {
  std::vector<RecordedSegment> old;  // beyond `days`, the oldest first
  std::vector<RecordedSegment> all;  // that are there, the oldest first
  int64_t too_many_bytes = 0;        // more than `bytes` by so much; 0: not more
  bool any() const { return !old.empty() || too_many_bytes > 0; }
};
// A look at the folder and the list alone. Errors: kCorrupt for a list that is none; those of Directory.
Result<BeyondLimits> FindBeyondLimits(const Directory& case_folder, const KeepLimits& limits, int64_t now_us);

struct LetGoSummary {
  int64_t segments = 0, bytes = 0;  // that went
  // Beyond the limits, and kept: somebody who counts is seen in them; they were not identified yet; they are
  // not what was recorded, or lie elsewhere too.
  int64_t kept_for_people = 0, kept_unidentified = 0, kept_other = 0;
};

struct LetGoOptions {
  KeepLimits limits;
  int64_t now_us = 0;  // since 1970 UTC
  std::stop_token stop;
  // Called before the film goes, for what was made of it and can only be made of it.
  std::function<Status(const SourceRecord&)> going = [](const SourceRecord&) { return Status(); };
};

// Errors: the gallery's, the log's; kIo and the like of a film that cannot be removed.
Result<LetGoSummary> LetRecordingsGo(Gallery& gallery, RunLog& log, const LetGoOptions& options);

}  // namespace crossface
