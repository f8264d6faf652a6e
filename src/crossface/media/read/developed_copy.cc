#include "crossface/media/read/developed_copy.h"

#include <utility>

#include "crossface/media/file/camera_raw.h"
#include "crossface/media/read/picture_limits.h"
#include "crossface/media/read/tiff_jpegs.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

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
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content, ReadPictureFile(file, "an image"));
  const auto copy = FindDevelopedCopy(content);
  if (!copy)
    return Status(StatusCode::kUnsupported,
                  name + ": is a camera's raw picture without a developed copy; develop it to JPEG or TIFF");
  CROSSFACE_RETURN_IF_ERROR(CheckPixels(name, copy->pixels, max_pixels));
  const JpegInTiff jpeg{static_cast<int64_t>(copy->begin), static_cast<int64_t>(copy->bytes), copy->pixels};
  return std::unique_ptr<PictureDecoder>(std::make_unique<DevelopedCopyDecoder>(file, jpeg));
}

}  // namespace crossface
