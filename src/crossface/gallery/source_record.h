// A source as a case knows it. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/media/file/source_info.h"
#include "crossface/select/select_counts.h"
#include "crossface/util/public_api.h"

namespace crossface {

enum class SourceState { kPending, kScanning, kDone, kDamaged, kFailed };
CROSSFACE_API std::string_view SourceStateName(
    SourceState state);  // "pending", "scanning", "ok", "damaged", "failed"

// Where else the content of a source lies: another copy of its file.
struct SourcePlace {
  std::string path;  // absolute
  std::string name;  // as a source's; no source and no other place of the case has it
  int64_t modified_ns = 0;
  bool operator==(const SourcePlace&) const = default;
};

// A source is a content: its file's SHA-256, and the part of the file.
struct SourceRecord {
  int64_t id = 0;
  // The path relative to the input folder where it was last seen, with more of the path in front where that
  // is taken; unique in a case.
  std::string name;
  std::string path;         // absolute, without symbolic links, where it was last seen
  std::string sha256;       // empty when the file could not be read
  int64_t modified_ns = 0;  // file time when hashed: with bytes, a quick test for an unchanged file
  SourceInfo info;
  SelectCounts counts;
  int64_t faces = 0, tracks = 0;
  SourceState state = SourceState::kPending;
  std::string message;                   // why it failed or what is damaged
  std::string settings;                  // the scan settings and models it was scanned with (JSON, canonical)
  std::vector<SourcePlace> places = {};  // by path
  // The source whose results this scan takes the place of once it is complete; 0: of none.
  int64_t replaces = 0;
};

}  // namespace crossface
