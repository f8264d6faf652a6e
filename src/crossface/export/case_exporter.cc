#include "crossface/export/case_exporter.h"

#include <map>
#include <optional>
#include <vector>

#include "crossface/export/case_files.h"
#include "crossface/export/case_view.h"
#include "crossface/export/exported_tree.h"
#include "crossface/export/unchanged_export.h"

namespace crossface {
namespace {

class CaseExport {
 public:
  CaseExport(Gallery& gallery, const CaseView& view, ExportedTree& tree, const ExportWatch& watch)
      : gallery_(gallery), view_(view), tree_(tree), watch_(watch) {}

  Result<ExportSummary> Run() {
    std::vector<PicturePlace> pictures = PicturesOf(view_);
    total_ = static_cast<int64_t>(pictures.size()) + CountCaseFiles(view_, gallery_);
    std::vector<ExportedFolder> folders;
    for (const PersonView& person : view_.persons) folders.push_back({person.record.id, person.folder, ""});
    CROSSFACE_RETURN_IF_ERROR(tree_.MoveFolders(folders));
    // Logs name pictures, and the report names both: each is written when what it names is there.
    CROSSFACE_RETURN_IF_ERROR(tree_.WritePictures(pictures, [this] { return Advance(); }));
    pictures = std::vector<PicturePlace>();  // the logs need the room
    ReportThumbnails thumbnails;
    CROSSFACE_RETURN_IF_ERROR(ForEachCaseFile(
        view_, gallery_,
        [this](const std::string& path, std::string content) { return Write(path, std::move(content)); },
        &thumbnails));
    CROSSFACE_RETURN_IF_ERROR(tree_.RemoveObsolete());
    if (!thumbnails.made.empty())
      CROSSFACE_RETURN_IF_ERROR(gallery_.KeepThumbnails(thumbnails.made, thumbnails.shown_faces));
    std::map<std::string, std::string> logs = sha256_;
    logs[kWriterMark] = WriterMark();
    CROSSFACE_RETURN_IF_ERROR(gallery_.WriteExportedLogs(logs));
    if (watch_.progress) watch_.progress(total_, total_);
    return Summary();
  }

 private:
  Status Advance() { return watch_.Tell(++done_, total_); }

  Status Write(const std::string& path, std::string content) {
    CROSSFACE_ASSIGN_OR_RETURN(std::string sha256, tree_.WriteFile(path, std::move(content)));
    if (path.find('/') == std::string::npos) sha256_[path] = std::move(sha256);
    return Advance();
  }

  ExportSummary Summary() const {
    ExportSummary summary;
    summary.persons = static_cast<int64_t>(view_.persons.size());
    summary.tracks = static_cast<int64_t>(view_.tracks.size());
    summary.unassigned_tracks = static_cast<int64_t>(view_.unassigned.size());
    summary.unassigned_by_reason = view_.CountReasons();
    for (const TrackRecord& track : view_.tracks) summary.faces += static_cast<int64_t>(track.faces.size());
    summary.files_written = tree_.written();
    summary.files_removed = tree_.removed();
    summary.sha256 = sha256_;
    return summary;
  }

  Gallery& gallery_;
  const CaseView& view_;
  ExportedTree& tree_;
  const ExportWatch& watch_;
  int64_t done_ = 0, total_ = 0;
  std::map<std::string, std::string> sha256_;
};

// An export that is cut off leaves files half written, wherever it was. What says so is that there is no last
// export any more; then nobody has to look for such files in folders that are as they should be.
Status ForgetLastExport(Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto logs, gallery.ReadExportedLogs());
  return logs.empty() ? Status() : gallery.WriteExportedLogs({});
}

}  // namespace

Result<ExportSummary> ExportCase(Gallery& gallery, const ExportWatch& watch) {
  CROSSFACE_ASSIGN_OR_RETURN(std::optional<ExportSummary> unchanged, FindUnchangedExport(gallery, watch));
  if (unchanged) return *std::move(unchanged);
  CROSSFACE_RETURN_IF_ERROR(ForgetLastExport(gallery));
  // Minutes in a large case, for which nobody should have to wait who wants to say something.
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView view,
                             gallery.UnlessStopped(watch.stop, [&] { return CaseView::Read(gallery); }));
  CROSSFACE_ASSIGN_OR_RETURN(ExportedTree tree,
                             gallery.UnlessStopped(watch.stop, [&] { return ExportedTree::Open(gallery); }));
  return CaseExport(gallery, view, tree, watch).Run();
}

}  // namespace crossface
