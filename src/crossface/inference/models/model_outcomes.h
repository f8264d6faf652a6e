// What became of installing and of checking a model. Plain values.
#pragma once

#include <string>

namespace crossface {

struct InstallOutcome {
  enum class Kind { kPresent, kInstalled, kUnavailable, kFailed };
  std::string model;
  Kind kind = Kind::kFailed;
  std::string origin;             // where it came from, for kInstalled
  std::string first_used_sha256;  // of a file that nobody vouches for, and that was recorded now
  std::string message;            // why not, for kUnavailable and kFailed
};

struct VerifyOutcome {
  std::string model;
  bool installed = false;
  std::string problem;  // empty when the file is what was installed
};

}  // namespace crossface
