// Compares a case folder with what its gallery says should be in it, byte by byte. Changes nothing.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

struct ExportCheck {
  int64_t files = 0;                                 // that should be there
  std::vector<std::string> missing, changed, extra;  // paths relative to the case folder, sorted
  std::map<std::string, std::string> sha256;         // of the case's own logs and report, as they should be
};

// Extra is what stands in the folders that exports write (people, ignored, unassigned) and is none of theirs:
// a user's notes as well as a planted picture. A stop gives kInterrupted. Errors: the
// gallery's; kPermissionDenied, kIo.
Result<ExportCheck> CheckExport(const Gallery& gallery, const std::stop_token& stop = {});

}  // namespace crossface
