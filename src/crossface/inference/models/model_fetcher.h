// Gets one model's file from one origin, checked and converted, into a working folder. Part of the installer.
#pragma once

#include <functional>
#include <stop_token>

#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

struct FetchOptions {
  std::filesystem::path mirror;  // folder of a local mirror; empty for none
  std::filesystem::path work;  // a folder for packages and conversions, that the caller removes; the same one
                               // for several models saves fetching what they share
  std::function<void(const std::string&)> progress;
  std::stop_token stop;
  // Asked about what a conversion begins with where its SHA-256 is not known beforehand; none: it is taken.
  std::function<Status(const std::filesystem::path&)> trust;
};

// The path of the fetched file, in the mirror, below `work`, or where downloads are kept. Whether it is the
// right net is for the caller to check; what is converted was checked before. Errors: kNotFound when the
// origin does not have it or cannot be reached, kMismatch for a wrong checksum, kCorrupt, kInterrupted.
Result<std::filesystem::path> FetchModel(const ModelEntry& entry, const ModelEntry::Origin& origin,
                                         const FetchOptions& options);

// The model's file out of the origin's archive, below `work`. Errors: those of TakeFromZip.
Result<std::filesystem::path> TakeModelFromZip(const ModelEntry& entry, const ModelEntry::Origin& origin,
                                               const std::filesystem::path& archive,
                                               const FetchOptions& options);

// Removes whole downloads of the model from the cache; those that were cut off stay.
void ForgetDownloads(const ModelEntry& entry);

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
