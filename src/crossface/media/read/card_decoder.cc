#include "crossface/media/read/card_decoder.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "crossface/media/read/frame_reader.h"
#include "crossface/util/mutex.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/pixdesc.h>
}

namespace crossface {
namespace {

Status Unavailable(std::string why) { return Status(StatusCode::kDeviceUnavailable, std::move(why)); }

// libav says only that it cannot load it.
Status CheckLibrary(const char* name, std::string_view without) {
  void* const library = dlopen(name, RTLD_LAZY);
  if (library == nullptr) return Unavailable(fmt::format("{} ({} is missing)", without, name));
  dlclose(library);
  return Status();
}

// One for each card and process. Never given back: libav's threads may use it at exit.
struct Devices {
  Mutex mutex;
  std::map<int, AVBufferRef*> by_card CROSSFACE_GUARDED_BY(mutex);
};

Result<LibavPtr<AVBufferRef>> DeviceOf(int card) {
  static Devices* const devices = new Devices;
  MutexLock lock(devices->mutex);
  AVBufferRef*& device = devices->by_card[card];
  if (device == nullptr) {
    CROSSFACE_RETURN_IF_ERROR(CheckLibrary("libcuda.so.1", "the NVIDIA driver is not installed"));
    CROSSFACE_RETURN_IF_ERROR(CheckLibrary("libnvcuvid.so.1",
                                           "the NVIDIA driver's part for video is not installed; a container "
                                           "has to ask for its capability video"));
    LibavLog log;
    const LibavLog::OfThisThread listening(log);
    const int error =
        av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_CUDA, std::to_string(card).c_str(), nullptr, 0);
    if (error < 0) {
      const std::string cause = log.errors().first_of_decoder;
      return Unavailable(
          fmt::format("the card {} cannot be used: {}", card, cause.empty() ? LibavErrorText(error) : cause));
    }
  }
  LibavPtr<AVBufferRef> shared(av_buffer_ref(device));
  if (!shared) return Status(StatusCode::kOutOfResources, "not enough memory for a decoder");
  return shared;
}

// Why the card cannot decode such pictures to the bit; empty where it may.
std::string WhyNot(const AVCodecParameters& stream) {
  const bool h264 = stream.codec_id == AV_CODEC_ID_H264;
  if (!h264 && stream.codec_id != AV_CODEC_ID_HEVC)
    return fmt::format("only h264 and hevc are decoded by a card, this is {}",
                       avcodec_get_name(stream.codec_id));
  switch (stream.format) {
    case AV_PIX_FMT_NONE:  // nobody knows yet
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUVJ420P:
      return "";
    case AV_PIX_FMT_YUV420P10LE:
    case AV_PIX_FMT_YUV420P12LE:
      if (!h264) return "";
      break;
    default:
      break;
  }
  const char* const name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(stream.format));
  return fmt::format("a card does not decode {} with pixels of {}", avcodec_get_name(stream.codec_id),
                     name ? name : "an unknown format");
}

// In which the processor's decoder gives the pictures of a set of surfaces, of which this is the range of the
// first one. Full range has a format of its own with eight bits; what later pictures say of their range
// leaves the format as it is.
AVPixelFormat PlanarFormat(AVPixelFormat on_card, AVColorRange range) {
  if (on_card == AV_PIX_FMT_P010LE) return AV_PIX_FMT_YUV420P10LE;
  if (on_card == AV_PIX_FMT_P016LE) return AV_PIX_FMT_YUV420P12LE;
  return range == AVCOL_RANGE_JPEG ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
}

// Asked again, without the card's format, when the card has refused. Nothing chosen is the decoder's error.
AVPixelFormat ChooseCard(AVCodecContext* decoder, const AVPixelFormat* offered) {
  for (; *offered != AV_PIX_FMT_NONE; ++offered) {
    if (*offered == AV_PIX_FMT_CUDA) return AV_PIX_FMT_CUDA;
  }
  const char* const name = av_get_pix_fmt_name(decoder->sw_pix_fmt);
  av_log(decoder, AV_LOG_ERROR, "the card does not decode %dx%d pixels of %s\n", decoder->coded_width,
         decoder->coded_height, name ? name : "an unknown format");
  return AV_PIX_FMT_NONE;
}

template <typename Sample>
void CopyPlane(const AVFrame& from, AVFrame* to, int plane, int width, int height, int offset, int step,
               int shift) {
  for (int y = 0; y < height; ++y) {
    const auto* const source =
        reinterpret_cast<const Sample*>(from.data[plane > 0 ? 1 : 0] +
                                        ptrdiff_t{y} * from.linesize[plane > 0 ? 1 : 0]) +
        offset;
    auto* const target = reinterpret_cast<Sample*>(to->data[plane] + ptrdiff_t{y} * to->linesize[plane]);
    for (int x = 0; x < width; ++x) target[x] = static_cast<Sample>(source[ptrdiff_t{x} * step] >> shift);
  }
}

// Samples of more than eight bits stand in the upper bits on a card, in the lower ones elsewhere.
template <typename Sample>
void CopyPlanes(const AVFrame& from, AVFrame* to, int shift) {
  CopyPlane<Sample>(from, to, 0, to->width, to->height, 0, 1, shift);
  const int width = (to->width + 1) / 2, height = (to->height + 1) / 2;
  CopyPlane<Sample>(from, to, 1, width, height, 0, 2, shift);
  CopyPlane<Sample>(from, to, 2, width, height, 1, 2, shift);
}

}  // namespace

Status CheckDecodingCard(int card) { return DeviceOf(card).status(); }

Result<std::unique_ptr<CardDecoder>> CardDecoder::For(const AVCodecParameters& stream, int card) {
  if (std::string why = WhyNot(stream); !why.empty()) return Unavailable(std::move(why));
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVBufferRef> device, DeviceOf(card));
  return std::unique_ptr<CardDecoder>(new CardDecoder(std::move(device)));
}

void CardDecoder::Attach(AVCodecContext* decoder) const {
  decoder->hw_device_ctx = av_buffer_ref(device_.get());
  decoder->get_format = &ChooseCard;
  decoder->thread_count = 1;  // the card works beside it
}

Result<LibavPtr<AVFrame>> CardDecoder::Fetch(const AVFrame& on_card, LibavLog& log) {
  if (on_card.format != AV_PIX_FMT_CUDA || on_card.hw_frames_ctx == nullptr)
    return Unavailable("the decoder gave a picture that is not on the card");
  if (surfaces_ == nullptr || surfaces_->data != on_card.hw_frames_ctx->data) {
    surfaces_.reset(av_buffer_ref(on_card.hw_frames_ctx));
    if (!surfaces_) return Status(StatusCode::kOutOfResources, "not enough memory for a frame");
    format_ = PlanarFormat(reinterpret_cast<const AVHWFramesContext*>(surfaces_->data)->sw_format,
                           on_card.color_range);
  }
  LibavPtr<AVFrame> packed(av_frame_alloc());
  if (!packed) return Status(StatusCode::kOutOfResources, "not enough memory for a frame");
  {
    // A copy that fails is told in the log alone: av_hwframe_transfer_data says that all is well.
    const LibavLog::OfThisThread listening(log);
    if (const int error = av_hwframe_transfer_data(packed.get(), &on_card, 0); error < 0)
      return Unavailable("a picture cannot be fetched from the card: " + LibavErrorText(error));
  }
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> frame, InPlanes(*packed, format_));
  if (av_frame_copy_props(frame.get(), &on_card) < 0)
    return Status(StatusCode::kOutOfResources, "not enough memory for a frame");
  // Of a picture on a card libav has cut off what is to the right and below alone.
  frame->crop_left = on_card.crop_left;
  frame->crop_top = on_card.crop_top;
  if (av_frame_apply_cropping(frame.get(), 0) < 0) return Unavailable("a picture cannot be cropped");
  return frame;
}

Result<LibavPtr<AVFrame>> InPlanes(const AVFrame& packed, AVPixelFormat format) {
  const AVPixFmtDescriptor* const target = av_pix_fmt_desc_get(format);
  const int depth = target == nullptr ? 0 : target->comp[0].depth;
  const bool small = packed.format == AV_PIX_FMT_NV12;
  const bool large = packed.format == AV_PIX_FMT_P010LE || packed.format == AV_PIX_FMT_P016LE;
  const bool planar = format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVJ420P ||
                      format == AV_PIX_FMT_YUV420P10LE || format == AV_PIX_FMT_YUV420P12LE;
  if (!planar || !(depth == 8 ? small : large))
    return Status(StatusCode::kUnsupported, "the card gives pictures in another format than was asked for");
  LibavPtr<AVFrame> frame(av_frame_alloc());
  if (!frame) return Status(StatusCode::kOutOfResources, "not enough memory for a frame");
  frame->format = format;
  frame->width = packed.width;
  frame->height = packed.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0)
    return Status(StatusCode::kOutOfResources, "not enough memory for a frame");
  if (small) {
    CopyPlanes<uint8_t>(packed, frame.get(), 0);
  } else {
    CopyPlanes<uint16_t>(packed, frame.get(), 16 - depth);
  }
  return frame;
}

}  // namespace crossface
