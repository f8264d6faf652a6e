// Decoding by an NVIDIA card (NVDEC), by libav's own means. H.264 and HEVC define every pixel, so a card
// gives the frames that the processor gives: laid out otherwise in memory, which is put right here.
//
// What a card patches in a damaged film it tells nobody; see docs/gpu.md.
#pragma once

#include <memory>
#include <utility>

#include "crossface/media/file/libav.h"
#include "crossface/util/status.h"

namespace crossface {

// Of one decoder. Not thread-safe; several may use one card at once.
class CardDecoder {
 public:
  // Errors: kDeviceUnavailable: why films of this kind, or all films, are left to the processor.
  static Result<std::unique_ptr<CardDecoder>> For(const AVCodecParameters& stream, int card);

  // Before the decoder is opened. From then on it gives frames that lie on the card. What the card refuses,
  // at the begin or later, is an error of the decoder's and in its log: never frames of the processor's.
  void Attach(AVCodecContext* decoder) const;

  // The frame as the processor's decoder would have given it. Errors: kDeviceUnavailable; what libav says of
  // it goes to `log`.
  Result<LibavPtr<AVFrame>> Fetch(const AVFrame& on_card, LibavLog& log);

 private:
  explicit CardDecoder(LibavPtr<AVBufferRef> device) : device_(std::move(device)) {}
  const LibavPtr<AVBufferRef> device_;
  LibavPtr<AVBufferRef> surfaces_;  // of the frame before
  AVPixelFormat format_ = AV_PIX_FMT_NONE;
};

// A frame whose chroma samples stand beside each other in one plane (NV12, P010, P016), in `format`, which
// has the same samples in planes of their own; sample for sample, without what stands for the whole frame
// (av_frame_copy_props). Pure, thread-safe. Errors: kUnsupported for other formats, kOutOfResources.
Result<LibavPtr<AVFrame>> InPlanes(const AVFrame& packed, AVPixelFormat format);

}  // namespace crossface
