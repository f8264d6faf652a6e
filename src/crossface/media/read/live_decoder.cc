#include "crossface/media/read/live_decoder.h"

#include <fmt/format.h>

#include <cstring>
#include <new>
#include <utility>

#include "crossface/media/read/libav_picture.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

constexpr int64_t kMaxPixels = 8192LL * 8192;

}  // namespace

Result<std::unique_ptr<LiveDecoder>> LiveDecoder::Open(AVFormatContext& format, AVStream& pictures) {
  std::unique_ptr<LiveDecoder> decoder(new LiveDecoder(format, pictures));
  CROSSFACE_RETURN_IF_ERROR(decoder->OpenDecoder());
  return decoder;
}

Status LiveDecoder::OpenDecoder() {
  const AVCodecParameters& stated = *pictures_.codecpar;
  info_.codec = avcodec_get_name(stated.codec_id);
  const AVCodec* const codec = avcodec_find_decoder(stated.codec_id);
  decoder_.reset(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
  if (decoder_) {
    decoder_->opaque = &log_;
    decoder_->pkt_timebase = pictures_.time_base;
    decoder_->max_pixels = kMaxPixels;
    // Threads that decode whole frames hold each back by as many frames as there are threads.
    decoder_->thread_count = 1;
  }
  if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), &stated) < 0 ||
      avcodec_open2(decoder_.get(), codec, nullptr) < 0)
    return Status(StatusCode::kUnsupported, "its video format cannot be decoded: " + info_.codec);
  info_.stream_index = pictures_.index;
  const AVRational rate = pictures_.avg_frame_rate;
  if (rate.num > 0 && rate.den > 0) info_.fps = av_q2d(rate);
  return Status();
}

void LiveDecoder::set_only_key_frames(bool only) {
  decoder_->skip_frame = only ? AVDISCARD_NONKEY : AVDISCARD_DEFAULT;
}

Result<std::vector<LiveDecoder::Picture>> LiveDecoder::Push(const AVPacket& packet) {
  if (pictures_.codecpar->codec_id != decoder_->codec_id)
    return Status(StatusCode::kUnsupported, "it has turned to another video format");
  std::vector<Picture> pictures;
  // What cannot be decoded is the packet's fault, and the next key frame puts it right.
  if (avcodec_send_packet(decoder_.get(), &packet) < 0) return pictures;
  while (true) {
    LibavPtr<AVFrame> frame(av_frame_alloc());
    if (!frame) throw std::bad_alloc();
    if (avcodec_receive_frame(decoder_.get(), frame.get()) < 0) return pictures;
    CROSSFACE_ASSIGN_OR_RETURN(Picture picture, Fit(std::move(frame)));
    pictures.push_back(std::move(picture));
  }
}

Result<LiveDecoder::Picture> LiveDecoder::Fit(LibavPtr<AVFrame> frame) {
  Picture picture;
  if (!fitter_ || frame->width != stored_width_ || frame->height != stored_height_) {
    picture.other_frame = true;
    stored_width_ = frame->width;
    stored_height_ = frame->height;
    fitter_.emplace(WantedGeometry{}, kMaxPixels, &format_, &pictures_);
    size_t bytes = 0;
    const uint8_t* const matrix = av_stream_get_side_data(&pictures_, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
    if (matrix != nullptr && bytes >= 9 * sizeof(int32_t)) {
      int32_t numbers[9];
      std::memcpy(numbers, matrix, sizeof numbers);
      fitter_->set_turn(OrientationFromMatrix(numbers));
    }
    CROSSFACE_RETURN_IF_ERROR(fitter_->Begin(*frame, &info_));
  }
  if (frame->best_effort_timestamp != AV_NOPTS_VALUE)
    picture.stamp_us = av_rescale_q(frame->best_effort_timestamp, pictures_.time_base, {1, 1'000'000});
  const PictureLayout& layout = fitter_->Fit(*frame, 0);
  picture.picture = std::make_shared<LibavPicture>(std::move(frame), layout);
  return picture;
}

}  // namespace crossface
