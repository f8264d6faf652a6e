#include "crossface/media/read/heif_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "crossface/media/file/heif_file.h"
#include "crossface/media/file/iso_boxes.h"
#include "crossface/media/read/heif_decoder.h"
#include "crossface/media/read/picture_limits.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

// What is missing of a file is put in its place as zeros, so that libheif decodes the rest: so much at most,
// whatever the file says.
constexpr int64_t kMostMissing = 64 << 20;

bool IsAvif(const std::string& content) {
  return heif_has_compatible_brand(reinterpret_cast<const uint8_t*>(content.data()),
                                   static_cast<int>(content.size()), "avif") == 1;
}

class HeifPicture final : public PictureDecoder {
 public:
  HeifPicture(std::string name, std::string content, int64_t max_pixels)
      : name_(std::move(name)), content_(std::move(content)), max_pixels_(max_pixels) {}

  Status Open(const InputFile& file, int number, HeifFacts* facts) {
    const int64_t missing = FillUp(file);
    facts->avif = IsAvif(content_);
    auto context = OpenHeif(content_);
    if (!context.ok()) return Told(context.status());
    context_ = *std::move(context);
    const std::vector<heif_item_id> pictures = ListHeifPictures(context_.get());
    facts->pictures = std::max<int>(1, static_cast<int>(pictures.size()));
    if (pictures.empty()) return Told(Status(StatusCode::kCorrupt, "it holds no picture"));
    if (number > static_cast<int>(pictures.size()))
      return Status(StatusCode::kNotFound, fmt::format("{}: has no picture {}", name_, number));
    const heif_item_id picture = pictures[static_cast<size_t>(number - 1)];
    heif_image_handle* handle = nullptr;
    if (const Status found = StatusOf(heif_context_get_image_handle(context_.get(), picture, &handle));
        !found.ok())
      return Told(found);
    handle_.reset(handle);
    if (missing > 0) complaint_ = fmt::format("the file is cut off: {} bytes are missing", missing);
    // The stored picture may be larger than what is shown of it.
    const int64_t pixels = std::max(
        int64_t{heif_image_handle_get_width(handle)} * heif_image_handle_get_height(handle),
        int64_t{heif_image_handle_get_ispe_width(handle)} * heif_image_handle_get_ispe_height(handle));
    return CheckPixels(name_, pixels, max_pixels_);
  }

  Result<LibavPtr<AVFrame>> Next() override {
    if (std::exchange(given_, true)) return LibavPtr<AVFrame>();
    const HeifDecoding decoding(max_pixels_);
    // By libheif's own conversion: it gives no others than these for certain.
    const bool wide = heif_image_handle_get_luma_bits_per_pixel(handle_.get()) > 8;
    constexpr heif_chroma kWide = std::endian::native == std::endian::little
                                      ? heif_chroma_interleaved_RRGGBB_LE
                                      : heif_chroma_interleaved_RRGGBB_BE;
    heif_image* image = nullptr;
    const Status decoded = StatusOf(heif_decode_image(handle_.get(), &image, heif_colorspace_RGB,
                                                      wide ? kWide : heif_chroma_interleaved_RGB, nullptr));
    const HeifPtr<heif_image> owner(image);
    const std::string why = decoding.last_error();
    if (!decoded.ok())
      return Told(why.empty() ? decoded : Status(decoded.code(), decoded.message() + ": " + why));
    if (decoding.missing() > 0 && decoding.missing() == decoding.pieces())
      return Told(Status(StatusCode::kCorrupt, why.empty() ? "nothing is left of it" : why));
    Complain(decoding);
    auto frame = TakePixels(*image, wide);
    DescribeColours(decoding, frame.get());
    return frame;
  }

  std::string complaint() const override { return complaint_; }

 private:
  Status Told(const Status& status) const {
    const bool unsupported = status.code() == StatusCode::kUnsupported;
    return Status(status.code(),
                  fmt::format("{}: {} ({}); {}", name_,
                              unsupported ? "is a HEIF or AVIF picture of a kind that cannot be read"
                                          : "not a single picture could be decoded",
                              status.message(),
                              unsupported ? "convert it to JPEG or PNG" : "get another copy of the file"));
  }

  // How many bytes were missing.
  int64_t FillUp(const InputFile& file) {
    int64_t at = 0;
    while (at + 8 <= file.size()) {
      const IsoBox box = ReadIsoBox(file, at);
      if (box.type.empty()) return 0;  // something else lies behind the picture
      at = box.end;
    }
    const int64_t missing = at - file.size();
    if (missing <= 0 || missing > kMostMissing) return 0;
    content_.resize(static_cast<size_t>(at), '\0');
    return missing;
  }

  void Complain(const HeifDecoding& decoding) {
    if (decoding.missing() > 0) {
      if (complaint_.empty()) complaint_ = "parts of it are missing";
      complaint_ += fmt::format("; {} of its {} tiles are black", decoding.missing(), decoding.pieces());
    } else if (decoding.damaged() > 0 && complaint_.empty()) {
      complaint_ = decoding.last_error();
    }
  }

  static LibavPtr<AVFrame> TakePixels(const heif_image& image, bool wide) {
    auto frame = NewFrame(wide ? AV_PIX_FMT_RGB48 : AV_PIX_FMT_RGB24,
                          heif_image_get_width(&image, heif_channel_interleaved),
                          heif_image_get_height(&image, heif_channel_interleaved));
    int stride = 0;
    const uint8_t* const pixels = heif_image_get_plane_readonly(&image, heif_channel_interleaved, &stride);
    const size_t values = size_t{3} * static_cast<size_t>(frame->width);
    const int shift = wide ? 16 - heif_image_get_bits_per_pixel_range(&image, heif_channel_interleaved) : 0;
    for (int y = 0; y < frame->height; ++y) {
      uint8_t* const row = frame->data[0] + int64_t{y} * frame->linesize[0];
      std::memcpy(row, pixels + int64_t{y} * stride, wide ? 2 * values : values);
      if (!wide) continue;
      auto* const wide_row = reinterpret_cast<uint16_t*>(row);
      for (size_t i = 0; i < values; ++i) wide_row[i] = static_cast<uint16_t>(wide_row[i] << shift);
    }
    return frame;
  }

  // The file's own statement goes before that of the coded picture (ISO 23000-22, 7.3.6.4).
  void DescribeColours(const HeifDecoding& decoding, AVFrame* frame) const {
    frame->color_range = AVCOL_RANGE_JPEG;
    frame->color_primaries = decoding.primaries();
    frame->color_trc = decoding.transfer();
    heif_color_profile_nclx* found = nullptr;
    if (heif_image_handle_get_nclx_color_profile(handle_.get(), &found).code != heif_error_Ok) return;
    const HeifPtr<heif_color_profile_nclx> colours(found);
    frame->color_primaries = static_cast<AVColorPrimaries>(colours->color_primaries);
    frame->color_trc = static_cast<AVColorTransferCharacteristic>(colours->transfer_characteristics);
  }

  const std::string name_;
  std::string content_;
  const int64_t max_pixels_;
  HeifPtr<heif_context> context_;
  HeifPtr<heif_image_handle> handle_;
  bool given_ = false;
  std::string complaint_;
};

}  // namespace

Result<std::unique_ptr<PictureDecoder>> OpenHeifPicture(const InputFile& file, int number, int64_t max_pixels,
                                                        HeifFacts* facts) {
  CROSSFACE_ASSIGN_OR_RETURN(std::string content, ReadPictureFile(file, "an image"));
  auto picture = std::make_unique<HeifPicture>(DisplayPath(file.path()), std::move(content), max_pixels);
  CROSSFACE_RETURN_IF_ERROR(picture->Open(file, number, facts));
  return std::unique_ptr<PictureDecoder>(std::move(picture));
}

}  // namespace crossface
