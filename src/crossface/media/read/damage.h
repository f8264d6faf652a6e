// What was wrong with a source, counted while it is read and told at the end. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

struct Damage {
  int64_t frames = 0;            // given out
  int64_t packets = 0;           // of the picture stream that were read
  int64_t undecodable = 0;       // packets that the decoder refused
  int64_t encrypted = 0;         // packets that nobody reads without a key
  int64_t patched = 0;           // frames with parts that the decoder had to guess
  int64_t container_errors = 0;  // complaints of the container's reader
  int64_t promised_frames = 0;   // by the container; 0 when it does not say
  int64_t empty_frames = 0;      // of these: without a picture of their own, and no packet
  int64_t promised_us = 0;       // length that the container promises; 0 when it does not say
  int64_t reached_us = 0;        // how far the file goes in the same count
  bool cut_off = false;          // a picture whose end is not in the file
  std::string stopped;           // why reading ended early; empty when it went to the end
  std::string last_error;        // libav's words

  // ok, or kCorrupt with all that is not as it should be.
  Status Report(const std::filesystem::path& path) const;
};

}  // namespace crossface
