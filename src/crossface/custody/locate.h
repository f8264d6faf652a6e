// Sources that are not where they were: looked for where the user says that they are now, known by their
// SHA-256, and remembered there.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "crossface/custody/custody_summaries.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

struct LocateOptions {
  std::filesystem::path place;  // a folder that holds them as they lay, or the file itself
  std::string source;           // by name; empty: every one that is not where it was
  std::stop_token stop;
  std::function<void(int64_t, int64_t)> progress;  // sources done and in all
};

// The gallery has another path for those that were found, and the same name. Errors: kNotFound for a place or
// a source that is not there; the gallery's; kInterrupted, and nothing is remembered.
Result<LocateSummary> LocateSources(Gallery& gallery, const LocateOptions& options);

}  // namespace crossface
