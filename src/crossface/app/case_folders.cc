#include "crossface/app/case_folders.h"

#include <fmt/format.h>

#include <algorithm>

#include "crossface/gallery/file_name.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/hash.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

Result<fs::path> RealFolder(const fs::path& folder) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot open the folder {}", DisplayPath(folder)));
  if (!fs::is_directory(real, error))
    return Status(StatusCode::kInvalidArgument, DisplayPath(folder) + " is not a folder");
  return real;
}

CaseEntry EntryOf(const std::string& id, const CaseBrowser& browser) {
  CaseEntry entry{.id = id, .folder = browser.case_folder()};
  std::error_code error;
  const auto bytes = fs::file_size(entry.folder / "crossface.db", error);
  if (!error) entry.bytes = static_cast<int64_t>(bytes);
  entry.problem = browser.Version().status().message();
  return entry;
}

}  // namespace

std::string CaseId(const fs::path& case_folder) { return Sha256Hex(case_folder.string()).substr(0, 16); }

Result<std::unique_ptr<CaseFolders>> CaseFolders::Open(const std::vector<fs::path>& cases,
                                                       const fs::path& folder_of_cases) {
  std::unique_ptr<CaseFolders> opened(new CaseFolders);
  for (const fs::path& folder : cases) {
    CROSSFACE_ASSIGN_OR_RETURN(opened->cases_.emplace_back(), RealFolder(folder));
  }
  if (!folder_of_cases.empty()) {
    CROSSFACE_ASSIGN_OR_RETURN(opened->folder_of_cases_, RealFolder(folder_of_cases));
  }
  opened->Look();
  return opened;
}

void CaseFolders::Look() {
  std::vector<fs::path> found = cases_;
  std::error_code error;
  if (!folder_of_cases_.empty()) {
    for (fs::directory_iterator each(folder_of_cases_, error), end; !error && each != end;
         each.increment(error)) {
      std::error_code ignored;
      const bool is_case = !each->is_symlink(ignored) && each->is_directory(ignored) &&
                           fs::is_regular_file(each->path() / "crossface.db", ignored);
      if (is_case) found.push_back(each->path());
    }
  }
  std::map<std::string, std::shared_ptr<const CaseBrowser>> known;
  const MutexLock lock(mutex_);
  for (const fs::path& folder : found) {
    const std::string id = CaseId(folder);
    const auto before = known_.find(id);
    known[id] = before != known_.end() ? before->second : std::make_shared<const CaseBrowser>(folder);
  }
  known_ = std::move(known);
}

std::map<std::string, std::shared_ptr<const CaseBrowser>> CaseFolders::known() const {
  const MutexLock lock(mutex_);
  return known_;
}

std::vector<CaseEntry> CaseFolders::List() {
  Look();
  std::vector<CaseEntry> entries;
  for (const auto& [id, browser] : known()) entries.push_back(EntryOf(id, *browser));
  std::sort(entries.begin(), entries.end(),
            [](const CaseEntry& a, const CaseEntry& b) { return a.folder < b.folder; });
  return entries;
}

Result<std::shared_ptr<const CaseBrowser>> CaseFolders::Find(const std::string& id) {
  for (const bool again : {false, true}) {
    if (again) Look();
    const MutexLock lock(mutex_);
    if (const auto found = known_.find(id); found != known_.end()) return found->second;
  }
  return Status(StatusCode::kNotFound, "there is no such case");
}

Result<CaseEntry> CaseFolders::Create(const std::string& name) {
  if (folder_of_cases_.empty())
    return Status(StatusCode::kInvalidArgument, "no folder for new cases was given when this was started");
  if (const std::string problem = FileNameProblem(name); !problem.empty())
    return Status(StatusCode::kInvalidArgument, fmt::format("the name {}", problem));
  if (name.starts_with('.'))
    return Status(StatusCode::kInvalidArgument, "the name begins with a dot: it would be hidden");
  const fs::path folder = folder_of_cases_ / name;
  std::error_code error;
  if (!fs::create_directory(folder, error)) {
    if (error)
      return ErrnoStatus(error.value(), fmt::format("cannot make the folder {}", DisplayPath(folder)));
    return Status(StatusCode::kInvalidArgument, fmt::format("there is a folder {} already", name));
  }
  CROSSFACE_RETURN_IF_ERROR(Gallery::Open(folder, Gallery::Mode::kCreate).status());
  Look();
  const auto made = known();
  return EntryOf(CaseId(folder), *made.at(CaseId(folder)));
}

}  // namespace crossface
