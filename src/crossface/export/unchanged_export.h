// Whether the case folder is what the last export left and the gallery still says: then there is nothing to
// export, and nothing of the case's tracks is read.
#pragma once

#include <functional>
#include <optional>

#include "crossface/export/export_summary.h"
#include "crossface/export/export_watch.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

// Looks at every file: a picture must be there in its size, every other file have the SHA-256 that the
// gallery keeps. Nothing where the gallery has changed since, or another version of the program wrote the
// folder, or an export was cut off, or a file is not as it was. Memory does not grow with the case.
// Errors: kInterrupted, kIo, the gallery's.
Result<std::optional<ExportSummary>> FindUnchangedExport(const Gallery& gallery,
                                                         const ExportWatch& watch = {});

}  // namespace crossface
