#include "crossface/export/unchanged_export.h"

#include <algorithm>
#include <deque>
#include <future>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossface/export/case_files.h"
#include "crossface/export/case_people.h"
#include "crossface/export/case_view.h"
#include "crossface/export/exported_tree.h"
#include "crossface/util/hash.h"
#include "crossface/util/thread_budget.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

// Files that are looked at in one task, all of the last one's folder with them: enough that handing tasks on
// costs nothing beside it.
constexpr size_t kFilesPerTask = 256;

struct WrittenFile {
  ExportedFile file;
  int64_t picture_bytes = 0;
};

std::string_view FolderOfFile(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : path.substr(0, slash);
}

// What an export clears away; true also when it cannot be known.
bool HasLeftovers(const Directory& folder) {
  bool found = false;
  const Status read =
      folder.ForEachName([&](std::string_view name) { found = found || IsHalfWritten(name); });
  return found || !read.ok();
}

bool HasDigest(const Directory& folder, const std::string& name, const std::string& sha256) {
  if (sha256.empty()) return false;  // it was about to be written
  Sha256 hash;
  const Status read = folder.ReadBlocks(name, [&](std::string_view block) {
    hash.Update(block);
    return true;
  });
  return read.ok() && hash.HexDigest() == sha256;
}

bool HasPicture(const Directory& folder, const std::string& name, int64_t bytes) {
  const Directory::Entry entry = folder.Look(name);
  return entry.kind == Directory::Kind::kFile && entry.bytes == bytes;
}

// Files of one folder. False also where a killed program left something among pictures.
bool IsFolderAsWritten(const Directory& root, std::span<const WrittenFile> files) {
  const std::string_view path = FolderOfFile(files.front().file.path);
  const auto folder = root.OpenInside(std::string(path));
  if (!folder.ok()) return false;
  const auto is_picture = [](const WrittenFile& each) { return each.file.face_id != 0; };
  if (std::any_of(files.begin(), files.end(), is_picture) && HasLeftovers(*folder)) return false;
  return std::all_of(files.begin(), files.end(), [&](const WrittenFile& each) {
    const std::string name = each.file.path.substr(path.empty() ? 0 : path.size() + 1);
    return is_picture(each) ? HasPicture(*folder, name, each.picture_bytes)
                            : HasDigest(*folder, name, each.file.sha256);
  });
}

// Files folder by folder.
bool AreAsWritten(const Directory& root, std::span<const WrittenFile> files) {
  while (!files.empty()) {
    const std::string_view folder = FolderOfFile(files.front().file.path);
    const auto next = std::find_if(files.begin(), files.end(), [&](const WrittenFile& each) {
      return FolderOfFile(each.file.path) != folder;
    });
    const auto count = static_cast<size_t>(next - files.begin());
    if (!IsFolderAsWritten(root, files.first(count))) return false;
    files = files.subspan(count);
  }
  return true;
}

// Looks at folders while the gallery says what should be in the next ones: on all threads, because what
// takes time is the system's looking at each file.
class FoldersCheck {
 public:
  explicit FoldersCheck(const Directory& root) : root_(root), pool_(ThreadBudget()) {}

  // False once something is known to be otherwise. Files come folder by folder.
  bool Add(const ExportedFile& file, int64_t picture_bytes) {
    if (files_.size() >= kFilesPerTask && FolderOfFile(files_.back().file.path) != FolderOfFile(file.path)) {
      if (!LookAtFiles()) return false;
    }
    files_.push_back({file, picture_bytes});
    return true;
  }

  bool Finish() {
    bool as_written = LookAtFiles();
    while (as_written && !looks_.empty()) as_written = TakeOldest();
    return as_written;
  }

 private:
  bool LookAtFiles() {
    looks_.push_back(
        pool_.Submit([this, files = std::exchange(files_, {})] { return AreAsWritten(root_, files); }));
    return looks_.size() <= 4 * static_cast<size_t>(pool_.size()) || TakeOldest();
  }
  bool TakeOldest() {
    const bool as_written = looks_.front().get();
    looks_.pop_front();
    return as_written;
  }

  const Directory& root_;
  std::vector<WrittenFile> files_;
  std::deque<std::future<bool>> looks_;
  ThreadPool pool_;
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
  if (mark.empty() || mark.mapped() != WriterMark()) return Found();
  if (HasLeftovers(gallery.directory())) return Found();
  CROSSFACE_ASSIGN_OR_RETURN(CasePeople people, ReadCasePeople(gallery));
  CROSSFACE_ASSIGN_OR_RETURN(const bool same_folders, AreFoldersWherePeopleAre(gallery, people));
  if (!same_folders) return Found();

  FoldersCheck check(gallery.directory());
  bool is_unchanged = true;
  int64_t looked_at = 0;
  const int64_t total = people.counts.faces + 3 * people.counts.persons + static_cast<int64_t>(logs.size());
  const Status looked = gallery.ForEachExportedFile([&](const ExportedFile& file, int64_t picture_bytes) {
    is_unchanged = check.Add(file, picture_bytes);
    if (!is_unchanged) return Status(StatusCode::kNotFound, file.path);
    return watch.Tell(std::min(++looked_at, total), total);
  });
  if (!is_unchanged) return Found();
  CROSSFACE_RETURN_IF_ERROR(looked);
  if (!check.Finish()) return Found();
  people.counts.sha256 = std::move(logs);
  return Found(std::move(people.counts));
}

}  // namespace crossface
