// What an export wrote. A plain value.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "crossface/embed/unassigned_reason.h"

namespace crossface {

struct ExportSummary {
  int64_t persons = 0, tracks = 0, faces = 0, unassigned_tracks = 0;
  std::map<UnassignedReason, int64_t> unassigned_by_reason;  // tracks; those without a reason are left out
  int64_t files_written = 0, files_removed = 0;
  double cpu_seconds = 0;                     // of the whole program meanwhile
  std::map<std::string, std::string> sha256;  // of the case's own logs and its report, by name
};

}  // namespace crossface
