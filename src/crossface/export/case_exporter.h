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
#include <vector>

#include "crossface/export/export_summary.h"
#include "crossface/export/export_watch.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// Errors: kInterrupted, kPermissionDenied,
// kOutOfResources, kIo, each naming the file.
Result<ExportSummary> ExportCase(Gallery& gallery, const ExportWatch& watch = {});

// What a correction has changed.
struct CaseChange {
  std::vector<int64_t> persons;  // who has other tracks or another name or mark; 0: nobody's tracks
  std::vector<int64_t> tracks;   // that changed hands, or stand with the same person for another reason
};

// Brings the case folder up to date after a correction, at the price of the persons whom it touches: files of
// others are neither written nor looked at, and rows of theirs in the case's own logs are copied. The same
// bytes as ExportCase. `before`: Gallery::ReadExportedLogs from before the correction. Where that is empty,
// or the case's own logs are not as they were written, all of ExportCase is done.
Result<ExportSummary> ExportChange(Gallery& gallery, const std::map<std::string, std::string>& before,
                                   const CaseChange& change, const ExportWatch& watch = {});

}  // namespace crossface
