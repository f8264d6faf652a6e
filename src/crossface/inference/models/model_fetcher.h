// Gets one model's file from one origin, checked and converted, into a working folder. Part of the installer.
#pragma once

#include <functional>

#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

struct FetchOptions {
  std::filesystem::path mirror;  // folder of a local mirror; empty for none
  std::filesystem::path work;  // a folder for packages and conversions, that the caller removes; the same one
                               // for several models saves fetching what they share
  std::function<void(const std::string&)> progress;
  std::function<bool()> keep_going;
};

// The path of the fetched file, in the mirror or below `work`. Whether it is the right net is for the caller
// to check; a registry's file was checked before its conversion. Errors: kNotFound when the origin does not
// have it or cannot be reached, kMismatch for a wrong checksum, kCorrupt, kInterrupted.
Result<std::filesystem::path> FetchModel(const ModelEntry& entry, const ModelEntry::Origin& origin,
                                         const FetchOptions& options);

// kMismatch when the file's SHA-256 is another. Other errors: those of reading.
Status CheckHash(const std::filesystem::path& file, const std::string& expected);

// Runs tools/convert_model.py. Errors: those of ConverterPython; kCorrupt when the file cannot be converted;
// kInterrupted.
Status ConvertModel(const std::string& conversion, const std::filesystem::path& from,
                    const std::filesystem::path& to, const FetchOptions& options);

// The Python program of the converter's own environment, which is made in the user's cache folder on first
// use. Errors: kNotFound (no Python, or its packages cannot be fetched), kInterrupted.
Result<std::filesystem::path> ConverterPython(const FetchOptions& options);

}  // namespace crossface
