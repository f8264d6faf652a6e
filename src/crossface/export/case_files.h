// What belongs into a case folder, as a gallery has it: written by case_exporter.h, compared by
// check_export.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "crossface/export/case_view.h"
#include "crossface/export/exported_tree.h"
#include "crossface/export/report.h"

namespace crossface {

std::vector<PicturePlace> PicturesOf(const CaseView& view);

// Calls `take` as ForEachCaseFile does, for the files in this person's folder; in unassigned/.
Status ForEachPersonFile(const CaseView& view, const Gallery& gallery, const PersonView& person,
                         const std::function<Status(const std::string&, std::string)>& take);
Status ForEachUnassignedFile(const CaseView& view,
                             const std::function<Status(const std::string&, std::string)>& take);

// Calls `take` with the path, relative to the case folder, and the content of every file but the pictures of
// PicturesOf, in an order in which each comes after what it names. Errors: the gallery's and those of `take`,
// which end it. `thumbnails`: see ReportHtml.
Status ForEachCaseFile(const CaseView& view, const Gallery& gallery,
                       const std::function<Status(const std::string&, std::string)>& take,
                       ReportThumbnails* thumbnails = nullptr);
// What logs of another program do not have: a mark among Gallery::ReadExportedLogs, by its name, of how this
// program writes them.
inline constexpr char kWriterMark[] = "writer";
std::string WriterMark();

// How many files that are, or a few more.
int64_t CountCaseFiles(const CaseView& view, const Gallery& gallery);

}  // namespace crossface
