#include "crossface/media/read/libav_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <vector>

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/mem.h>
#include <libavutil/murmur3.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include "crossface/media/read/display_colours.h"
#include "crossface/media/read/interlacing.h"
#include "crossface/util/shrink.h"

namespace crossface {
namespace {

struct ScalerDeleter {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};

AVPixelFormat Format(const AVFrame& frame) { return static_cast<AVPixelFormat>(frame.format); }

bool FullRange(const AVFrame& frame) {
  switch (Format(frame)) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    case AV_PIX_FMT_GRAY8:
      return frame.color_range != AVCOL_RANGE_MPEG;
    default:
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

// The matrix that the file names. Unnamed, it is BT.709 for high definition and BT.601 below, as players take
// it.
AVColorSpace MatrixOf(const AVFrame& frame) {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return frame.colorspace;
    default:
      return std::min(frame.width, frame.height) >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  }
}

// swscale knows these by libavutil's numbers.
const int* Coefficients(const AVFrame& frame) { return sws_getCoefficients(MatrixOf(frame)); }

// How many bits the luma has that data[0] holds, a byte or two a pixel; 0 where it holds something else.
int LumaPlaneBits(const AVFrame& frame) {
  const AVPixFmtDescriptor* const format = av_pix_fmt_desc_get(Format(frame));
  constexpr uint64_t kOther = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                              AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
  if (format == nullptr || (format->flags & kOther) != 0) return 0;
  const AVComponentDescriptor& luma = format->comp[0];
  const bool plain = luma.plane == 0 && luma.offset == 0 && luma.shift == 0 &&
                     luma.step == (luma.depth > 8 ? 2 : 1) && frame.linesize[0] >= frame.width * luma.step;
  return plain && luma.depth >= 8 ? luma.depth : 0;
}

bool HasLumaPlane(const AVFrame& frame) { return LumaPlaneBits(frame) == 8; }

// The frame as packed pixels of another size and format, by swscale. A scaler is made for each call: that
// takes a tenth of a conversion's time, and keeps pictures free of state that threads would share.
Result<cv::Mat> Convert(const AVFrame& frame, cv::Size size, AVPixelFormat target, int mat_type) {
  // Averages over an area are for shrinking.
  const bool enlarged = size.width >= frame.width && size.height >= frame.height;
  const std::unique_ptr<SwsContext, ScalerDeleter> scaler(
      sws_getContext(frame.width, frame.height, Format(frame), size.width, size.height, target,
                     enlarged ? SWS_BICUBIC : SWS_AREA, nullptr, nullptr, nullptr));
  if (!scaler) {
    const char* const name = av_get_pix_fmt_name(Format(frame));
    return Status(StatusCode::kUnsupported,
                  fmt::format("pixel format {} cannot be converted", name ? name : "unknown"));
  }
  const int* const coefficients = Coefficients(frame);
  sws_setColorspaceDetails(scaler.get(), coefficients, FullRange(frame), coefficients, 1, 0, 1 << 16,
                           1 << 16);

  // swscale's vector code writes rows in order, in blocks of 16 pixels, the last one past the row's end; and
  // it leaves out the last columns where rows are no multiple of 8 pixels apart. Hence the padding and the
  // spare row.
  const int padded_width = (size.width + 7) / 8 * 8;
  const cv::Mat padded = cv::Mat(size.height + 1, padded_width, mat_type).rowRange(0, size.height);
  uint8_t* const planes[4] = {padded.data};
  const int strides[4] = {static_cast<int>(padded.step[0])};
  if (sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes, strides) != size.height) {
    return Status(StatusCode::kInternal, "swscale could not convert a frame");
  }
  return padded_width == size.width ? padded : padded.colRange(0, size.width).clone();
}

// Of an interlaced picture the first moment is shown.
bool ShowsUpperRows(const AVFrame& frame) {
  return frame.interlaced_frame == 0 || frame.top_field_first != 0;
}

// The rows of the moment that is shown, one below the other. The frame's own, which has to outlive it.
AVFrame ShownField(const AVFrame& frame) {
  AVFrame field{};
  field.width = frame.width;
  field.height = frame.height / 2;
  field.format = frame.format;
  field.color_range = frame.color_range;
  field.colorspace = MatrixOf(frame);
  field.color_trc = frame.color_trc;
  field.color_primaries = frame.color_primaries;
  for (int plane = 0; plane < 4 && frame.data[plane] != nullptr; ++plane) {
    field.data[plane] = frame.data[plane] + (ShowsUpperRows(frame) ? 0 : frame.linesize[plane]);
    field.linesize[plane] = 2 * frame.linesize[plane];
  }
  return field;
}

cv::Mat LumaPlane(const AVFrame& frame) {
  return cv::Mat(frame.height, frame.width, CV_8UC1, frame.data[0], static_cast<size_t>(frame.linesize[0]));
}

// A byte a pixel, of the range that the film has, at full size.
Result<cv::Mat> WholeLuma(const AVFrame& frame) {
  const int bits = LumaPlaneBits(frame);
  if (bits == 8) return LumaPlane(frame);
  if (bits == 0 || (av_pix_fmt_desc_get(Format(frame))->flags & AV_PIX_FMT_FLAG_BE) != 0)
    return Convert(frame, {frame.width, frame.height}, AV_PIX_FMT_GRAY8, CV_8UC1);
  cv::Mat luma;
  cv::Mat(frame.height, frame.width, CV_16UC1, frame.data[0], static_cast<size_t>(frame.linesize[0]))
      .convertTo(luma, CV_8UC1, 1.0 / (1 << (bits - 8)));
  return luma;
}

Result<cv::Mat> LumaAsStored(const AVFrame& frame, const cv::Size& target) {
  if (!HasLumaPlane(frame)) return Convert(frame, target, AV_PIX_FMT_GRAY8, CV_8UC1);
  // A cut may lie between the moments of an interlaced picture.
  const bool of_one_moment = frame.interlaced_frame != 0 && target.height <= frame.height / 2;
  cv::Mat luma = ShrinkByArea(LumaPlane(of_one_moment ? ShownField(frame) : frame), target);
  // Limited range: black is 16 and white 235.
  if (!FullRange(frame)) luma.convertTo(luma, CV_8UC1, 255.0 / 219, -16 * 255.0 / 219);
  return luma;
}

Result<cv::Mat> ConvertToBgr(const AVFrame& frame, const cv::Size& size) {
  const DisplayColours* const colours = DisplayColours::For(frame);
  if (colours == nullptr) return Convert(frame, size, AV_PIX_FMT_BGR24, CV_8UC3);
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat numbers, Convert(frame, size, AV_PIX_FMT_BGR48, CV_16UC3));
  return colours->Shown(numbers);
}

// The rows of the moment that is shown, with its own colours: interlaced films have those of both moments in
// turn, so that rows of a whole picture get the other's. None where rows of colours do not come out even.
Result<cv::Mat> ShownRows(const AVFrame& frame) {
  if (frame.height % 4 != 0) return cv::Mat();
  const AVFrame field = ShownField(frame);
  return ConvertToBgr(field, {field.width, field.height});
}

// As stored, but of this size and of one moment.
Result<cv::Mat> BgrOfOneMoment(const AVFrame& frame, const cv::Size& size) {
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat luma, WholeLuma(frame));
  const cv::Mat combed = CombedSquares(luma);
  if (combed.empty()) return ConvertToBgr(frame, size);
  CROSSFACE_ASSIGN_OR_RETURN(cv::Mat bgr, ConvertToBgr(frame, {frame.width, frame.height}));
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat rows, ShownRows(frame));
  KeepOneMoment(combed, rows, ShowsUpperRows(frame), bgr);
  if (bgr.size() != size) cv::resize(bgr, bgr, size, 0, 0, cv::INTER_CUBIC);
  return bgr;
}

// With black around it.
cv::Mat InTheMiddleOf(cv::Size size, const cv::Mat& picture) {
  if (picture.size() == size) return picture;
  cv::Mat framed = cv::Mat::zeros(size, picture.type());
  const cv::Point corner((framed.cols - picture.cols) / 2, (framed.rows - picture.rows) / 2);
  picture.copyTo(framed(cv::Rect(corner, picture.size())));
  return framed;
}

// OpenCV reports a failed allocation by an exception of its own.
template <typename Work>
Result<cv::Mat> CatchingNoMemory(Work work) {
  try {
    return work();
  } catch (const cv::Exception& error) {
    return Status(error.code == cv::Error::StsNoMem ? StatusCode::kOutOfResources : StatusCode::kInternal,
                  error.what());
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kOutOfResources, "not enough memory for a frame");
  }
}

}  // namespace

Result<cv::Mat> LibavPicture::Luma(int longest_side) const {
  if (longest_side <= 0) throw std::logic_error("Luma needs a positive longest side");
  const cv::Size size(frame_->width, frame_->height);
  const double scale = std::min(1.0, static_cast<double>(longest_side) / std::max(size.width, size.height));
  const cv::Size target(std::max(1, static_cast<int>(std::lround(size.width * scale))),
                        std::max(1, static_cast<int>(std::lround(size.height * scale))));
  return CatchingNoMemory([&]() -> Result<cv::Mat> {
    CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat luma, LumaAsStored(*frame_, target));
    const DisplayColours* const colours = DisplayColours::For(*frame_);
    return TurnUpright(colours == nullptr ? luma : colours->ShownGreys(luma), layout_.grey_turn);
  });
}

Result<uint64_t> LibavPicture::Digest() const {
  const int bytes = av_image_get_buffer_size(Format(*frame_), frame_->width, frame_->height, 1);
  const std::unique_ptr<AVMurMur3, decltype(&av_free)> hash(av_murmur3_alloc(), &av_free);
  if (!hash) return Status(StatusCode::kOutOfResources, "not enough memory for a frame");
  // Without what stands between rows, which is nobody's.
  std::vector<uint8_t> packed(static_cast<size_t>(std::max(bytes, 0)));
  if (bytes <= 0 || av_image_copy_to_buffer(packed.data(), bytes, frame_->data, frame_->linesize,
                                            Format(*frame_), frame_->width, frame_->height, 1) != bytes)
    return Status(StatusCode::kInternal, "the pixels of a frame cannot be laid out");
  // A decoder may remember what colours mean from pictures long before.
  const std::array<int, 19> about = {frame_->format,
                                     frame_->width,
                                     frame_->height,
                                     frame_->colorspace,
                                     frame_->color_range,
                                     frame_->color_trc,
                                     frame_->color_primaries,
                                     frame_->interlaced_frame,
                                     frame_->top_field_first,
                                     layout_.square.width,
                                     layout_.square.height,
                                     layout_.orientation.clockwise,
                                     layout_.orientation.mirrored,
                                     layout_.frame.width,
                                     layout_.frame.height,
                                     layout_.grey_turn.clockwise,
                                     layout_.grey_turn.mirrored,
                                     frame_->flags & AV_FRAME_FLAG_CORRUPT,
                                     frame_->decode_error_flags};
  av_murmur3_init(hash.get());
  av_murmur3_update(hash.get(), reinterpret_cast<const uint8_t*>(about.data()), sizeof about);
  av_murmur3_update(hash.get(), packed.data(), packed.size());
  uint8_t digest[16];
  av_murmur3_final(hash.get(), digest);
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number |= uint64_t{digest[i]} << (8 * i);
  return number;
}

cv::Mat LibavPicture::Upright(const cv::Mat& luma) const {
  const cv::Mat upright = TurnUpright(luma, layout_.grey_orientation);
  const cv::Size full = layout_.orientation.Upright(layout_.square);
  const cv::Size frame(layout_.frame.width * upright.cols / full.width,
                       layout_.frame.height * upright.rows / full.height);
  return InTheMiddleOf(frame, upright);
}

Result<cv::Mat> LibavPicture::Bgr() const {
  return CatchingNoMemory([&]() -> Result<cv::Mat> {
    CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat stored, BgrOfOneMoment(*frame_, layout_.square));
    return InTheMiddleOf(layout_.frame, TurnUpright(stored, layout_.orientation));
  });
}

Status ConvertFromBgr(const cv::Mat& bgr, AVFrame* frame) {
  const std::unique_ptr<SwsContext, ScalerDeleter> scaler(
      sws_getContext(bgr.cols, bgr.rows, AV_PIX_FMT_BGR24, frame->width, frame->height, Format(*frame),
                     SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  if (!scaler) return Status(StatusCode::kUnsupported, "pictures cannot be converted for the encoder");
  const int* const coefficients = Coefficients(*frame);
  sws_setColorspaceDetails(scaler.get(), coefficients, 1, coefficients, FullRange(*frame), 0, 1 << 16,
                           1 << 16);
  const uint8_t* const planes[4] = {bgr.data};
  const int strides[4] = {static_cast<int>(bgr.step[0])};
  if (sws_scale(scaler.get(), planes, strides, 0, bgr.rows, frame->data, frame->linesize) != frame->height)
    return Status(StatusCode::kInternal, "swscale could not convert a picture for the encoder");
  return Status();
}

}  // namespace crossface
