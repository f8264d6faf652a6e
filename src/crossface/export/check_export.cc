#include "crossface/export/check_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "crossface/export/case_files.h"
#include "crossface/util/hash.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

class Check {
 public:
  Check(const Gallery& gallery, const std::stop_token& stop) : gallery_(gallery), stop_(stop) {}

  Result<ExportCheck> Run() {
    CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery_));
    for (const PicturePlace& picture : PicturesOf(view)) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery_.ReadFacePicture(picture.face_id));
      CROSSFACE_RETURN_IF_ERROR(Compare(picture.path, jpeg));
    }
    CROSSFACE_RETURN_IF_ERROR(
        ForEachCaseFile(view, gallery_, [this](const std::string& path, const std::string& content) {
          if (path.find('/') == std::string::npos) check_.sha256[path] = Sha256Hex(content);
          return Compare(path, content);
        }));
    for (const char* folder : {"people", "ignored", "unassigned"})
      CROSSFACE_RETURN_IF_ERROR(FindExtra(folder));
    for (auto* list : {&check_.missing, &check_.changed, &check_.extra})
      std::sort(list->begin(), list->end());
    return std::move(check_);
  }

 private:
  Status Compare(const std::string& path, const std::string& content) {
    if (stop_.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    ++check_.files;
    expected_.insert(path);
    // A link, a pipe or a folder of that name is not what was written either.
    const Directory::Entry entry = gallery_.directory().Look(path);
    if (entry.kind == Directory::Kind::kNothing) {
      check_.missing.push_back(path);
      return Status();
    }
    const bool comparable =
        entry.kind == Directory::Kind::kFile && entry.bytes == static_cast<int64_t>(content.size());
    const auto found = comparable ? gallery_.directory().Read(path) : std::string();
    if (!found.ok()) return found.status();
    if (!comparable || *found != content) {
      check_.changed.push_back(path);
    }
    return Status();
  }

  Status FindExtra(const std::string& folder) {
    const fs::path& root = gallery_.case_folder();
    std::error_code error;
    if (!fs::exists(fs::symlink_status(root / folder, error))) return Status();
    fs::recursive_directory_iterator entry(root / folder, error);
    for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
      const std::string path = entry->path().lexically_relative(root).generic_string();
      const bool plain_folder = entry->is_directory(error) && !entry->is_symlink(error);
      if (!plain_folder && !expected_.contains(path)) check_.extra.push_back(path);
    }
    if (!error) return Status();
    return ErrnoStatus(error.value(), fmt::format("cannot read the folder {}", DisplayPath(root / folder)));
  }

  const Gallery& gallery_;
  const std::stop_token stop_;
  std::set<std::string> expected_;
  ExportCheck check_;
};

}  // namespace

Result<ExportCheck> CheckExport(const Gallery& gallery, const std::stop_token& stop) {
  return Check(gallery, stop).Run();
}

}  // namespace crossface
