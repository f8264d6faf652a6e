// What a source holds, by its SHA-256, and the quick test whether it may still hold that. Thread-safe: no
// state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "crossface/io/byte_source.h"
#include "crossface/util/status.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

struct FileContent {
  io::Version version;  // after it was read
  std::string sha256;
};

// How often a file that changes while it is read is read again.
inline constexpr int kMostReadings = 3;

// Reads the file, again when it changes meanwhile. Errors: those of io::Open and ByteSource::ReadAt;
// kMismatch when it never came to rest.
Result<FileContent> ReadFileContent(const std::filesystem::path& path, const std::stop_token& stop = {});

// Reads several files, at once as far as the pool allows. `bytes` of each by path; `looked`, when given, gets
// the share of them that is read, after each file.
std::map<std::string, Result<FileContent>> ReadFileContents(const std::map<std::string, int64_t>& bytes,
                                                            ThreadPool& pool, const std::stop_token& stop,
                                                            const std::function<void(double)>& looked);

// OK while the file holds what it held; kMismatch, with what to do, when it does not. Reads it only when its
// version has changed.
Status CheckContent(const std::filesystem::path& path, const FileContent& content,
                    const std::stop_token& stop = {});

}  // namespace crossface
