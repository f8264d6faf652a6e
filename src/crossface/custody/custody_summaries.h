// What was found out about a case, and what was forgotten of it. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossface/util/public_api.h"

namespace crossface {

struct Finding {
  enum class Kind { kMissing, kChanged, kExtra };
  Kind kind = Kind::kChanged;
  std::string what;     // a source's name, or a path relative to the case folder
  std::string message;  // what is wrong with it; empty when the kind says it all
};
CROSSFACE_API std::string_view FindingKindName(Finding::Kind kind);

struct VerifySummary {
  int64_t sources = 0, files = 0, log_lines = 0;  // looked at
  std::string log_head;  // SHA-256 of the log's last line: kept elsewhere, it proves the whole log
  std::vector<Finding> findings;
  std::vector<std::string> notes;
};

// Sources that were looked for in another place.
struct LocateSummary {
  std::vector<std::pair<std::string, std::string>> found;  // name, and the path where it is now
  std::vector<std::string> others;                         // in whose place something else lies
  std::vector<std::string> missing;                        // that are not there either
};

struct ForgetPlan {
  std::vector<int64_t> persons;  // also those merged into them, and those who appeared in nothing else
  std::vector<int64_t> sources;  // at most one
  std::vector<size_t> tracks;    // positions among the tracks of the case
  int64_t faces = 0;
  std::vector<std::string> names;    // that are to be nowhere afterwards
  std::vector<std::string> staying;  // of persons and sources that are kept
};

struct ForgetSummary {
  int64_t tracks = 0, faces = 0, corrections = 0, log_lines = 0;
  int64_t searched_files = 0, searched_bytes = 0, needles = 0;  // pieces of pictures and vectors, and names
  std::vector<std::string> found_in;  // files that still hold some of it; empty when all is gone
  // Why the database file still holds what was removed, in pages out of use: another program has it open, or
  // the disk is full. Empty when it does not. CaseService::FinishForgetting() does the rest, at any later
  // time.
  std::string unfinished;
};

}  // namespace crossface
