// Writes the case folder from the gallery: people/, unassigned/, the CSV logs and report.html, as
// docs/case-folder.md defines.
//
// Only files that an earlier export wrote are replaced or removed; what users put beside them stays. Every
// file is written whole or not at all; an interrupted export is completed by the next. Same gallery, same
// bytes.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "crossface/export/export_summary.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// `progress` is told files done and files in all; false stops with kInterrupted. Errors: kPermissionDenied,
// kOutOfResources, kIo, each naming the file.
Result<ExportSummary> ExportCase(Gallery& gallery,
                                 const std::function<bool(int64_t, int64_t)>& progress = {});

}  // namespace crossface
