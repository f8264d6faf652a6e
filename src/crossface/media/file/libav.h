// What every user of FFmpeg's libav* needs here: owners for its objects, and its messages kept off the
// terminal.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
}

#include "crossface/util/mutex.h"

namespace crossface {

struct LibavDeleter {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
  void operator()(AVCodecContext* decoder) const { avcodec_free_context(&decoder); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVBufferRef* buffer) const { av_buffer_unref(&buffer); }
};
template <typename T>
using LibavPtr = std::unique_ptr<T, LibavDeleter>;

// A frame with room for a picture of this size. Throws std::bad_alloc.
LibavPtr<AVFrame> NewFrame(AVPixelFormat format, int width, int height);

// libav's words for one of its negative error codes.
std::string LibavErrorText(int error);

// The errors that libav reports, in text only, for one reader. Put its address into AVFormatContext::opaque
// and AVCodecContext::opaque. The first one made takes over libav's process-wide log: nothing is printed any
// more, and messages of contexts without such an address are dropped. Thread-safe; must outlive the contexts
// that point to it.
class LibavLog {
 public:
  LibavLog();
  ~LibavLog();
  LibavLog(const LibavLog&) = delete;
  LibavLog& operator=(const LibavLog&) = delete;

  struct Errors {
    int64_t container = 0, decoder = 0;  // messages of AV_LOG_ERROR and worse
    std::string last;                    // the last of them, without a line end; valid UTF-8
    std::string first_of_decoder;        // likewise
    uint64_t refused_pixels = 0;         // of the largest picture size that was refused
  };
  Errors errors() const;

  // While it lives, what parts of libav that belong to no reader, such as devices, report on this thread
  // counts as the decoder's. Of several the innermost counts.
  class OfThisThread {
   public:
    explicit OfThisThread(LibavLog& log);
    ~OfThisThread();
    OfThisThread(const OfThisThread&) = delete;
    OfThisThread& operator=(const OfThisThread&) = delete;

   private:
    LibavLog* const outer_;
  };

 private:
  static void Receive(void* context, int level, const char* format, va_list arguments);
  void Add(const std::string& text, bool container, bool about_size);

  mutable Mutex mutex_;
  Errors errors_ CROSSFACE_GUARDED_BY(mutex_);
  std::string line_ CROSSFACE_GUARDED_BY(mutex_);  // that is not at its end yet: some come in pieces
};

// Opens `file` with one of libav's readers in such a way that nothing the file names is opened besides: no
// playlists, external tracks or network addresses. `format` points to `file` and `log` from then on. Returns
// libav's error code, negative when it failed.
class InputFile;
int OpenLibavInput(InputFile& file, LibavLog& log, const AVInputFormat* type,
                   LibavPtr<AVFormatContext>* format);

}  // namespace crossface
