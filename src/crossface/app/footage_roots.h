// The folders that a front end may choose footage from, of this machine or of object storage, for front ends
// whose users need not be trusted with the whole disk. What leads out of them, by "..", by a link or by
// another name, is refused. Thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/app/browse_answers.h"
#include "crossface/curation/people_list.h"
#include "crossface/util/status.h"

namespace crossface {

struct FolderAnswer {
  struct Entry {
    enum class Kind { kFolder, kCase, kVideo, kPicture };
    std::string name;
    std::filesystem::path path;
    Kind kind = Kind::kFolder;
    int64_t bytes = 0;  // of a file
  };
  std::optional<std::filesystem::path> path, parent;  // nothing: the list of roots, a root
  Stretch<Entry> entries;                             // folders first, then by name; hidden ones left out
};

struct FootageAnswer {
  int64_t videos = 0, pictures = 0, bytes = 0, left_out = 0;
  int64_t video_ms = 0, looked_into = 0;  // length of so many of the videos
};

class FootageRoots {
 public:
  // Errors: kNotFound, kInvalidArgument for what is no folder. A root in object storage (s3://bucket/folder)
  // is not looked at yet: what is wrong with it is told by whoever lists it.
  static Result<FootageRoots> Open(const std::vector<std::filesystem::path>& roots);
  const std::vector<std::filesystem::path>& roots() const { return roots_; }

  // The real path of what lies below a root; of object storage, whether or not anything lies there. Errors:
  // kNotFound; kPermissionDenied outside.
  Result<std::filesystem::path> Inside(const std::filesystem::path& path) const;
  // The same for a file or folder that is to be made.
  Status CheckNew(const std::filesystem::path& path) const;
  // Everything that a scan of these would open lies below a root.
  Status CheckSources(const std::vector<std::filesystem::path>& sources) const;

  // Without a path: the roots. Of object storage a list is kept for a minute for its further pages. Errors:
  // those of Inside and of the store, with its remedies.
  Result<FolderAnswer> List(const std::optional<std::filesystem::path>& path, Page page,
                            const std::stop_token& stop = {}) const;
  // What a scan of these would find. Lengths of videos are read until `until`.
  Result<FootageAnswer> Count(const std::vector<std::filesystem::path>& sources,
                              std::chrono::steady_clock::time_point until, const std::stop_token& stop) const;

 private:
  class KeptLists;
  using Entries = std::shared_ptr<const std::vector<FolderAnswer::Entry>>;

  FootageRoots();
  bool Holds(const std::filesystem::path& real) const;
  Result<FolderAnswer> ListElsewhere(const std::string& folder, Page page, const std::stop_token& stop) const;

  std::vector<std::filesystem::path> roots_;  // real paths
  std::shared_ptr<KeptLists> kept_;
};

}  // namespace crossface
