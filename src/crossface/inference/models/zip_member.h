// Takes single files out of zip archives that come from elsewhere. Thread-safe for different files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

// Writes the archive's file of this name, in whatever folder of it, to `to`: names in the archive never say
// where. Errors: kNotFound (no archive, no such file in it), kCorrupt (damaged, encrypted, two files of the
// name, more than `most_bytes` unpacked), those of writing, kInterrupted; `to` is not there then.
Status TakeFromZip(const std::filesystem::path& archive, const std::string& name,
                   const std::filesystem::path& to, int64_t most_bytes, const std::stop_token& stop = {});

}  // namespace crossface
