// report.html: one file that shows a case in a browser, offline. All data stand in it as one JSON document
// that its script turns into the page with text nodes only; a content security policy forbids every request
// and every other script, so hostile file names and names of persons stay text. The page itself is
// report.html.in beside this file.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crossface/export/case_view.h"
#include "crossface/export/report_lines.h"
#include "crossface/util/status.h"

namespace crossface {

// The whole file. Same gallery, same bytes. Pictures are shrunk, and left out beyond about 15 MB, from the
// persons seen shortest on; the page says how many more the folders hold. Errors: the gallery's.
// `thumbnails`, where given: what Gallery::KeepThumbnails takes, so that the next report need not make them.
struct ReportThumbnails {
  std::vector<Thumbnail> made;
  std::vector<int64_t> shown_faces;
};
Result<std::string> ReportHtml(const CaseView& view, const Gallery& gallery,
                               ReportThumbnails* thumbnails = nullptr);

// What corrections have changed since a report was written.
struct ReportChange {
  std::vector<ReportRank> persons;  // all that there are, by id
  std::set<int64_t> touched;        // who has other tracks or another name or mark; 0: nobody's tracks
  // All tracks of the sources in which some changed hands, by number; by position in CaseView::sources.
  std::map<int64_t, std::vector<ReportTrack>> tracks;
};
// Appends the report that ReportHtml would give of the whole case, out of `page`, which it gave before the
// change. `view` has the tracks of those touched. False, with nothing appended, where the change goes further
// than that. Errors: the gallery's; those of `append`.
Result<bool> UpdateReport(std::string_view page, const ReportChange& change, const CaseView& view,
                          const Gallery& gallery, ReportThumbnails* thumbnails, const AppendText& append);

}  // namespace crossface
