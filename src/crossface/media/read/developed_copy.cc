#include "crossface/media/read/developed_copy.h"

#include <fmt/format.h>

#include <utility>

#include "crossface/media/file/camera_raw.h"
#include "crossface/media/read/tiff_jpegs.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr int64_t kMaxBytes = 1LL << 30;

class DevelopedCopyDecoder final : public PictureDecoder {
 public:
  DevelopedCopyDecoder(const InputFile& file, const JpegInTiff& jpeg) : file_(file), jpeg_(jpeg) {}

  Result<LibavPtr<AVFrame>> Next() override {
    return std::exchange(given_, true) ? LibavPtr<AVFrame>() : DecodeJpeg(file_, jpeg_);
  }
  std::string complaint() const override { return ""; }

 private:
  const InputFile& file_;
  const JpegInTiff jpeg_;
  bool given_ = false;
};

}  // namespace

Result<std::unique_ptr<PictureDecoder>> OpenDevelopedCopy(const InputFile& file, int64_t max_pixels) {
  const std::string name = DisplayPath(file.path());
  if (file.size() > kMaxBytes)
    return Status(StatusCode::kUnsupported,
                  fmt::format("{}: an image of {} MiB is too large; the limit is {} MiB", name,
                              file.size() >> 20, kMaxBytes >> 20));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content, file.ReadAt(0, static_cast<size_t>(file.size())));
  const auto copy = FindDevelopedCopy(content);
  if (!copy)
    return Status(StatusCode::kUnsupported,
                  name + ": is a camera's raw picture without a developed copy; develop it to JPEG or TIFF");
  if (copy->pixels > max_pixels)
    return Status(StatusCode::kUnsupported, fmt::format("{}: its pictures have {} pixels, {} are allowed",
                                                        name, copy->pixels, max_pixels));
  const JpegInTiff jpeg{static_cast<int64_t>(copy->begin), static_cast<int64_t>(copy->bytes), copy->pixels};
  return std::unique_ptr<PictureDecoder>(std::make_unique<DevelopedCopyDecoder>(file, jpeg));
}

}  // namespace crossface
