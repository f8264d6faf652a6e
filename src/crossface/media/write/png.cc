#include "crossface/media/write/png.h"

#include "crossface/media/file/libav.h"

namespace crossface {
namespace {

Status Problem(int error) {
  const auto code = error == AVERROR(ENOMEM) ? StatusCode::kOutOfResources : StatusCode::kInternal;
  return Status(code, "a picture cannot be encoded as PNG: " + LibavErrorText(error));
}

Result<LibavPtr<AVFrame>> FrameOf(const cv::Mat& bgr) {
  LibavPtr<AVFrame> frame(av_frame_alloc());
  if (frame == nullptr) return Problem(AVERROR(ENOMEM));
  frame->format = AV_PIX_FMT_RGB24;
  frame->width = bgr.cols;
  frame->height = bgr.rows;
  if (const int error = av_frame_get_buffer(frame.get(), 0); error < 0) return Problem(error);
  for (int y = 0; y < bgr.rows; ++y) {
    const uint8_t* from = bgr.ptr(y);
    uint8_t* to = frame->data[0] + static_cast<ptrdiff_t>(y) * frame->linesize[0];
    for (int x = 0; x < bgr.cols; ++x, from += 3, to += 3) {
      to[0] = from[2];
      to[1] = from[1];
      to[2] = from[0];
    }
  }
  return frame;
}

}  // namespace

Result<std::string> EncodePng(const cv::Mat& bgr) {
  const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
  if (codec == nullptr) return Problem(AVERROR_ENCODER_NOT_FOUND);
  const LibavPtr<AVCodecContext> encoder(avcodec_alloc_context3(codec));
  const LibavPtr<AVPacket> packet(av_packet_alloc());
  if (encoder == nullptr || packet == nullptr) return Problem(AVERROR(ENOMEM));
  encoder->width = bgr.cols;
  encoder->height = bgr.rows;
  encoder->pix_fmt = AV_PIX_FMT_RGB24;
  encoder->time_base = {1, 1};
  encoder->thread_count = 1;
  CROSSFACE_ASSIGN_OR_RETURN(const LibavPtr<AVFrame> frame, FrameOf(bgr));
  int error = avcodec_open2(encoder.get(), codec, nullptr);
  if (error >= 0) error = avcodec_send_frame(encoder.get(), frame.get());
  if (error >= 0) error = avcodec_send_frame(encoder.get(), nullptr);
  if (error >= 0) error = avcodec_receive_packet(encoder.get(), packet.get());
  if (error < 0) return Problem(error);
  return std::string(reinterpret_cast<const char*>(packet->data), static_cast<size_t>(packet->size));
}

}  // namespace crossface
