#include "crossface/export/unchanged_export.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/export/case_files.h"
#include "crossface/export/case_people.h"
#include "crossface/export/case_view.h"
#include "crossface/export/exported_tree.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

// What an export clears away.
bool HaveLeftovers(const std::vector<Directory::Entry>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const Directory::Entry& entry) { return IsHalfWritten(entry.name); });
}

class FolderCheck {
 public:
  explicit FolderCheck(const Directory& root) : root_(root) {}

  bool IsAsWritten(const ExportedFile& file, int64_t picture_bytes) {
    return file.face_id == 0 ? HasDigest(file) : HasPicture(file.path, picture_bytes);
  }

  // Whether a killed program left something that an export clears away.
  bool HasLeftovers(const std::string& folder) const {
    const auto entries = root_.List(folder);
    return entries.ok() && HaveLeftovers(*entries);
  }

 private:
  bool HasDigest(const ExportedFile& file) const {
    if (file.sha256.empty()) return false;  // it was about to be written
    Sha256 hash;
    const Status read = root_.ReadBlocks(file.path, [&](std::string_view block) {
      hash.Update(block);
      return true;
    });
    return read.ok() && hash.HexDigest() == file.sha256;
  }

  // Pictures come folder by folder: each is looked into once.
  bool HasPicture(const std::string& path, int64_t bytes) {
    const size_t slash = path.rfind('/');
    if (path.substr(0, slash) != folder_) {
      folder_ = path.substr(0, slash);
      auto entries = root_.List(folder_);
      if (!entries.ok()) return false;
      entries_ = *std::move(entries);
      has_leftovers_ = HaveLeftovers(entries_);
    }
    const std::string_view name = std::string_view(path).substr(slash + 1);
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), name,
                                        [](const auto& entry, std::string_view b) { return entry.name < b; });
    return !has_leftovers_ && found != entries_.end() && found->name == name &&
           found->kind == Directory::Kind::kFile && found->bytes == bytes;
  }

  const Directory& root_;
  std::string folder_;
  std::vector<Directory::Entry> entries_;
  bool has_leftovers_ = false;
};

Result<bool> AreFoldersWherePeopleAre(const Gallery& gallery, const CasePeople& people) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ExportedFolder> folders, gallery.ReadExportedFolders());
  std::vector<ExportedFolder> wanted;
  wanted.reserve(people.records.size());
  for (const PersonRecord& record : people.records) wanted.push_back({record.id, FolderOf(record), ""});
  return folders == wanted;
}

}  // namespace

Result<std::optional<ExportSummary>> FindUnchangedExport(const Gallery& gallery, const ExportWatch& watch) {
  using Found = std::optional<ExportSummary>;
  CROSSFACE_ASSIGN_OR_RETURN(auto logs, gallery.ReadExportedLogs());
  const auto mark = logs.extract(std::string(kWriterMark));
  FolderCheck check(gallery.directory());
  if (mark.empty() || mark.mapped() != WriterMark() || check.HasLeftovers("")) return Found();
  CROSSFACE_ASSIGN_OR_RETURN(CasePeople people, ReadCasePeople(gallery));
  CROSSFACE_ASSIGN_OR_RETURN(const bool same_folders, AreFoldersWherePeopleAre(gallery, people));
  if (!same_folders) return Found();

  bool is_unchanged = true;
  int64_t looked_at = 0;
  const int64_t total = people.counts.faces + 3 * people.counts.persons + static_cast<int64_t>(logs.size());
  const Status looked = gallery.ForEachExportedFile([&](const ExportedFile& file, int64_t picture_bytes) {
    is_unchanged = check.IsAsWritten(file, picture_bytes);
    if (!is_unchanged) return Status(StatusCode::kNotFound, file.path);
    return watch.Tell(std::min(++looked_at, total), total);
  });
  if (!is_unchanged) return Found();
  CROSSFACE_RETURN_IF_ERROR(looked);
  people.counts.sha256 = std::move(logs);
  return Found(std::move(people.counts));
}

}  // namespace crossface
