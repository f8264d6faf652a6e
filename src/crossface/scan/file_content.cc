#include "crossface/scan/file_content.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <future>

#include "crossface/util/hash.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

int64_t Nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

}  // namespace

Result<FileFacts> ReadFileFacts(const std::filesystem::path& path) {
  struct stat facts;
  if (::stat(path.c_str(), &facts) != 0)
    return ErrnoStatus(errno, fmt::format("{}: cannot be read", DisplayPath(path)));
  if (!S_ISREG(facts.st_mode)) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("{}: is no regular file, and only such are read", DisplayPath(path)));
  }
  return FileFacts{.bytes = facts.st_size,
                   .modified_ns = Nanoseconds(facts.st_mtim),
                   .changed_ns = Nanoseconds(facts.st_ctim),
                   .device = facts.st_dev,
                   .inode = facts.st_ino};
}

Result<FileContent> ReadFileContent(const std::filesystem::path& path,
                                    const std::function<bool()>& keep_going) {
  std::string last;
  for (int reading = 0; reading < kMostReadings; ++reading) {
    CROSSFACE_ASSIGN_OR_RETURN(const FileFacts before, ReadFileFacts(path));
    CROSSFACE_ASSIGN_OR_RETURN(std::string sha256, Sha256OfFile(path, keep_going));
    CROSSFACE_ASSIGN_OR_RETURN(const FileFacts after, ReadFileFacts(path));
    // Some file systems give another number each time.
    if (before == after || sha256 == last) return FileContent{after, std::move(sha256)};
    last = std::move(sha256);
  }
  return Status(StatusCode::kMismatch,
                fmt::format("{}: is still being written; run the same command again when it is complete",
                            DisplayPath(path)));
}

std::map<std::string, Result<FileContent>> ReadFileContents(const std::map<std::string, int64_t>& bytes,
                                                            ThreadPool& pool,
                                                            const std::function<bool()>& keep_going,
                                                            const std::function<void(double)>& looked) {
  std::map<std::string, std::future<Result<FileContent>>> reading;
  int64_t all = 0, done = 0;
  for (const auto& [path, size] : bytes) {
    reading[path] = pool.Submit([path, keep_going] { return ReadFileContent(path, keep_going); });
    all += size;
  }
  std::map<std::string, Result<FileContent>> read;
  for (auto& [path, content] : reading) {
    read.emplace(path, content.get());
    done += bytes.at(path);
    if (looked) looked(static_cast<double>(done) / static_cast<double>(std::max<int64_t>(all, 1)));
  }
  return read;
}

Status CheckContent(const std::filesystem::path& path, const FileContent& content,
                    const std::function<bool()>& keep_going) {
  const auto facts = ReadFileFacts(path);
  if (facts.ok() && *facts == content.facts) return Status();
  // Also a file that is gone by now, or cannot be read any more, cannot be vouched for.
  CROSSFACE_ASSIGN_OR_RETURN(const FileContent now, ReadFileContent(path, keep_going));
  if (now.sha256 == content.sha256) return Status();
  return Status(StatusCode::kMismatch,
                fmt::format("{}: changed while it was read; run the same command again when it is complete",
                            DisplayPath(path)));
}

}  // namespace crossface
