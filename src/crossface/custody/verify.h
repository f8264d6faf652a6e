// Is a case still what it was? Recomputes the SHA-256 of every source, every exported file out of the
// gallery, the chain of the run log, and the soundness of the gallery itself. Changes nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

struct Finding {
  enum class Kind { kMissing, kChanged, kExtra };
  Kind kind = Kind::kChanged;
  std::string what;     // a source's name, or a path relative to the case folder
  std::string message;  // what is wrong with it; empty when the kind says it all
};
std::string_view FindingKindName(Finding::Kind kind);

struct VerifySummary {
  int64_t sources = 0, files = 0, log_lines = 0;  // looked at
  std::string log_head;  // SHA-256 of the log's last line: kept elsewhere, it proves the whole log
  std::vector<Finding> findings;
  std::vector<std::string> notes;
};

struct VerifyOptions {
  std::filesystem::path sources;  // where the footage is now; empty: where it was scanned
  std::function<bool()> keep_going;
  std::function<void(int64_t, int64_t)> progress;  // sources done and in all
};

// Errors: those of reading the case; what is wrong with it is a finding, not an error. kInterrupted.
Result<VerifySummary> VerifyCase(const Gallery& gallery, const VerifyOptions& options);

}  // namespace crossface
