#include "crossface/media/read/damage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "crossface/util/text.h"

namespace crossface {
namespace {

// Containers round lengths, and the last packets of a sound file may have no duration: over the sound files
// of the test data the difference stays below 0.1 s.
constexpr int64_t kTimeToleranceUs = 1'000'000;

std::string Count(int64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace

Status Damage::Report(const std::filesystem::path& path) const {
  std::vector<std::string> findings;
  if (const int64_t missing = promised_frames - packets - empty_frames; missing > 0) {
    findings.push_back(fmt::format("{} of {} are missing", missing, Count(promised_frames, "frame")));
  } else if (empty_frames == 0 && promised_us - reached_us > kTimeToleranceUs) {
    findings.push_back(fmt::format("the last {:.1f} of {:.1f} s are missing",
                                   1e-6 * static_cast<double>(promised_us - reached_us),
                                   1e-6 * static_cast<double>(promised_us)));
  }
  if (cut_off) findings.push_back("the picture is cut off");
  if (undecodable > 0) findings.push_back(Count(undecodable, "packet") + " could not be decoded");
  if (encrypted > 0) findings.push_back(Count(encrypted, "frame") + " encrypted (copy protection)");
  if (patched > 0) findings.push_back(fmt::format("{} with damaged parts", Count(patched, "frame")));
  if (!stopped.empty()) findings.push_back(stopped);
  if (findings.empty() && container_errors > 0) findings.push_back("the container is damaged");
  if (findings.empty()) return Status();
  std::string message =
      fmt::format("{}: {}; {} read", DisplayPath(path), fmt::join(findings, ", "), Count(frames, "frame"));
  if (!last_error.empty()) message += fmt::format(" (decoder: {})", last_error);
  return Status(StatusCode::kCorrupt, std::move(message));
}

}  // namespace crossface
