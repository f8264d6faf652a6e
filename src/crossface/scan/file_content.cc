#include "crossface/scan/file_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "crossface/io/store.h"
#include "crossface/util/text.h"

namespace crossface {
Result<FileContent> ReadFileContent(const std::filesystem::path& path, const std::stop_token& stop) {
  std::string last;
  for (int reading = 0; reading < kMostReadings; ++reading) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<io::ByteSource> source,
                               io::Open(path, io::Links::kFollow, stop));
    auto hash = io::HashOf(*source, stop);
    // Some stores give nothing of what was there before: read anew, then.
    if (hash.status().code() == StatusCode::kMismatch) continue;
    CROSSFACE_ASSIGN_OR_RETURN(std::string sha256, std::move(hash));
    // By its place: another one may have been put there.
    CROSSFACE_ASSIGN_OR_RETURN(io::Version after, io::VersionOf(path, stop));
    // Some file systems give another number each time.
    if (source->version() == after || sha256 == last) return FileContent{std::move(after), std::move(sha256)};
    last = std::move(sha256);
  }
  return Status(StatusCode::kMismatch,
                fmt::format("{}: is still being written; run the same command again when it is complete",
                            DisplayPath(path)));
}

std::map<std::string, Result<FileContent>> ReadFileContents(const std::map<std::string, int64_t>& bytes,
                                                            ThreadPool& pool, const std::stop_token& stop,
                                                            const std::function<void(double)>& looked) {
  std::map<std::string, std::future<Result<FileContent>>> reading;
  int64_t all = 0, done = 0;
  for (const auto& [path, size] : bytes) {
    reading[path] = pool.Submit([path, stop] { return ReadFileContent(path, stop); });
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
                    const std::stop_token& stop) {
  const auto version = io::VersionOf(path, stop);
  if (version.ok() && *version == content.version) return Status();
  // Also a file that is gone by now, or cannot be read any more, cannot be vouched for.
  CROSSFACE_ASSIGN_OR_RETURN(const FileContent now, ReadFileContent(path, stop));
  if (now.sha256 == content.sha256) return Status();
  return Status(StatusCode::kMismatch,
                fmt::format("{}: changed while it was read; run the same command again when it is complete",
                            DisplayPath(path)));
}

}  // namespace crossface
