#include "crossface/app/footage_roots.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

#include "crossface/app/look.h"
#include "crossface/io/store.h"
#include "crossface/media/file/media_name.h"
#include "crossface/media/file/source.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/util/mutex.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

Status Outside(const fs::path& path) {
  return Status(
      StatusCode::kPermissionDenied,
      fmt::format("{} lies outside of the folders that footage may be chosen from", DisplayPath(path)));
}

// 0 for what is gone or cannot be asked: whoever opens it is told why.
int64_t BytesOf(const fs::path& file) {
  const auto version = io::VersionOf(file.string());
  return version.ok() ? version->bytes : 0;
}

bool IsElsewhere(const fs::path& path) { return !io::SchemeOf(path.native()).empty(); }

bool IsFootage(const fs::path& file) { return HasImageExtension(file) || HasVideoExtension(file); }

bool Before(const FolderAnswer::Entry& a, const FolderAnswer::Entry& b) {
  return std::tuple(a.kind, a.name) < std::tuple(b.kind, b.name);
}

// A store elsewhere says all in its list: nothing is asked for each entry.
std::vector<FolderAnswer::Entry> EntriesElsewhere(const std::string& folder,
                                                  const std::vector<io::Entry>& found) {
  using Kind = FolderAnswer::Entry::Kind;
  std::vector<FolderAnswer::Entry> entries;
  for (size_t i = 0; i < found.size(); ++i) {
    const io::Entry& each = found[i];
    const fs::path path = folder + "/" + each.name;
    if (each.name.starts_with('.')) continue;
    if (each.kind == io::Kind::kFolder) {
      // An object may have the folder's name: the slash says which of them is meant.
      const bool twice = (i > 0 && found[i - 1].name == each.name) ||
                         (i + 1 < found.size() && found[i + 1].name == each.name);
      entries.push_back({.name = each.name, .path = twice ? path / "" : path, .kind = Kind::kFolder});
    } else if (each.kind == io::Kind::kFile && IsFootage(path)) {
      entries.push_back({.name = each.name,
                         .path = path,
                         .kind = HasImageExtension(path) ? Kind::kPicture : Kind::kVideo,
                         .bytes = each.version ? each.version->bytes : BytesOf(path)});
    }
  }
  std::sort(entries.begin(), entries.end(), &Before);
  return entries;
}

// Nothing for what is neither a folder nor footage. `real`: where `path` leads to.
std::optional<FolderAnswer::Entry> EntryOf(const fs::path& path, const fs::path& real) {
  using Kind = FolderAnswer::Entry::Kind;
  FolderAnswer::Entry entry{.name = path.filename().string(), .path = path};
  const auto kind = io::KindOf(real.string());
  if (!kind.ok()) return std::nullopt;
  if (*kind == io::Kind::kFolder) {
    entry.kind = io::IsFile((real / "crossface.db").string()) ? Kind::kCase : Kind::kFolder;
    return entry;
  }
  if (*kind != io::Kind::kFile) return std::nullopt;
  if (!IsFootage(real)) return std::nullopt;
  entry.kind = HasImageExtension(real) ? Kind::kPicture : Kind::kVideo;
  entry.bytes = BytesOf(real);
  return entry;
}

}  // namespace

// The last lists of stores elsewhere: a long one is read page by page, and made once.
class FootageRoots::KeptLists {
 public:
  void Keep(const std::string& folder, Entries entries) {
    MutexLock lock(mutex_);
    std::erase_if(lists_, [&](const List& list) { return list.folder == folder; });
    if (lists_.size() >= kMost) lists_.erase(lists_.begin());
    lists_.push_back({folder, std::move(entries), Clock::now()});
  }
  // Null: none is young enough.
  Entries Find(const std::string& folder) const {
    MutexLock lock(mutex_);
    for (const List& list : lists_) {
      if (list.folder == folder && Clock::now() - list.made < kAge) return list.entries;
    }
    return nullptr;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr size_t kMost = 4;
  static constexpr std::chrono::minutes kAge{1};
  struct List {
    std::string folder;
    Entries entries;
    Clock::time_point made;
  };
  mutable Mutex mutex_;
  std::vector<List> lists_ CROSSFACE_GUARDED_BY(mutex_);
};

FootageRoots::FootageRoots() : kept_(std::make_shared<KeptLists>()) {}

Result<FootageRoots> FootageRoots::Open(const std::vector<fs::path>& roots) {
  FootageRoots opened;
  for (const fs::path& root : roots) {
    std::error_code error;
    if (IsElsewhere(root)) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::string place, io::RealPlace(root));
      opened.roots_.emplace_back(place);
      continue;
    }
    const fs::path real = fs::canonical(root, error);
    if (error) return ErrnoStatus(error.value(), fmt::format("cannot open the folder {}", DisplayPath(root)));
    if (!fs::is_directory(real, error))
      return Status(StatusCode::kInvalidArgument, DisplayPath(root) + " is not a folder");
    opened.roots_.push_back(real);
  }
  return opened;
}

bool FootageRoots::Holds(const fs::path& real) const {
  return std::any_of(roots_.begin(), roots_.end(), [&](const fs::path& root) {
    return std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
  });
}

Result<fs::path> FootageRoots::Inside(const fs::path& path) const {
  std::error_code error;
  if (IsElsewhere(path)) {
    const auto place = io::RealPlace(path);
    return place.ok() && Holds(*place) ? Result<fs::path>(*place) : Outside(path);
  }
  if (!path.is_absolute()) return Outside(path);
  const fs::path real = fs::canonical(path, error);
  // What lies outside is not told from what is not there.
  if (error && Holds(fs::weakly_canonical(path.lexically_normal(), error)))
    return Status(StatusCode::kNotFound, fmt::format("{} is not there", DisplayPath(path)));
  if (real.empty() || !Holds(real)) return Outside(path);
  return real;
}

Status FootageRoots::CheckNew(const fs::path& path) const {
  const fs::path plain = path.lexically_normal();
  if (!plain.has_filename() || plain.filename() == ".." || plain.filename() == ".") return Outside(path);
  std::error_code error;
  if (fs::is_symlink(plain, error)) return Outside(path);
  return Inside(plain.parent_path()).status();
}

Status FootageRoots::CheckSources(const std::vector<fs::path>& sources) const {
  for (const fs::path& source : sources) CROSSFACE_RETURN_IF_ERROR(Inside(source).status());
  // Nothing that lies elsewhere leads out of its folder.
  std::vector<fs::path> here;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(here), std::not_fn(&IsElsewhere));
  CROSSFACE_ASSIGN_OR_RETURN(const SourceSearch search, FindSources(here));
  for (const SourceFile& file : search.files)
    CROSSFACE_RETURN_IF_ERROR(Inside(fs::absolute(file.path)).status());
  return Status();
}

Result<FolderAnswer> FootageRoots::ListElsewhere(const std::string& folder, Page page,
                                                 const std::stop_token& stop) const {
  Entries entries = page.first > 0 ? kept_->Find(folder) : nullptr;
  if (entries == nullptr) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<io::Entry> found, io::List(folder, stop));
    entries = std::make_shared<const std::vector<FolderAnswer::Entry>>(EntriesElsewhere(folder, found));
    kept_->Keep(folder, entries);
  }
  FolderAnswer answer;
  answer.path = folder;
  const std::string parent = folder.substr(0, folder.rfind('/'));
  if (Holds(parent)) answer.parent = parent;
  answer.entries = StretchOf(*entries, page);
  return answer;
}

Result<FolderAnswer> FootageRoots::List(const std::optional<fs::path>& path, Page page,
                                        const std::stop_token& stop) const {
  FolderAnswer answer;
  std::vector<FolderAnswer::Entry> entries;
  if (!path) {
    for (const fs::path& root : roots_) entries.push_back({.name = root.string(), .path = root});
    answer.entries = StretchOf(entries, page);
    return answer;
  }
  CROSSFACE_ASSIGN_OR_RETURN(const fs::path folder, Inside(*path));
  if (IsElsewhere(folder)) return ListElsewhere(folder, page, stop);
  answer.path = folder;
  if (Holds(folder.parent_path()) && folder != folder.parent_path()) answer.parent = folder.parent_path();
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<io::Entry> found, io::List(folder.string(), stop));
  for (const io::Entry& each : found) {
    if (each.name.starts_with('.')) continue;
    const auto real = Inside(folder / each.name);
    if (!real.ok()) continue;
    if (auto entry = EntryOf(folder / each.name, *real)) entries.push_back(*std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), &Before);
  answer.entries = StretchOf(entries, page);
  return answer;
}

Result<FootageAnswer> FootageRoots::Count(const std::vector<fs::path>& sources,
                                          std::chrono::steady_clock::time_point until,
                                          const std::stop_token& stop) const {
  CROSSFACE_RETURN_IF_ERROR(CheckSources(sources));
  CROSSFACE_ASSIGN_OR_RETURN(const SourceSearch search, FindSources(sources, stop));
  FootageAnswer answer{.left_out = search.left_out.other_files};
  for (const SourceFile& file : search.files) {
    answer.bytes += file.version ? file.version->bytes : BytesOf(file.path);
    if (HasImageExtension(file.path)) {
      ++answer.pictures;
      continue;
    }
    ++answer.videos;
    if (std::chrono::steady_clock::now() > until) continue;
    const auto reader = OpenSource(file.path, {.stop = stop});
    if (!reader.ok()) continue;
    ++answer.looked_into;
    answer.video_ms += (*reader)->info().duration_ms;
  }
  return answer;
}

}  // namespace crossface
