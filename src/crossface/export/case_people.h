// Who is in a case, and how much: what an export says of it as a whole, added up by the database.
#pragma once

#include <vector>

#include "crossface/export/export_summary.h"
#include "crossface/export/report_lines.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

struct CasePeople {
  std::vector<PersonRecord> records;  // by id; who has no tracks is left out
  std::vector<ReportRank> ranks;      // of the same
  ExportSummary counts;               // of what was written: nothing
};

// Errors: the gallery's.
Result<CasePeople> ReadCasePeople(const Gallery& gallery);

}  // namespace crossface
