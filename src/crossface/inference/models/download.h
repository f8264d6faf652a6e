// Downloads from the addresses of models/manifest.json. Thread-safe for different files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

struct DownloadOptions {
  int64_t bytes = 0;  // the size that it must have; 0 when it is not known
  int64_t most_bytes = int64_t{2} << 30;
  std::function<void(const std::string&)> progress;  // a line now and then
  std::stop_token stop;
};

// Runs tools/download_file.py. Goes on where an earlier download of this address was cut off or stopped, if
// the server still has the same; `to` appears at once and whole. Errors: kNotFound (cannot be reached, no
// such file, cut off again and again), kMismatch (another size, or more than `most_bytes`), kOutOfResources
// (disk full), kInterrupted: all but kMismatch keep what is there for the next time.
Status Download(const std::string& address, const std::filesystem::path& to, const DownloadOptions& options);

// Where a download of this address is kept from one run to the next: a file of the cache folder.
std::filesystem::path DownloadPlace(const std::string& address);

}  // namespace crossface
