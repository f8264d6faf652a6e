// A folder that is held open, and what lies in it by relative path. No name on the way to a file may be a
// symbolic link, nor the file itself: whatever somebody has put into the folder, nothing outside of it is
// read, written or removed. For folders whose content may come from anybody, as a case does. Thread-safe.
//
// Paths have forward slashes. Errors of all methods, each naming the file: kInvalidArgument (a path that
// leaves the folder), kNotFound, kPermissionDenied (also for a link, a pipe or a device where a file or a
// folder belongs, and for what crossface would change by another of its names), kOutOfResources, kIo.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/util/file.h"
#include "crossface/util/file_descriptor.h"
#include "crossface/util/status.h"

namespace crossface {

// True for a path that stays below the folder it is relative to, whatever lies there: no empty part, no ".",
// "..", no zero byte, and no slash at its ends.
bool IsInnerPath(std::string_view path);

class Directory {
 public:
  enum class Kind { kNothing, kFile, kFolder, kOther };  // kOther: links, pipes, sockets, devices
  struct Entry {
    std::string name;  // within its folder
    Kind kind = Kind::kNothing;
    int64_t bytes = 0;
    int64_t names = 0;  // how many there are of the file (hard links)
  };

  // Links on the way to the folder itself are followed: that way is the user's choice.
  static Result<Directory> Open(const std::filesystem::path& folder);

  // A folder of this one, by the rules of this one.
  Result<Directory> OpenInside(const std::string& path, bool create = false) const;

  const std::filesystem::path& path() const { return path_; }

  // kNothing when it is not there, and when the way to it is barred.
  Entry Look(const std::string& path) const;
  // What lies in a folder, by name; "" is this folder.
  Result<std::vector<Entry>> List(const std::string& path) const;
  // The names of what lies in this folder, in any order: nothing of it is looked at.
  Status ForEachName(const std::function<void(std::string_view name)>& take) const;
  // Every file below this folder. An error of `take` ends it.
  Status ForEachFile(const std::function<Status(const std::string& path)>& take) const;

  // An existing file, read only.
  Result<FileDescriptor> OpenFile(const std::string& path) const;
  // The same for changing it; made empty when missing. A file that has another name too is refused: that one
  // may lie anywhere.
  Result<FileDescriptor> OpenForChange(const std::string& path) const;
  Result<std::string> Read(const std::string& path) const;
  // The same in blocks of 64 KiB, for what may be large. `take` gives false to end it.
  Status ReadBlocks(const std::string& path, const std::function<bool(std::string_view)>& take) const;

  // Replaces the file, whole or not at all, and creates missing folders. A link of that name is replaced,
  // what it leads to is not touched.
  Status Write(const std::string& path, std::string_view content,
               Durability durability = Durability::kRename) const;
  // As util/file.h has it.
  Status AppendLine(const std::string& path, std::string_view line) const;
  // An empty file under a name that is free, `.crossface-<process>-<number>.tmp`, in an existing folder.
  struct Temporary {
    std::string path;
    FileDescriptor file;
  };
  Result<Temporary> CreateTemporary(const std::string& folder) const;
  Status CreateFolders(const std::string& path) const;
  // Replaces a file of the new name, and creates missing folders on the way to it.
  Status Rename(const std::string& from, const std::string& to) const;
  Status RemoveFile(const std::string& path) const;
  // One that is empty.
  Status RemoveFolder(const std::string& path) const;
  // A folder with all that is in it; links in it go, what they lead to stays. Ok when it is not there.
  Status RemoveTree(const std::string& path) const;

 private:
  Directory(std::filesystem::path path, FileDescriptor folder)
      : path_(std::move(path)), folder_(std::move(folder)) {}

  struct Place {
    FileDescriptor below;  // of a folder in this one; not open where that is this one
    int folder = -1;
    std::string name;
  };
  Result<Place> Find(const std::string& path, bool create_folders) const;
  Result<FileDescriptor> OpenFolder(const std::string& path, bool create) const;
  Status ReadNames(const std::string& path,
                   const std::function<void(int folder, const char* name)>& take) const;
  Result<FileDescriptor> OpenRegular(const std::string& path, int flags) const;
  Status Problem(int error, std::string_view what, const std::string& path) const;

  std::filesystem::path path_;
  FileDescriptor folder_;
};

}  // namespace crossface
