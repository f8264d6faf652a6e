// Decodes the pictures of a live stream: packets in, frames out, as soon as the decoder has them. A damaged
// packet costs what it held. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "crossface/media/file/libav.h"
#include "crossface/media/file/source_info.h"
#include "crossface/media/read/frame.h"
#include "crossface/media/read/frame_fitter.h"
#include "crossface/util/status.h"

namespace crossface {

class LiveDecoder {
 public:
  // `format` and `pictures`, a stream of it, outlive this object. Errors: kUnsupported.
  static Result<std::unique_ptr<LiveDecoder>> Open(AVFormatContext& format, AVStream& pictures);

  struct Picture {
    std::optional<int64_t> stamp_us;  // of presentation, where stated
    std::shared_ptr<const crossface::Picture> picture;
    // It has another size or lies otherwise than the one before, the first included: boxes are in pixels of
    // another frame.
    bool other_frame = false;
  };
  // The pictures that come out for this packet, in order of presentation. Errors: kUnsupported (the stream
  // has turned to another format: it is to be opened again).
  Result<std::vector<Picture>> Push(const AVPacket& packet);

  // While somebody cannot keep up only key frames are decoded.
  void set_only_key_frames(bool only);

  const SourceInfo& info() const { return info_; }  // of the pictures now; the size is 0 before the first

 private:
  LiveDecoder(AVFormatContext& format, AVStream& pictures) : format_(format), pictures_(pictures) {}
  Status OpenDecoder();
  Result<Picture> Fit(LibavPtr<AVFrame> frame);

  AVFormatContext& format_;
  AVStream& pictures_;
  LibavLog log_;
  LibavPtr<AVCodecContext> decoder_;
  std::optional<FrameFitter> fitter_;
  int stored_width_ = 0, stored_height_ = 0;
  SourceInfo info_;
};

}  // namespace crossface
