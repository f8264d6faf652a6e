#include "crossface/export/case_files.h"

#include <numeric>

#include "crossface/export/case_logs.h"
#include "crossface/export/duplicates_log.h"
#include "crossface/export/report_page.h"
#include "crossface/util/hash.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

using Take = std::function<Status(const std::string&, std::string)>;

Status TakeLogs(const CaseView& view, const std::string& folder, std::span<const size_t> tracks,
                const Take& take) {
  CROSSFACE_RETURN_IF_ERROR(take(folder + "appearances.csv", AppearancesCsv(view, tracks)));
  return take(folder + "faces.csv", FacesCsv(view, tracks));
}

}  // namespace

Status ForEachPersonFile(const CaseView& view, const Gallery& gallery, const PersonView& person,
                         const Take& take) {
  const FaceRecord& portrait = view.Face(person.portrait);
  if (portrait.jpeg_bytes > 0) {
    CROSSFACE_ASSIGN_OR_RETURN(std::string jpeg, gallery.ReadFacePicture(portrait.id));
    CROSSFACE_RETURN_IF_ERROR(take(person.folder + "/portrait.jpg", std::move(jpeg)));
  }
  return TakeLogs(view, person.folder + "/", person.tracks, take);
}

Status ForEachUnassignedFile(const CaseView& view, const Take& take) {
  return view.unassigned.empty() ? Status() : TakeLogs(view, "unassigned/", view.unassigned, take);
}

std::vector<PicturePlace> PicturesOf(const CaseView& view) {
  std::vector<PicturePlace> pictures;
  for (size_t track = 0; track < view.tracks.size(); ++track) {
    for (size_t face = 0; face < view.tracks[track].faces.size(); ++face) {
      const FaceRecord& record = view.Face({track, face});
      if (record.jpeg_bytes > 0)
        pictures.push_back({view.ImagePath({track, face}), record.id, record.jpeg_bytes});
    }
  }
  return pictures;
}

Status ForEachCaseFile(const CaseView& view, const Gallery& gallery, const Take& take,
                       ReportThumbnails* thumbnails) {
  for (const PersonView& person : view.persons)
    CROSSFACE_RETURN_IF_ERROR(ForEachPersonFile(view, gallery, person, take));
  CROSSFACE_RETURN_IF_ERROR(ForEachUnassignedFile(view, take));
  std::vector<size_t> all(view.tracks.size());
  std::iota(all.begin(), all.end(), size_t{0});
  CROSSFACE_RETURN_IF_ERROR(TakeLogs(view, "", all, take));
  CROSSFACE_RETURN_IF_ERROR(take("sources.csv", SourcesCsv(view)));
  CROSSFACE_RETURN_IF_ERROR(take("suggestions.csv", SuggestionsCsv(view)));
  // Without a search for copies, a file without rows would say that there are none.
  CROSSFACE_ASSIGN_OR_RETURN(const DuplicatesView duplicates, ReadDuplicates(gallery));
  if (duplicates.looked) CROSSFACE_RETURN_IF_ERROR(take("duplicates.csv", DuplicatesCsv(duplicates)));
  CROSSFACE_ASSIGN_OR_RETURN(std::string report, ReportHtml(view, gallery, thumbnails));
  return take("report.html", std::move(report));
}

std::string WriterMark() { return Sha256Hex(std::string(kVersion) + std::string(kReportPage)); }

int64_t CountCaseFiles(const CaseView& view, const Gallery& gallery) {
  const auto looked = gallery.HasLookedForCopies();
  // Three files per person, four logs and the report of the case, two logs of the unassigned, and the copies.
  return static_cast<int64_t>(3 * view.persons.size() + 7 + (looked.ok() && *looked ? 1 : 0));
}

}  // namespace crossface
