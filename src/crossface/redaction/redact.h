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
#include "crossface/redaction/redact_options.h"
#include "crossface/redaction/redaction_plan.h"

namespace crossface {

// Errors: kMismatch (the source is not what was scanned, or changed meanwhile), kInvalidArgument (the
// source's scan did not end; the output exists or has the wrong extension), kNotFound, kModelMissing,
// kOutOfResources (disk full), kInterrupted, those of reading and writing. Nothing is left at `output` after
// an error.
Result<RedactSummary> Redact(const Gallery& gallery, const CurationState& state,
                             const RedactOptions& options);

}  // namespace crossface
