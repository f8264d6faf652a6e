// The data of report.html, a line of text for each source, its tracks, and each person: what has not changed
// stands in the next report as it stood in the last, and needs not be made again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/export/case_view.h"
#include "crossface/export/report_pictures.h"

namespace crossface {

// What a report shows of a case of so many persons. It depends on nothing else, so that one person's pictures
// never depend on another's: about 15 MB, shared out evenly.
struct ReportShares {
  size_t portraits = 0;  // of the persons that come first
  size_t faces = 0;      // of each person beside the portrait
  bool operator==(const ReportShares&) const = default;
};
ReportShares ReportSharesFor(size_t persons);

// Whoever is shown first: seen longest first, the ignored last. `persons` by id.
struct ReportRank {
  int64_t person_id = 0;
  bool ignored = false;
  int64_t screen_us = 0, tracks = 0;
};
void SortForReport(std::vector<ReportRank>* persons);

struct ReportTrack {
  int64_t person_id = 0;  // 0 for nobody
  int64_t start_us = 0, end_us = 0, faces = 0;
  float confidence = 0;
  UnassignedReason reason = UnassignedReason::kNone;
};

// Version, models and method: all but lists. `clustering`: the gallery's fact.
std::string ReportHead(const CaseView& view, const std::string& clustering);
// Empty for no tracks. `source`: position in CaseView::sources.
std::string ReportTracksLine(size_t source, const std::vector<ReportTrack>& tracks);
std::string ReportSourceLine(const SourceRecord& source, int64_t last_end_ms);
// Errors: the gallery's.
Result<std::string> ReportPersonLine(const CaseView& view, const PersonView& person, bool portrait,
                                     size_t faces, Thumbnails* thumbnails);
Result<std::string> ReportUnassignedLine(const CaseView& view, Thumbnails* thumbnails);

// A report taken apart, or to be put together. Owns no text.
struct ReportLines {
  std::string_view head;
  std::vector<std::string_view> tracks, sources, persons;
  std::string_view unassigned;
};
std::string ReportPage(const ReportLines& lines);
// The same piece by piece: a page of a large case is large. Errors: those of `append`.
using AppendText = std::function<Status(std::string_view)>;
Status AppendReportPage(const ReportLines& lines, const AppendText& append);
// Nothing for what is no report of this program.
std::optional<ReportLines> SplitReport(std::string_view page);
// Which source a line of tracks is of; whose line a person's is. -1 for neither.
int64_t SourceOfLine(std::string_view line);
int64_t PersonOfLine(std::string_view line);

}  // namespace crossface
