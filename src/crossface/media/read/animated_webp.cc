#include "crossface/media/read/animated_webp.h"

#include <fmt/format.h>
#include <webp/demux.h>

#include <cstring>
#include <new>
#include <string>

#include "crossface/media/read/picture_limits.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavutil/frame.h>
}

namespace crossface {
namespace {

struct WebpDeleter {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

uint32_t LittleEndian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i - 1]);
  return value;
}

// libwebpdemux takes nothing of a file that is shorter than it says: ends it behind its last whole chunk.
// True where it was cut off.
bool EndBehindLastWholeChunk(std::string& file) {
  constexpr size_t kHeader = 12, kChunkHeader = 8;
  if (file.size() < kHeader || size_t{LittleEndian(file, 4)} + kChunkHeader <= file.size()) return false;
  size_t at = kHeader;
  while (at + kChunkHeader <= file.size()) {
    const size_t length = LittleEndian(file, at + 4), whole = kChunkHeader + length + length % 2;
    if (whole > file.size() - at) break;
    at += whole;
  }
  file.resize(at);
  for (size_t i = 0; i < 4; ++i) file[4 + i] = static_cast<char>((at - kChunkHeader) >> (8 * i));
  return true;
}

class AnimatedWebp final : public PictureDecoder {
 public:
  AnimatedWebp(std::string name, std::string content)
      : name_(std::move(name)), content_(std::move(content)) {}

  Status Open(int64_t max_pixels) {
    if (EndBehindLastWholeChunk(content_)) complaint_ = "the animation is cut off";
    const WebPData data{reinterpret_cast<const uint8_t*>(content_.data()), content_.size()};
    WebPAnimDecoderOptions options;
    if (WebPAnimDecoderOptionsInit(&options) == 0)
      return Status(StatusCode::kInternal, "libwebpdemux is of another version than its headers");
    options.color_mode = MODE_RGBA;
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(data.bytes, data.size, &features) == VP8_STATUS_OK)
      CROSSFACE_RETURN_IF_ERROR(CheckPixels(name_, int64_t{features.width} * features.height, max_pixels));
    decoder_.reset(WebPAnimDecoderNew(&data, &options));
    if (!decoder_ || WebPAnimDecoderGetInfo(decoder_.get(), &info_) == 0) {
      return Status(StatusCode::kCorrupt,
                    name_ + ": its animation is damaged or cut off; get another copy of the file");
    }
    return Status();
  }

  Result<LibavPtr<AVFrame>> Next() override {
    if (WebPAnimDecoderHasMoreFrames(decoder_.get()) == 0) return LibavPtr<AVFrame>();
    uint8_t* canvas = nullptr;
    int end_ms = 0;
    if (WebPAnimDecoderGetNext(decoder_.get(), &canvas, &end_ms) == 0) {
      complaint_ = "a picture of the animation is damaged";
      return LibavPtr<AVFrame>();
    }
    auto frame = NewFrame(AV_PIX_FMT_RGBA, static_cast<int>(info_.canvas_width),
                          static_cast<int>(info_.canvas_height));
    const size_t row = size_t{info_.canvas_width} * 4;
    for (int y = 0; y < frame->height; ++y)
      std::memcpy(frame->data[0] + int64_t{y} * frame->linesize[0], canvas + static_cast<size_t>(y) * row,
                  row);
    frame->best_effort_timestamp = frame->pts = begin_ms_;
    frame->pkt_duration = end_ms - begin_ms_;
    begin_ms_ = end_ms;
    return frame;
  }

  std::string complaint() const override { return complaint_; }
  int64_t promised_frames() const override { return info_.frame_count; }

  int64_t duration_ms() const override {
    int64_t duration = 0;
    WebPIterator frame;
    if (WebPDemuxGetFrame(WebPAnimDecoderGetDemuxer(decoder_.get()), 1, &frame) == 0) return 0;
    do {
      duration += frame.duration;
    } while (WebPDemuxNextFrame(&frame) != 0);
    WebPDemuxReleaseIterator(&frame);
    return duration;
  }

 private:
  const std::string name_;
  std::string content_;
  std::unique_ptr<WebPAnimDecoder, WebpDeleter> decoder_;
  WebPAnimInfo info_ = {};
  int begin_ms_ = 0;
  std::string complaint_;
};

}  // namespace

Result<std::unique_ptr<PictureDecoder>> OpenAnimatedWebp(const InputFile& file, int64_t max_pixels) {
  CROSSFACE_ASSIGN_OR_RETURN(std::string content, ReadPictureFile(file, "an animation"));
  auto animation = std::make_unique<AnimatedWebp>(DisplayPath(file.path()), std::move(content));
  CROSSFACE_RETURN_IF_ERROR(animation->Open(max_pixels));
  return std::unique_ptr<PictureDecoder>(std::move(animation));
}

}  // namespace crossface
