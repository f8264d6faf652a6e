#include "crossface/media/read/picture_limits.h"

#include <fmt/format.h>

#include "crossface/util/text.h"

namespace crossface {
namespace {

// Photographs and scans; whole files are held in memory.
constexpr int64_t kMaxBytes = 1LL << 30;

}  // namespace

Status CheckPictureBytes(const InputFile& file, std::string_view what) {
  if (file.size() <= kMaxBytes) return Status();
  return Status(StatusCode::kUnsupported,
                fmt::format("{}: {} of {} MiB is too large; the limit is {} MiB", DisplayPath(file.path()),
                            what, file.size() >> 20, kMaxBytes >> 20));
}

Result<std::string> ReadPictureFile(const InputFile& file, std::string_view what) {
  CROSSFACE_RETURN_IF_ERROR(CheckPictureBytes(file, what));
  return file.ReadAt(0, static_cast<size_t>(file.size()));
}

Status TooManyPixels(const std::string& name, uint64_t pixels, int64_t max_pixels) {
  return Status(StatusCode::kUnsupported,
                fmt::format("{}: its pictures have {} pixels, {} are allowed", name, pixels, max_pixels));
}

Status CheckPixels(const std::string& name, int64_t pixels, int64_t max_pixels) {
  if (pixels <= max_pixels) return Status();
  return TooManyPixels(name, static_cast<uint64_t>(pixels), max_pixels);
}

}  // namespace crossface
