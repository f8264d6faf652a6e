#include "crossface/export/unchanged_export.h"

#include <algorithm>
#include <deque>
#include <future>
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
  std::string name;
  bool is_picture = false;
  int64_t bytes = 0;   // of a picture
  std::string sha256;  // of another file
};

struct WrittenFolder {
  std::string path;
  std::vector<WrittenFile> files;
};

// What an export clears away; true also when it cannot be known.
bool HasLeftovers(const Directory& folder) {
  bool found = false;
  const Status read =
      folder.ForEachName([&](std::string_view name) { found = found || IsHalfWritten(name); });
  return found || !read.ok();
}

bool HasDigest(const Directory& folder, const WrittenFile& file) {
  if (file.sha256.empty()) return false;  // it was about to be written
  Sha256 hash;
  const Status read = folder.ReadBlocks(file.name, [&](std::string_view block) {
    hash.Update(block);
    return true;
  });
  return read.ok() && hash.HexDigest() == file.sha256;
}

bool HasPicture(const Directory& folder, const WrittenFile& file) {
  const Directory::Entry entry = folder.Look(file.name);
  return entry.kind == Directory::Kind::kFile && entry.bytes == file.bytes;
}

bool IsAsWritten(const Directory& root, const WrittenFolder& written) {
  const auto folder = root.OpenInside(written.path);
  return folder.ok() && std::all_of(written.files.begin(), written.files.end(), [&](const WrittenFile& file) {
           return file.is_picture ? HasPicture(*folder, file) : HasDigest(*folder, file);
         });
}

// Looks at folders while the gallery says what should be in the next ones: on all threads, because what
// takes time is the system's looking at each file.
class FoldersCheck {
 public:
  explicit FoldersCheck(const Directory& root) : root_(root), pool_(ThreadBudget()) {}

  // False once something is known to be otherwise. Files come folder by folder.
  bool Add(const ExportedFile& file, int64_t picture_bytes) {
    const size_t slash = file.path.rfind('/');
    const size_t end = slash == std::string::npos ? 0 : slash;
    const std::string_view folder = std::string_view(file.path).substr(0, end);
    if (folders_.empty() || folders_.back().path != folder) {
      if (files_ >= kFilesPerTask && !LookAtFolders()) return false;
      folders_.push_back({std::string(folder), {}});
    }
    const bool is_picture = file.face_id != 0;
    folders_.back().files.push_back(
        {file.path.substr(end == 0 ? 0 : end + 1), is_picture, picture_bytes, file.sha256});
    ++files_;
    return true;
  }

  bool Finish() {
    bool as_written = LookAtFolders();
    while (as_written && !looks_.empty()) as_written = TakeOldest();
    return as_written;
  }

 private:
  bool LookAtFolders() {
    files_ = 0;
    looks_.push_back(pool_.Submit([this, folders = std::exchange(folders_, {})] {
      return std::all_of(folders.begin(), folders.end(),
                         [this](const WrittenFolder& folder) { return IsAsWritten(root_, folder); });
    }));
    return looks_.size() <= 4 * static_cast<size_t>(pool_.size()) || TakeOldest();
  }
  bool TakeOldest() {
    const bool as_written = looks_.front().get();
    looks_.pop_front();
    return as_written;
  }

  const Directory& root_;
  std::vector<WrittenFolder> folders_;
  size_t files_ = 0;  // in these
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
