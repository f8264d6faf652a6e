#include "crossface/export/case_exporter.h"

#include <numeric>
#include <vector>

#include "crossface/export/case_logs.h"
#include "crossface/export/case_view.h"
#include "crossface/export/exported_tree.h"
#include "crossface/export/report.h"

namespace crossface {
namespace {

class CaseExport {
 public:
  CaseExport(Gallery& gallery, const CaseView& view, ExportedTree& tree,
             const std::function<bool(int64_t, int64_t)>& progress)
      : gallery_(gallery), view_(view), tree_(tree), progress_(progress) {}

  Result<ExportSummary> Run() {
    const std::vector<PicturePlace> pictures = PlanPictures();
    // Three files per person, three logs and the report of the case, two logs of the unassigned.
    total_ = static_cast<int64_t>(pictures.size() + 3 * view_.persons.size() + 6);
    std::vector<ExportedFolder> folders;
    for (const PersonView& person : view_.persons) folders.push_back({person.record.id, person.folder, ""});
    CROSSFACE_RETURN_IF_ERROR(tree_.MoveFolders(folders));
    // Logs name pictures, and the report names both: each is written when what it names is there.
    CROSSFACE_RETURN_IF_ERROR(tree_.WritePictures(pictures, [this] { return Advance(); }));
    for (const PersonView& person : view_.persons) CROSSFACE_RETURN_IF_ERROR(WritePerson(person));
    if (!view_.unassigned.empty()) CROSSFACE_RETURN_IF_ERROR(WriteLogs("unassigned/", view_.unassigned));
    std::vector<size_t> all(view_.tracks.size());
    std::iota(all.begin(), all.end(), size_t{0});
    CROSSFACE_RETURN_IF_ERROR(WriteLogs("", all));
    CROSSFACE_RETURN_IF_ERROR(Write("sources.csv", SourcesCsv(view_)));
    CROSSFACE_ASSIGN_OR_RETURN(const std::string report, ReportHtml(view_, gallery_));
    CROSSFACE_RETURN_IF_ERROR(Write("report.html", report));
    CROSSFACE_RETURN_IF_ERROR(tree_.RemoveObsolete());
    if (progress_) progress_(total_, total_);
    return Summary();
  }

 private:
  bool Advance() { return !progress_ || progress_(++done_, total_); }

  std::vector<PicturePlace> PlanPictures() const {
    std::vector<PicturePlace> pictures;
    for (size_t track = 0; track < view_.tracks.size(); ++track) {
      for (size_t face = 0; face < view_.tracks[track].faces.size(); ++face) {
        const FaceRecord& record = view_.Face({track, face});
        if (record.jpeg_bytes > 0)
          pictures.push_back({view_.ImagePath({track, face}), record.id, record.jpeg_bytes});
      }
    }
    return pictures;
  }

  Status Write(const std::string& path, const std::string& content) {
    CROSSFACE_RETURN_IF_ERROR(tree_.WriteFile(path, content));
    return Advance() ? Status() : Status(StatusCode::kInterrupted, "stopped");
  }

  Status WriteLogs(const std::string& folder, std::span<const size_t> tracks) {
    CROSSFACE_RETURN_IF_ERROR(Write(folder + "appearances.csv", AppearancesCsv(view_, tracks)));
    return Write(folder + "faces.csv", FacesCsv(view_, tracks));
  }

  Status WritePerson(const PersonView& person) {
    const FaceRecord& portrait = view_.Face(person.portrait);
    if (portrait.jpeg_bytes > 0) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery_.ReadFacePicture(portrait.id));
      CROSSFACE_RETURN_IF_ERROR(Write(person.folder + "/portrait.jpg", jpeg));
    }
    return WriteLogs(person.folder + "/", person.tracks);
  }

  ExportSummary Summary() const {
    ExportSummary summary;
    summary.persons = static_cast<int64_t>(view_.persons.size());
    summary.tracks = static_cast<int64_t>(view_.tracks.size());
    summary.unassigned_tracks = static_cast<int64_t>(view_.unassigned.size());
    for (const TrackRecord& track : view_.tracks) summary.faces += static_cast<int64_t>(track.faces.size());
    summary.files_written = tree_.written();
    summary.files_removed = tree_.removed();
    return summary;
  }

  Gallery& gallery_;
  const CaseView& view_;
  ExportedTree& tree_;
  const std::function<bool(int64_t, int64_t)>& progress_;
  int64_t done_ = 0, total_ = 0;
};

}  // namespace

Result<ExportSummary> ExportCase(Gallery& gallery, const std::function<bool(int64_t, int64_t)>& progress) {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery));
  CROSSFACE_ASSIGN_OR_RETURN(ExportedTree tree, ExportedTree::Open(gallery));
  return CaseExport(gallery, view, tree, progress).Run();
}

}  // namespace crossface
