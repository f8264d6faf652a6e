#include "crossface/inference/models/download.h"

#include <fmt/format.h>

#include <chrono>

#include "crossface/inference/models/helper_script.h"
#include "crossface/util/hash.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

constexpr auto kBetweenLines = std::chrono::seconds(5);
// Of tools/download_file.py.
constexpr int kRefused = 3, kDiskFull = 7;

std::string Megabytes(uintmax_t bytes) { return fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6); }

// Tells now and then how much is there.
class Teller {
 public:
  Teller(const std::filesystem::path& part, const DownloadOptions& options)
      : part_(part), options_(options) {}
  void operator()() {
    const auto now = std::chrono::steady_clock::now();
    if (!options_.progress || now - last_ < kBetweenLines) return;
    last_ = now;
    std::error_code error;
    const uintmax_t had = std::filesystem::file_size(part_, error);
    if (error) return;
    options_.progress(options_.bytes == 0 ? fmt::format("{} are here", Megabytes(had))
                                          : fmt::format("{} of {} are here", Megabytes(had),
                                                        Megabytes(static_cast<uintmax_t>(options_.bytes))));
  }

 private:
  const std::filesystem::path part_;
  const DownloadOptions& options_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

Status Download(const std::string& address, const std::filesystem::path& to, const DownloadOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path script, HelperScript("download_file.py"));
  std::error_code error;
  std::filesystem::create_directories(to.parent_path(), error);
  if (error) return ErrnoStatus(error.value(), "cannot make " + to.parent_path().string());
  std::vector<std::string> arguments = {"python3", script.string(), address, to.string(),
                                        std::to_string(options.most_bytes)};
  if (options.bytes > 0) arguments.push_back(std::to_string(options.bytes));
  Teller teller(to.string() + ".part", options);
  CROSSFACE_ASSIGN_OR_RETURN(const SubprocessOutput output,
                             RunSubprocess(arguments, options.stop, std::ref(teller)));
  if (output.exit_code == 0) return Status();
  const StatusCode code = output.exit_code == kRefused    ? StatusCode::kMismatch
                          : output.exit_code == kDiskFull ? StatusCode::kOutOfResources
                                                          : StatusCode::kNotFound;
  return Status(code, fmt::format("{} could not be downloaded: {}", address, LastLine(output)));
}

std::filesystem::path DownloadPlace(const std::string& address) {
  return CacheFolder() / "downloads" / Sha256Hex(address).substr(0, 16);
}

}  // namespace crossface
