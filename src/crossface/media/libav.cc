#include "crossface/media/libav.h"

#include <cstdarg>
#include <cstdio>
#include <set>

#include "crossface/media/text.h"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace crossface {
namespace {

// libav calls back with whatever its caller put into `opaque`, and other libraries of this process may use
// libav too: only addresses in this set are ours.
struct LiveLogs {
  std::mutex mutex;
  std::set<const void*> logs;
};

LiveLogs& Live() {
  static LiveLogs* const live = new LiveLogs;  // never destroyed: libav's threads may still speak at exit
  return *live;
}

// The reader's address in a context that libav logs for, or in the context that owns it.
void* OpaqueOf(void* context, const AVClass*& origin) {
  for (int depth = 0; context != nullptr && depth < 4; ++depth) {
    const AVClass* const type = *static_cast<const AVClass**>(context);
    if (type == nullptr) return nullptr;
    origin = type;
    if (type == avcodec_get_class()) return static_cast<AVCodecContext*>(context)->opaque;
    if (type == avformat_get_class()) return static_cast<AVFormatContext*>(context)->opaque;
    if (type->parent_log_context_offset == 0) return nullptr;
    context = *reinterpret_cast<void**>(static_cast<uint8_t*>(context) + type->parent_log_context_offset);
  }
  return nullptr;
}

}  // namespace

std::string LibavErrorText(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE];
  av_strerror(error, text, sizeof text);
  return text;
}

LibavLog::LibavLog() {
  static std::once_flag installed;
  std::call_once(installed, [] { av_log_set_callback(&LibavLog::Receive); });
  std::lock_guard lock(Live().mutex);
  Live().logs.insert(this);
}

LibavLog::~LibavLog() {
  std::lock_guard lock(Live().mutex);
  Live().logs.erase(this);
}

LibavLog::Errors LibavLog::errors() const {
  std::lock_guard lock(mutex_);
  return errors_;
}

void LibavLog::Receive(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  const AVClass* origin = nullptr;
  void* const opaque = OpaqueOf(context, origin);
  if (opaque == nullptr) return;
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  std::lock_guard lock(Live().mutex);
  if (Live().logs.contains(opaque)) static_cast<LibavLog*>(opaque)->Add(origin, text);
}

void LibavLog::Add(const AVClass* origin, const std::string& text) {
  std::lock_guard lock(mutex_);
  ++(origin == avformat_get_class() ? errors_.container : errors_.decoder);
  // The only sign of this refusal that libav gives: the return code is the one of any damaged packet.
  if (text.find("exceeds specified max pixel count") != std::string::npos) errors_.too_many_pixels = true;
  errors_.last = EscapeInvalidUtf8(Trim(text));
}

}  // namespace crossface
