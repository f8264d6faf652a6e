// Is a case still what it was? Recomputes the SHA-256 of every source, every exported file out of the
// gallery, the chain of the run log, and the soundness of the gallery itself. Changes nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/custody/custody_summaries.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

struct VerifyOptions {
  std::filesystem::path sources;  // where the footage is now; empty: where it was scanned
  std::stop_token stop;
  std::function<void(int64_t, int64_t)> progress;  // sources done and in all
};

// Errors: those of reading the case; what is wrong with it is a finding, not an error. kInterrupted.
Result<VerifySummary> VerifyCase(const Gallery& gallery, const VerifyOptions& options);

}  // namespace crossface
