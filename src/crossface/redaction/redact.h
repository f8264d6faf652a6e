// Writes a copy of a source of a case with faces hidden. Who is hidden: redaction_plan.h; how: hide_faces.h;
// what else the copy keeps: media/write/video_writer.h.
//
// Every frame is read twice. First the detector looks at each one, whatever the scan looked at, and faces are
// joined into paths and planned; then the pictures are changed and encoded. With RedactWhom::kAll and kExcept
// the detector looks at every changed picture again before it is encoded, and what it still takes for a face,
// and may not stay, is hidden too. Detection runs on a pool; results do not depend on the number of
// threads. Memory does not grow with the size of the video but for the places of its faces.
//
// The source must be what the case knows, and stay so: its SHA-256 is recomputed first, and again in the end
// where it may have changed meanwhile.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crossface/curation/curation_state.h"
#include "crossface/detect/face_finder.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/redaction/hide_faces.h"
#include "crossface/redaction/redaction_plan.h"

namespace crossface {

struct RedactOptions {
  size_t source = 0;           // position in CurationState::sources
  std::filesystem::path path;  // where the source is now
  std::filesystem::path output;
  RedactWhom whom = RedactWhom::kAll;
  std::set<int64_t> persons;  // kOnly, kExcept
  HideMethod method = HideMethod::kFill;
  bool strip_metadata = false;
  bool exhaustive = false;  // every detector on every frame
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;
  // Makes what finds the faces; empty: the detectors that are installed.
  std::function<Result<std::unique_ptr<FaceFinder>>()> make_finder;
  std::function<bool()> keep_going;
  // Share of the work done, 0..1, and seconds left, -1 while unknown. From the calling thread, for each
  // frame.
  std::function<void(double share, double remaining_s)> progress;
};

struct RedactSummary {
  std::string sha256;  // of the copy
  int64_t frames = 0, frames_changed = 0;
  int64_t places = 0;       // that were hidden, over all frames; overlapping ones count each
  int64_t found_again = 0;  // of them, by the second look alone
  std::vector<std::string> warnings, notes;
  std::string encoder;
  std::map<std::string, std::string> detectors;  // model name to SHA-256
};

// Errors: kMismatch (the source is not what was scanned, or changed meanwhile), kInvalidArgument (the
// source's scan did not end; the output exists or has the wrong extension), kNotFound, kModelMissing,
// kOutOfResources (disk full), kInterrupted, those of reading and writing. Nothing is left at `output` after
// an error.
Result<RedactSummary> Redact(const Gallery& gallery, const CurationState& state,
                             const RedactOptions& options);

}  // namespace crossface
