// Whole-file reads, and writes that are complete or not there at all: a temporary file in the same folder,
// flushed to the disk, then renamed over the target. Thread-safe for different targets.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "crossface/util/status.h"

namespace crossface {

// Errors: kNotFound, kPermissionDenied, kIo.
Result<std::string> ReadFile(const std::filesystem::path& path);

enum class Durability {
  kRename,  // atomic against a killed program
  kSync,    // atomic against a power cut too: file and folder are fsynced
};

// Creates missing parent folders. On any failure the old file, if any, is untouched and the temporary one
// removed. Errors: kPermissionDenied, kOutOfResources (disk full), kIo.
Status WriteFileAtomically(const std::filesystem::path& path, std::string_view content,
                           Durability durability = Durability::kRename);

// Appends one line and its newline, then fsyncs. Creates the file when missing. A last line that a crash cut
// short is ended first, so the new line stands alone.
Status AppendLine(const std::filesystem::path& path, std::string_view line);

}  // namespace crossface
