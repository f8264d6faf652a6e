#include "crossface/media/file/source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "crossface/io/store.h"
#include "crossface/media/file/input_file.h"
#include "crossface/media/file/media_name.h"
#include "crossface/media/file/media_type.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 32> kImageExtensions = {
    "arw",  "avif", "bmp", "cr2",  "cr3", "crw", "dib", "dng",  "heic", "heif", "hif",
    "jfif", "jp2",  "jpe", "jpeg", "jpg", "jxl", "mrw", "nef",  "nrw",  "orf",  "pef",
    "pgm",  "png",  "ppm", "raf",  "rw2", "srw", "tif", "tiff", "webp", "x3f"};
// Without "ts": most files of that name are programs, and transport streams are known by their content.
constexpr std::array<std::string_view, 47> kVideoExtensions = {
    "264", "265",   "3g2",  "3gp",  "3gpp", "asf",  "avi", "dav",  "divx", "dv",   "f4v",  "flv",
    "gif", "h264",  "h265", "hevc", "insv", "ivf",  "lrv", "m1v",  "m2p",  "m2t",  "m2ts", "m2v",
    "m4v", "mjpeg", "mjpg", "mkv",  "mov",  "mp4",  "mpe", "mpeg", "mpg",  "mts",  "mxf",  "mxg",
    "nuv", "ogv",   "pva",  "qt",   "rm",   "rmvb", "tod", "trp",  "vob",  "webm", "wmv"};

std::string LowerExtension(const fs::path& path) {
  std::string extension = path.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  return LowerAscii(extension);
}

bool Contains(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Whatever stands behind these names today, it is something else for the next program.
bool IsInputOfProcess(const fs::path& absolute) {
  const std::string& name = absolute.native();
  return name.starts_with("/dev/std") || name.starts_with("/dev/fd/") || name.starts_with("/proc/");
}

bool IsCaseFolder(const fs::path& folder, const std::stop_token& stop) {
  const auto kind = io::KindOf(folder / "crossface.db", io::Links::kFollow, stop);
  return kind.ok() && *kind != io::Kind::kNothing;
}

// What crossface writes beside a gallery.
constexpr std::array<std::string_view, 7> kExports = {"people",  "ignored", "unassigned", "search",
                                                      "proxies", "live",    "ranges"};

// A folder that crossface wrote, or one in it. `canonical` is its real path.
bool IsExport(fs::path canonical, const std::stop_token& stop) {
  for (; canonical.has_relative_path(); canonical = canonical.parent_path()) {
    if (Contains(kExports, canonical.filename().native()) && IsCaseFolder(canonical.parent_path(), stop))
      return true;
  }
  return false;
}

struct FoundFile {
  fs::path path;
  fs::path root;      // absolute; the folder that was searched, or the folder of a file given by name
  fs::path relative;  // to the root
  std::optional<io::Version> version = {};
};

class Search {
 public:
  explicit Search(const std::stop_token& stop) : stop_(stop) {}

  Status AddRoot(const fs::path& named) {
    const fs::path absolute = io::AbsolutePlace(named);
    // Of a place that is no path, what was typed may not be what a path of it holds.
    const fs::path& root = io::SchemeOf(named.native()).empty() ? named : absolute;
    CROSSFACE_ASSIGN_OR_RETURN(const io::Kind kind, io::KindOf(named, io::Links::kFollow, stop_));
    if (kind == io::Kind::kNothing) {
      return Status(StatusCode::kNotFound, DisplayPath(root) + ": there is no such file or folder");
    }
    if (kind == io::Kind::kOther || IsInputOfProcess(absolute)) {
      return Status(StatusCode::kUnsupported,
                    DisplayPath(root) +
                        ": is a pipe, socket or device, which gives its content only once; save it to "
                        "a file and name that");
    }
    CROSSFACE_ASSIGN_OR_RETURN(const fs::path canonical, io::RealPlace(root));
    if (kind == io::Kind::kFile) {
      AddFile({root, absolute.parent_path(), root.filename()}, canonical);
      return Status();
    }
    if (IsExport(canonical, stop_))
      return Status(StatusCode::kInvalidArgument,
                    DisplayPath(root) +
                        ": is what crossface wrote into a case, and no footage; name the folder "
                        "with the videos or pictures");
    root_ = absolute.has_filename() ? absolute : absolute.parent_path();
    // A folder given by name that is a case too: the videos beside the gallery are wanted, the exported faces
    // are not.
    return VisitFolder(root, {}, canonical, IsCaseFolder(root, stop_));
  }

  // Links are followed last, so that a file found both ways goes by its own place.
  Status FollowLinks() {
    while (!links_.empty()) {
      for (Link& link : std::exchange(links_, {})) CROSSFACE_RETURN_IF_ERROR(Follow(link));
    }
    return Status();
  }

  SourceSearch Finish() && {
    SourceSearch search;
    search.files = Name(std::move(files_));
    search.unreadable = std::move(unreadable_);
    search.left_out = left_out_;
    return search;
  }

 private:
  struct Link {
    fs::path path, root, relative;
  };

  void AddFile(FoundFile file, const fs::path& canonical) {
    if (seen_.insert(canonical).second) files_.push_back(std::move(file));
  }

  // Lists a folder and what is below it. `canonical` is its real path.
  Status VisitFolder(const fs::path& folder, const fs::path& relative, const fs::path& canonical,
                     bool without_exports) {
    // A file of the same name is another thing.
    if (!seen_.insert(canonical / "").second) return Status();
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<io::Entry> entries, io::List(folder, stop_));
    for (const auto& [name, kind, version] : entries) {
      if (stop_.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      if (name.starts_with('.')) {
        ++left_out_.hidden;
        continue;
      }
      if (without_exports && Contains(kExports, name)) continue;
      if (kind == io::Kind::kLink) {
        links_.push_back({folder / name, root_, relative / name});
      } else if (kind == io::Kind::kFolder) {
        CROSSFACE_RETURN_IF_ERROR(Descend(folder / name, relative / name, canonical / name));
      } else if (kind == io::Kind::kFile) {
        Consider({folder / name, root_, relative / name, version}, canonical / name);
      } else {
        ++left_out_.special;
      }
    }
    return Status();
  }

  // Nothing but a stop ends the search.
  Status Descend(const fs::path& folder, const fs::path& relative, const fs::path& canonical) {
    if (IsCaseFolder(folder, stop_) || IsExport(canonical, stop_)) {
      ++left_out_.cases;
      return Status();
    }
    Status listed = VisitFolder(folder, relative, canonical, false);
    if (listed.ok() || listed.code() == StatusCode::kInterrupted) return listed;
    unreadable_.push_back(std::move(listed));
    return Status();
  }

  Status Follow(const Link& link) {
    const auto canonical = io::RealPlace(link.path);
    if (!canonical.ok()) {
      ++left_out_.dead_links;
      return Status();
    }
    root_ = link.root;
    const auto kind = io::KindOf(*canonical);
    if (kind.ok() && *kind == io::Kind::kFolder) {
      return Descend(link.path, link.relative, *canonical);
    }
    if (kind.ok() && *kind == io::Kind::kFile) {
      Consider({link.path, link.root, link.relative}, *canonical);
    } else {
      ++left_out_.special;
    }
    return Status();
  }

  void Consider(FoundFile file, const fs::path& canonical) {
    const std::string extension = LowerExtension(file.path);
    if (!Contains(kVideoExtensions, extension) && !Contains(kImageExtensions, extension)) {
      const Result<bool> picture = HoldsPicture(file.path);
      if (!picture.ok()) unreadable_.push_back(picture.status());
      if (picture.ok() && !*picture && seen_.insert(canonical).second) ++left_out_.other_files;
      if (!picture.ok() || !*picture) return;
    }
    AddFile(std::move(file), canonical);
  }

  Result<bool> HoldsPicture(const fs::path& path) const {
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> file, InputFile::Open(path, stop_));
    CROSSFACE_ASSIGN_OR_RETURN(const MediaType type, RecogniseMedia(*file, Look::kQuick));
    return type.picture_container;
  }

  // The relative path; where that is taken, with ever more of the root's own path in front.
  static std::vector<SourceFile> Name(std::vector<FoundFile> files) {
    std::sort(files.begin(), files.end(), [](const FoundFile& a, const FoundFile& b) {
      return std::tie(a.relative, a.root) < std::tie(b.relative, b.root);
    });
    std::vector<fs::path> front(files.size()), left(files.size());
    for (size_t i = 0; i < files.size(); ++i) left[i] = files[i].root;
    std::vector<std::string> names(files.size());
    for (bool clash = true; clash;) {
      std::map<std::string, std::vector<size_t>> bearers;
      for (size_t i = 0; i < files.size(); ++i) {
        names[i] = EscapeInvalidUtf8((front[i] / files[i].relative).generic_string());
        bearers[names[i]].push_back(i);
      }
      clash = false;
      for (const auto& bearer : bearers) {
        const std::vector<size_t>& indices = bearer.second;
        const bool one_root = std::all_of(indices.begin(), indices.end(),
                                          [&](size_t i) { return files[i].root == files[indices[0]].root; });
        if (one_root) continue;
        for (size_t i : indices) {
          if (!left[i].has_filename()) continue;
          front[i] = left[i].filename() / front[i];
          left[i] = left[i].parent_path();
          clash = true;
        }
      }
    }
    std::vector<SourceFile> named;
    std::set<std::string> taken;
    for (size_t i = 0; i < files.size(); ++i) {
      std::string name = names[i];
      // Names still alike differ only in bytes that had to be escaped.
      for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{} ({})", names[i], n);
      named.push_back({files[i].path, std::move(name), "", files[i].version});
    }
    std::sort(named.begin(), named.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return named;
  }

  const std::stop_token stop_;
  fs::path root_;  // of what is being listed
  std::set<fs::path> seen_;
  std::vector<Link> links_;
  std::vector<FoundFile> files_;
  std::vector<Status> unreadable_;
  LeftOut left_out_;
};

}  // namespace

bool HasImageExtension(const fs::path& path) { return Contains(kImageExtensions, LowerExtension(path)); }
bool HasVideoExtension(const fs::path& path) { return Contains(kVideoExtensions, LowerExtension(path)); }

std::string LeftOutText(const LeftOut& left_out) {
  std::vector<std::string> kinds;
  const auto add = [&](int64_t count, std::string_view one, std::string_view many) {
    if (count > 0) kinds.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
  };
  add(left_out.hidden, "hidden file or folder (its name begins with a dot)",
      "hidden files and folders (their names begin with a dot)");
  add(left_out.other_files, "file that holds neither video nor picture",
      "files that hold neither video nor picture");
  add(left_out.special, "pipe, socket or device", "pipes, sockets or devices");
  add(left_out.dead_links, "link to nothing", "links to nothing");
  add(left_out.cases, "folder of a case", "folders of cases");
  if (kinds.empty()) return "";
  const bool can_be_named = left_out.hidden + left_out.other_files + left_out.cases > 0;
  return fmt::format("not looked at: {}{}", fmt::join(kinds, ", "),
                     can_be_named ? "; a file or folder that is named itself is looked at" : "");
}

Result<SourceSearch> FindSources(const std::vector<fs::path>& roots, const std::stop_token& stop) {
  Search search(stop);
  for (const fs::path& root : roots) CROSSFACE_RETURN_IF_ERROR(search.AddRoot(root));
  CROSSFACE_RETURN_IF_ERROR(search.FollowLinks());
  return std::move(search).Finish();
}

}  // namespace crossface
