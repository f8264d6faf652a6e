// Gets one model's file from one origin, checked and converted, into a working folder. Part of the installer.
#pragma once

#include <functional>

#include "crossface/inference/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

struct FetchOptions {
  std::filesystem::path mirror;  // folder of a local mirror; empty for none
  std::filesystem::path work;    // an empty folder that the caller removes
  std::function<void(const std::string&)> progress;
  std::function<bool()> keep_going;
};

// The path of the fetched file, in the mirror or below `work`. Errors: kNotFound when the origin does not have it or cannot be reached,
// kMismatch for a wrong checksum, kInterrupted.
Result<std::filesystem::path> FetchModel(const ModelEntry& entry, const ModelEntry::Origin& origin, const FetchOptions& options);

// Runs tools/convert_model.py in a Python environment of its own, made in the user's cache folder on first use.
Status ConvertModel(const std::string& conversion, const std::filesystem::path& from, const std::filesystem::path& to, const FetchOptions& options);

}  // namespace crossface
