// report.html: one file that shows a case in a browser, offline. All data stand in it as one JSON document
// that its script turns into the page with text nodes only; a content security policy forbids every request
// and every other script, so hostile file names and names of persons stay text. The page itself is
// report.html.in beside this file.
#pragma once

#include <string>
#include <vector>

#include "crossface/export/case_view.h"
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

}  // namespace crossface
