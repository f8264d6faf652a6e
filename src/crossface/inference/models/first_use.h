// Trust on first use: a model's file whose SHA-256 nobody published is taken once, its SHA-256 is recorded in
// the store, and another file in its place is refused. Not thread-safe; belongs to the installer.
#pragma once

#include <filesystem>
#include <string>

#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

class FirstUse {
 public:
  FirstUse(const ModelStore& store, std::string model) : store_(store), model_(std::move(model)) {}

  // Of a file as it was published, before any conversion. Errors: kMismatch, saying what was used before and
  // what to do, unless `accept_changed`; those of reading.
  Status Check(const std::filesystem::path& file, bool accept_changed);

  // Once the checked file is installed. Returns the SHA-256 that was new, empty when there was none. Errors:
  // those of writing.
  Result<std::string> Record(const std::string& origin);

 private:
  const ModelStore& store_;
  const std::string model_;
  std::string kind_, sha256_;  // of the file that was checked and is not recorded yet
};

}  // namespace crossface
