#include "crossface/media/file/libav.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <new>
#include <set>
#include <string_view>
#include <utility>

#include "crossface/media/file/input_file.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace crossface {
namespace {

// libav calls back with whatever its caller put into `opaque`, and other libraries of this process may use
// libav too: only addresses in this set are ours.
struct LiveLogs {
  Mutex mutex;
  std::set<const void*> logs CROSSFACE_GUARDED_BY(mutex);
};

LiveLogs& Live() {
  static LiveLogs* const live = new LiveLogs;  // never destroyed: libav's threads may still speak at exit
  return *live;
}

struct Speaker {
  std::string_view name;   // of the part of libav that complains
  bool container = false;  // for a container, else for a decoder
  void* opaque = nullptr;  // the reader's address; null when the part belongs to none
};

// Goes from the part up to the AVCodecContext or AVFormatContext that owns it.
Speaker FindSpeaker(void* context) {
  Speaker speaker;
  for (int depth = 0; context != nullptr && depth < 4; ++depth) {
    const AVClass* const type = *static_cast<const AVClass**>(context);
    if (type == nullptr) break;
    if (depth == 0) speaker.name = type->class_name;
    speaker.container = type == avformat_get_class();
    if (speaker.container) speaker.opaque = static_cast<AVFormatContext*>(context)->opaque;
    if (type == avcodec_get_class()) speaker.opaque = static_cast<AVCodecContext*>(context)->opaque;
    if (speaker.opaque != nullptr || type->parent_log_context_offset == 0) break;
    context = *reinterpret_cast<void**>(static_cast<uint8_t*>(context) + type->parent_log_context_offset);
  }
  return speaker;
}

constexpr size_t kLongestLine = 1024;

thread_local LibavLog* log_of_this_thread = nullptr;

int RefuseToOpen(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EACCES);
}

}  // namespace

LibavPtr<AVFrame> NewFrame(AVPixelFormat format, int width, int height) {
  LibavPtr<AVFrame> frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  return frame;
}

std::string LibavErrorText(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE];
  av_strerror(error, text, sizeof text);
  return text;
}

LibavLog::LibavLog() {
  static std::once_flag installed;
  std::call_once(installed, [] { av_log_set_callback(&LibavLog::Receive); });
  LiveLogs& live = Live();
  MutexLock lock(live.mutex);
  live.logs.insert(this);
}

LibavLog::~LibavLog() {
  LiveLogs& live = Live();
  MutexLock lock(live.mutex);
  live.logs.erase(this);
}

LibavLog::OfThisThread::OfThisThread(LibavLog& log) : outer_(std::exchange(log_of_this_thread, &log)) {}
LibavLog::OfThisThread::~OfThisThread() { log_of_this_thread = outer_; }

LibavLog::Errors LibavLog::errors() const {
  MutexLock lock(mutex_);
  return errors_;
}

void LibavLog::Receive(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  Speaker speaker = FindSpeaker(context);
  if (speaker.opaque == nullptr) speaker.opaque = log_of_this_thread;
  if (speaker.opaque == nullptr) return;
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  LiveLogs& live = Live();
  MutexLock lock(live.mutex);
  if (!live.logs.contains(speaker.opaque)) return;
  static_cast<LibavLog*>(speaker.opaque)->Add(text, speaker.container, speaker.name == "IMGUTILS");
}

void LibavLog::Add(const std::string& text, bool container, bool about_size) {
  MutexLock lock(mutex_);
  if (line_.empty()) ++(container ? errors_.container : errors_.decoder);
  line_ += text;
  errors_.last = EscapeInvalidUtf8(Trim(line_));
  if (!container && errors_.decoder == 1) errors_.first_of_decoder = errors_.last;
  if (line_.ends_with('\n') || line_.size() > kLongestLine) line_.clear();
  // The only sign of such a refusal that libav gives: the return code is the one of any damaged packet.
  unsigned width = 0, height = 0;
  if (about_size && std::sscanf(text.c_str(), "Picture size %ux%u", &width, &height) == 2) {
    errors_.refused_pixels = std::max(errors_.refused_pixels, uint64_t{width} * height);
  }
}

int OpenLibavInput(InputFile& file, LibavLog& log, const AVInputFormat* type,
                   LibavPtr<AVFormatContext>* format) {
  AVFormatContext* opened = avformat_alloc_context();
  if (opened == nullptr) throw std::bad_alloc();
  opened->pb = file.context();
  opened->opaque = &log;
  opened->io_open = &RefuseToOpen;
  AVDictionary* settings = nullptr;
  // Some readers open files without asking io_open; no protocol has this name.
  av_dict_set(&settings, "protocol_whitelist", "none", 0);
  const int error = avformat_open_input(&opened, "", type, &settings);  // frees the context when it fails
  av_dict_free(&settings);
  if (error >= 0) format->reset(opened);
  return error;
}

}  // namespace crossface
