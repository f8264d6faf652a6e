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

// What an export clears away.
bool HaveLeftovers(const std::vector<Directory::Entry>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const Directory::Entry& entry) { return IsHalfWritten(entry.name); });
}

struct WrittenFile {
  ExportedFile file;
  int64_t picture_bytes = 0;
};

bool HasDigest(const Directory& root, const ExportedFile& file) {
  if (file.sha256.empty()) return false;  // it was about to be written
  Sha256 hash;
  const Status read = root.ReadBlocks(file.path, [&](std::string_view block) {
    hash.Update(block);
    return true;
  });
  return read.ok() && hash.HexDigest() == file.sha256;
}

std::string_view FolderOfFile(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : path.substr(0, slash);
}

bool HasPicture(const std::vector<Directory::Entry>& entries, const WrittenFile& written) {
  const std::string_view path = written.file.path, name = path.substr(path.rfind('/') + 1);
  const auto found = std::lower_bound(entries.begin(), entries.end(), name,
                                      [](const auto& entry, std::string_view b) { return entry.name < b; });
  return found != entries.end() && found->name == name && found->kind == Directory::Kind::kFile &&
         found->bytes == written.picture_bytes;
}

// Files of one folder. False also where a killed program left something there that an export clears away.
bool AreAsWritten(const Directory& root, const std::vector<WrittenFile>& files) {
  std::vector<Directory::Entry> entries;
  const auto is_picture = [](const WrittenFile& each) { return each.file.face_id != 0; };
  if (std::any_of(files.begin(), files.end(), is_picture)) {
    auto listed = root.List(std::string(FolderOfFile(files.front().file.path)));
    if (!listed.ok() || HaveLeftovers(*listed)) return false;
    entries = *std::move(listed);
  }
  return std::all_of(files.begin(), files.end(), [&](const WrittenFile& each) {
    return is_picture(each) ? HasPicture(entries, each) : HasDigest(root, each.file);
  });
}

// Looks at folders while the gallery says what should be in the next ones: each in one task, because what
// takes time is the system's looking at each file.
class FoldersCheck {
 public:
  explicit FoldersCheck(const Directory& root) : root_(root), pool_(ThreadBudget()) {}

  // False once something is known to be otherwise. Files come folder by folder.
  bool Add(const ExportedFile& file, int64_t picture_bytes) {
    if (!folder_.empty() && FolderOfFile(folder_.front().file.path) != FolderOfFile(file.path)) {
      if (!LookAtFolder()) return false;
    }
    folder_.push_back({file, picture_bytes});
    return true;
  }

  bool Finish() {
    bool as_written = folder_.empty() || LookAtFolder();
    while (as_written && !looks_.empty()) as_written = TakeOldest();
    return as_written;
  }

 private:
  bool LookAtFolder() {
    looks_.push_back(
        pool_.Submit([this, files = std::exchange(folder_, {})] { return AreAsWritten(root_, files); }));
    return looks_.size() <= 4 * static_cast<size_t>(pool_.size()) || TakeOldest();
  }
  bool TakeOldest() {
    const bool as_written = looks_.front().get();
    looks_.pop_front();
    return as_written;
  }

  const Directory& root_;
  std::vector<WrittenFile> folder_;
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
  if (const auto top = gallery.directory().List(""); top.ok() && HaveLeftovers(*top)) return Found();
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
