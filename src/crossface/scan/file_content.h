// What a file holds, by its SHA-256, and the quick test whether it may still hold that. Thread-safe: no
// state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "crossface/util/status.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

// What the file system says of a file. Whoever writes to a file, or puts another in its place, changes some
// of it.
struct FileFacts {
  int64_t bytes = 0, modified_ns = 0;
  int64_t changed_ns = 0;  // of the content or of what is known about it; no program sets this back
  uint64_t device = 0, inode = 0;
  bool operator==(const FileFacts&) const = default;
};

// Errors: kNotFound, kPermissionDenied, kIo; kUnsupported for what is no regular file.
Result<FileFacts> ReadFileFacts(const std::filesystem::path& path);

struct FileContent {
  FileFacts facts;  // after it was read
  std::string sha256;
};

// How often a file that changes while it is read is read again.
inline constexpr int kMostReadings = 3;

// Reads the file, again when it changes meanwhile. Errors: those of ReadFileFacts and Sha256OfFile; kMismatch
// when it never came to rest.
Result<FileContent> ReadFileContent(const std::filesystem::path& path,
                                    const std::function<bool()>& keep_going = {});

// Reads several files, at once as far as the pool allows. `bytes` of each by path; `looked`, when given, gets
// the share of them that is read, after each file.
std::map<std::string, Result<FileContent>> ReadFileContents(const std::map<std::string, int64_t>& bytes,
                                                            ThreadPool& pool,
                                                            const std::function<bool()>& keep_going,
                                                            const std::function<void(double)>& looked);

// OK while the file holds what it held; kMismatch, with what to do, when it does not. Reads it only when its
// facts have changed.
Status CheckContent(const std::filesystem::path& path, const FileContent& content,
                    const std::function<bool()>& keep_going = {});

}  // namespace crossface
