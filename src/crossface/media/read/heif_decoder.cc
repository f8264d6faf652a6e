#include "crossface/media/read/heif_decoder.h"

#include <libheif/heif_plugin.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "crossface/media/file/heif_file.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
}

namespace crossface {
namespace {

thread_local HeifDecoding* current = nullptr;

heif_error Fine() { return {heif_error_Ok, heif_suberror_Unspecified, "ok"}; }

heif_error Failed(heif_error_code code, const char* words) {
  return {code, heif_suberror_Unspecified, words};
}

constexpr std::string_view kStartCode("\0\0\0\1", 4);

// Parameter sets, which say how large the picture is, apart from the picture (ITU-T H.265, 7.4.2.2); both
// with start codes in place of lengths. What is cut off is given as far as it goes.
std::pair<std::string, std::string> SplitHevc(std::string_view data) {
  std::string sets, picture;
  while (data.size() > 4) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(data[i]);
    data.remove_prefix(4);
    const std::string_view unit = data.substr(0, length);
    data.remove_prefix(unit.size());
    if (unit.empty()) continue;
    const int type = unit[0] >> 1 & 0x3F;
    std::string& part = type >= 32 && type <= 34 ? sets : picture;
    part += kStartCode;
    part += unit;
  }
  return {sets, picture};
}

heif_chroma ChromaOf(const AVPixFmtDescriptor& format) {
  if (format.nb_components < 3) return heif_chroma_monochrome;
  if (format.log2_chroma_w == 0 && format.log2_chroma_h == 0) return heif_chroma_444;
  if (format.log2_chroma_w == 1 && format.log2_chroma_h == 0) return heif_chroma_422;
  if (format.log2_chroma_w == 1 && format.log2_chroma_h == 1) return heif_chroma_420;
  return heif_chroma_undefined;
}

// What the coded picture states of its colours; the file's own statement goes before it.
void SetColours(const AVFrame& frame, heif_image* image) {
  const HeifPtr<heif_color_profile_nclx> colours(heif_nclx_color_profile_alloc());
  if (!colours || frame.color_range == AVCOL_RANGE_UNSPECIFIED) return;
  colours->full_range_flag = frame.color_range == AVCOL_RANGE_JPEG;
  heif_nclx_color_profile_set_color_primaries(colours.get(), static_cast<uint16_t>(frame.color_primaries));
  heif_nclx_color_profile_set_transfer_characteristics(colours.get(), static_cast<uint16_t>(frame.color_trc));
  heif_nclx_color_profile_set_matrix_coefficients(colours.get(), static_cast<uint16_t>(frame.colorspace));
  heif_image_set_nclx_color_profile(image, colours.get());
}

heif_error MakeImage(const AVFrame& frame, heif_image** out) {
  const AVPixFmtDescriptor* const format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const heif_chroma chroma = format == nullptr ? heif_chroma_undefined : ChromaOf(*format);
  const bool planar = format != nullptr && (format->flags & AV_PIX_FMT_FLAG_PLANAR) != 0;
  if (chroma == heif_chroma_undefined || (!planar && chroma != heif_chroma_monochrome))
    return Failed(heif_error_Unsupported_feature, "its pixels are laid out in an unusual way");
  const bool grey = chroma == heif_chroma_monochrome;
  heif_image* image = nullptr;
  heif_error error = heif_image_create(
      frame.width, frame.height, grey ? heif_colorspace_monochrome : heif_colorspace_YCbCr, chroma, &image);
  HeifPtr<heif_image> owner(image);
  constexpr heif_channel kPlanes[] = {heif_channel_Y, heif_channel_Cb, heif_channel_Cr};
  const int depth = format->comp[0].depth;
  for (int i = 0; i < (grey ? 1 : 3) && error.code == heif_error_Ok; ++i) {
    const int width = i == 0 ? frame.width : AV_CEIL_RSHIFT(frame.width, format->log2_chroma_w),
              height = i == 0 ? frame.height : AV_CEIL_RSHIFT(frame.height, format->log2_chroma_h);
    error = heif_image_add_plane(image, kPlanes[i], width, height, depth);
    if (error.code != heif_error_Ok) break;
    int stride = 0;
    uint8_t* const plane = heif_image_get_plane(image, kPlanes[i], &stride);
    const size_t row = static_cast<size_t>(width) * (depth > 8 ? 2 : 1);
    for (int y = 0; y < height; ++y)
      std::memcpy(plane + int64_t{y} * stride, frame.data[i] + int64_t{y} * frame.linesize[i], row);
  }
  if (error.code != heif_error_Ok) return error;
  SetColours(frame, image);
  *out = owner.release();
  return Fine();
}

}  // namespace

// One picture or tile. libheif makes it, pushes its bytes, and asks for it.
class HeifPieceDecoder {
 public:
  explicit HeifPieceDecoder(AVCodecID codec) : codec_(codec) {}

  void Push(std::string_view data) { data_ += data; }

  heif_error Decode(heif_image** out) {
    if (current == nullptr) return Failed(heif_error_Usage_error, "nobody asked for a picture");
    ++current->pieces_;
    std::string sets, picture = data_;
    if (codec_ == AV_CODEC_ID_HEVC) std::tie(sets, picture) = SplitHevc(data_);
    if (!Open(sets)) return Failed(heif_error_Unsupported_feature, "there is no decoder for it");
    const int64_t errors = current->log_.errors().decoder;
    const LibavPtr<AVFrame> frame = Picture(picture);
    if (frame) {
      current->damaged_ += current->log_.errors().decoder > errors || frame->decode_error_flags != 0;
      current->primaries_ = frame->color_primaries;
      current->transfer_ = frame->color_trc;
      return MakeImage(*frame, out);
    }
    ++current->missing_;
    const LibavPtr<AVFrame> black = Black();
    return black ? MakeImage(*black, out) : Failed(heif_error_Decoder_plugin_error, "it is damaged");
  }

 private:
  bool Open(const std::string& sets) {
    const AVCodec* const codec = avcodec_find_decoder(codec_);
    if (codec == nullptr) return false;
    decoder_.reset(avcodec_alloc_context3(codec));
    if (!decoder_) throw std::bad_alloc();
    decoder_->opaque = &current->log_;
    decoder_->max_pixels = current->max_pixels_;
    decoder_->thread_count = 1;
    if (!sets.empty()) {
      decoder_->extradata = static_cast<uint8_t*>(av_mallocz(sets.size() + AV_INPUT_BUFFER_PADDING_SIZE));
      if (decoder_->extradata == nullptr) throw std::bad_alloc();
      std::memcpy(decoder_->extradata, sets.data(), sets.size());
      decoder_->extradata_size = static_cast<int>(sets.size());
    }
    return avcodec_open2(decoder_.get(), codec, nullptr) >= 0;
  }

  // Null where there is none to be had.
  LibavPtr<AVFrame> Picture(const std::string& data) {
    const LibavPtr<AVPacket> packet(av_packet_alloc());
    LibavPtr<AVFrame> frame(av_frame_alloc());
    if (!packet || !frame) throw std::bad_alloc();
    if (data.empty()) return nullptr;
    if (av_new_packet(packet.get(), static_cast<int>(data.size())) < 0) throw std::bad_alloc();
    std::memcpy(packet->data, data.data(), data.size());
    packet->flags |= AV_PKT_FLAG_KEY;
    avcodec_send_packet(decoder_.get(), packet.get());
    avcodec_send_packet(decoder_.get(), nullptr);
    return avcodec_receive_frame(decoder_.get(), frame.get()) == 0 ? std::move(frame) : nullptr;
  }

  // In the size that the parameter sets state, so that the pieces beside it come to their places.
  LibavPtr<AVFrame> Black() const {
    const AVPixFmtDescriptor* const format = av_pix_fmt_desc_get(decoder_->pix_fmt);
    const int64_t pixels = int64_t{decoder_->width} * decoder_->height;
    if (format == nullptr || pixels <= 0 || pixels > current->max_pixels_) return nullptr;
    auto frame = NewFrame(decoder_->pix_fmt, decoder_->width, decoder_->height);
    frame->color_range = decoder_->color_range;
    frame->color_primaries = decoder_->color_primaries;
    frame->color_trc = decoder_->color_trc;
    frame->colorspace = decoder_->colorspace;
    ptrdiff_t rows[4];
    std::copy(std::begin(frame->linesize), std::begin(frame->linesize) + 4, rows);
    if (av_image_fill_black(frame->data, rows, decoder_->pix_fmt, frame->color_range, frame->width,
                            frame->height) < 0)
      return nullptr;
    return frame;
  }

  const AVCodecID codec_;
  std::string data_;
  LibavPtr<AVCodecContext> decoder_;
};

namespace {

// libheif is C: nothing may be thrown through it.
template <typename Work>
heif_error Guarded(Work work) {
  try {
    return work();
  } catch (const std::exception&) {
    return Failed(heif_error_Memory_allocation_error, "not enough memory for a picture");
  }
}

template <AVCodecID codec>
heif_error NewDecoder(void** decoder) {
  return Guarded([decoder] {
    *decoder = new HeifPieceDecoder(codec);
    return Fine();
  });
}

template <heif_compression_format wanted>
int Supports(heif_compression_format format) {
  constexpr int kBeforeLibheifsOwn = 1000;
  return format == wanted ? kBeforeLibheifsOwn : 0;
}

template <AVCodecID codec, heif_compression_format format>
constexpr heif_decoder_plugin Plugin(const char* name) {
  return {.plugin_api_version = 3,
          .get_plugin_name = [] { return "libav"; },
          .init_plugin = nullptr,
          .deinit_plugin = nullptr,
          .does_support_format = &Supports<format>,
          .new_decoder = &NewDecoder<codec>,
          .free_decoder = [](void* decoder) { delete static_cast<HeifPieceDecoder*>(decoder); },
          .push_data =
              [](void* decoder, const void* data, size_t size) {
                return Guarded([&] {
                  static_cast<HeifPieceDecoder*>(decoder)->Push({static_cast<const char*>(data), size});
                  return Fine();
                });
              },
          .decode_image =
              [](void* decoder, heif_image** image) {
                return Guarded([&] { return static_cast<HeifPieceDecoder*>(decoder)->Decode(image); });
              },
          .set_strict_decoding = [](void*, int) {},
          .id_name = name};
}

void RegisterOnce() {
  static constexpr heif_decoder_plugin kHevc =
      Plugin<AV_CODEC_ID_HEVC, heif_compression_HEVC>("crossface-hevc");
  static constexpr heif_decoder_plugin kAv1 = Plugin<AV_CODEC_ID_AV1, heif_compression_AV1>("crossface-av1");
  static std::once_flag done;
  std::call_once(done, [] {
    heif_register_decoder_plugin(&kHevc);
    heif_register_decoder_plugin(&kAv1);
  });
}

}  // namespace

HeifDecoding::HeifDecoding(int64_t max_pixels)
    : outer_(std::exchange(current, this)), max_pixels_(max_pixels) {
  RegisterOnce();
}

HeifDecoding::~HeifDecoding() { current = outer_; }

}  // namespace crossface
