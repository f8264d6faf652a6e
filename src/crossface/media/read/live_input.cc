#include "crossface/media/read/live_input.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "crossface/media/file/input_file.h"
#include "crossface/util/mutex.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace crossface {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBufferBytes = 1 << 16;
constexpr int kAskAgainMs = 100;
constexpr auto kCameraRest = std::chrono::milliseconds(4);
// Streams are looked into for so long before the first packet is given: some send the picture's description
// only with a key frame.
constexpr char kLookUs[] = "3000000", kLookBytes[] = "2000000";

// libavdevice is opened when somebody asks for a camera: it brings sound servers and window systems with it,
// which most users need nothing of.
Status LoadDevices() {
  static const Status loaded = [] {
    // FFmpeg's libraries of one release have one number.
    const std::string name = fmt::format("libavdevice.so.{}", LIBAVFORMAT_VERSION_MAJOR);
    void* const library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    auto* const register_all = library == nullptr
                                   ? nullptr
                                   : reinterpret_cast<void (*)()>(::dlsym(library, "avdevice_register_all"));
    if (register_all == nullptr)
      return Status(StatusCode::kUnsupported,
                    fmt::format("cameras need {}, which is not here: install libavdevice{}", name,
                                LIBAVFORMAT_VERSION_MAJOR));
    register_all();
    return Status();
  }();
  return loaded;
}

// Packed pictures first: what is raw cannot be recorded, and takes most of a USB line.
constexpr std::array<const char*, 3> kCameraFormats = {"h264", "mjpeg", nullptr};

class LibavInput final : public LiveInput {
 public:
  LibavInput(LiveAddress address, const LiveInputOptions& options, std::stop_token stop)
      : address_(std::move(address)), options_(options), stop_(std::move(stop)) {}

  ~LibavInput() override {
    // What a server is told at the end may keep one waiting as well.
    Wait();
    format_.reset();
    if (standard_input_ != nullptr) {
      av_freep(&standard_input_->buffer);
      avio_context_free(&standard_input_);
    }
  }
  LibavInput(const LibavInput&) = delete;
  LibavInput& operator=(const LibavInput&) = delete;

  Status Open() {
    Wait();
    if (const int error = OpenFormat(); error < 0) return Failure(error, "cannot be opened");
    Wait();
    if (const int error = avformat_find_stream_info(format_.get(), nullptr); error < 0)
      return Failure(error, "says nothing that could be read");
    const int found = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (found < 0) return Status(StatusCode::kNoVideo, address_.shown + ": has no pictures");
    pictures_ = format_->streams[found];
    return Status();
  }

  AVFormatContext& format() override { return *format_; }
  AVStream& pictures() override { return *pictures_; }

  Result<bool> Read(AVPacket* packet) override {
    Wait();
    while (true) {
      const int error = av_read_frame(format_.get(), packet);
      if (error >= 0) break;
      if (error == AVERROR(EAGAIN)) {
        CROSSFACE_RETURN_IF_ERROR(WaitForMore());
        continue;
      }
      if (error == AVERROR_EOF && !timed_out_ && !stop_.stop_requested()) return false;
      return Failure(error, "broke off");
    }
    if (address_.kind == LiveAddress::Kind::kFile) CROSSFACE_RETURN_IF_ERROR(KeepPace(*packet));
    return true;
  }

 private:
  // A camera says that it has nothing yet.
  Status WaitForMore() {
    if (Interrupt(this) != 0) return Failure(AVERROR(EAGAIN), "broke off");
    if (address_.kind == LiveAddress::Kind::kCamera) std::this_thread::sleep_for(kCameraRest);
    return Status();
  }

  void Wait() {
    deadline_ = Clock::now() + options_.patience;
    timed_out_ = false;
  }

  static int Interrupt(void* self) {
    auto& input = *static_cast<LibavInput*>(self);
    if (Clock::now() > input.deadline_) input.timed_out_ = true;
    return input.timed_out_ || input.stop_.stop_requested() ? 1 : 0;
  }

  int OpenFormat() {
    if (address_.kind == LiveAddress::Kind::kFile) {
      auto file = InputFile::Open(address_.url, stop_);
      if (!file.ok()) return AVERROR(ENOENT);
      file_ = std::move(*file);
      return OpenLibavInput(*file_, log_, nullptr, &format_);
    }
    if (address_.kind == LiveAddress::Kind::kCamera) return OpenCamera();
    AVFormatContext* opened = NewContext();
    AVDictionary* settings = nullptr;
    const bool standard_input = address_.kind == LiveAddress::Kind::kStandardInput;
    av_dict_set(&settings, "protocol_whitelist", standard_input ? "none" : address_.protocols.c_str(), 0);
    av_dict_set(&settings, "analyzeduration", kLookUs, 0);
    av_dict_set(&settings, "probesize", kLookBytes, 0);
    // Packets that a network may lose, and answers that come some other way than the question went, are none.
    if (address_.scheme.starts_with("rtsp")) av_dict_set(&settings, "rtsp_transport", "tcp", 0);
    if (standard_input) opened->pb = StandardInput();
    const int error = avformat_open_input(&opened, standard_input ? "" : address_.url.c_str(), nullptr,
                                          &settings);  // frees the context when it fails
    av_dict_free(&settings);
    if (error >= 0) format_.reset(opened);
    return error;
  }

  AVFormatContext* NewContext() {
    AVFormatContext* const context = avformat_alloc_context();
    if (context == nullptr) throw std::bad_alloc();
    context->opaque = &log_;
    context->interrupt_callback = {&Interrupt, this};
    return context;
  }

  int OpenCamera() {
    const AVInputFormat* const way = av_find_input_format(address_.scheme.c_str());
    if (way == nullptr) return AVERROR(ENOSYS);
    int error = AVERROR(EINVAL);
    for (size_t i = 0; i < kCameraFormats.size() && error == AVERROR(EINVAL); ++i) {
      AVFormatContext* opened = NewContext();
      // Whoever waits in the kernel for a camera that hangs cannot be stopped.
      opened->flags |= AVFMT_FLAG_NONBLOCK;
      AVDictionary* settings = nullptr;
      if (kCameraFormats[i] != nullptr) av_dict_set(&settings, "input_format", kCameraFormats[i], 0);
      error = avformat_open_input(&opened, address_.url.c_str(), way, &settings);
      av_dict_free(&settings);
      if (error >= 0) format_.reset(opened);
    }
    return error;
  }

  AVIOContext* StandardInput() {
    auto* const buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
    if (buffer != nullptr)
      standard_input_ =
          avio_alloc_context(buffer, kBufferBytes, 0, this, &ReadStandardInput, nullptr, nullptr);
    if (standard_input_ == nullptr) {
      av_free(buffer);
      throw std::bad_alloc();
    }
    return standard_input_;
  }

  static int ReadStandardInput(void* self, uint8_t* buffer, int size) {
    auto& input = *static_cast<LibavInput*>(self);
    while (true) {
      if (input.stop_.stop_requested()) return AVERROR_EXIT;
      pollfd ready{STDIN_FILENO, POLLIN, 0};
      if (::poll(&ready, 1, kAskAgainMs) <= 0) continue;
      const ssize_t count = ::read(STDIN_FILENO, buffer, static_cast<size_t>(size));
      if (count > 0) return static_cast<int>(count);
      if (count == 0) return AVERROR_EOF;
      if (errno != EINTR) return AVERROR(errno);
    }
  }

  // A file comes as fast as it was shot.
  Status KeepPace(const AVPacket& packet) {
    const int64_t stamp = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
    if (packet.stream_index != pictures_->index || stamp == AV_NOPTS_VALUE) return Status();
    const auto at = std::chrono::microseconds(av_rescale_q(stamp, pictures_->time_base, {1, 1'000'000}));
    if (!first_at_ || at < *first_at_) {
      first_at_ = at;
      began_ = Clock::now();
    }
    MutexLock lock(mutex_);
    stopped_.wait_until(lock, stop_, began_ + (at - *first_at_), [] { return false; });
    return stop_.stop_requested() ? Status(StatusCode::kInterrupted, "stopped") : Status();
  }

  // What is wrong with a camera, and what to do.
  static std::pair<StatusCode, std::string> CameraFailure(int error) {
    switch (AVUNERROR(error)) {
      case ENOENT:
      case ENXIO:
        return {StatusCode::kNotFound, "there is no such camera: is it connected?"};
      case EACCES:
      case EPERM:
        return {
            StatusCode::kPermissionDenied,
            "you may not use it: users of the group \"video\" may (sudo usermod -aG video NAME, and log in "
            "again)"};
      case EBUSY:
        return {StatusCode::kIo, "another program uses it"};
      case ENODEV:
      case ENOTTY:
      case EINVAL:
        return {StatusCode::kNoVideo, "it is no camera, or gives no pictures; another /dev/video may"};
      case ENOSYS:
        return {StatusCode::kUnsupported, "this FFmpeg knows no cameras (video4linux2)"};
      default:
        return {StatusCode::kIo, LibavErrorText(error)};
    }
  }

  // libav's own words may hold the address with its password.
  Status Failure(int error, std::string_view what) const {
    if (stop_.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    if (timed_out_)
      return Status(StatusCode::kIo, fmt::format("{}: nothing came for {} s", address_.shown,
                                                 std::chrono::duration<double>(options_.patience).count()));
    if (address_.kind == LiveAddress::Kind::kCamera) {
      auto [code, why] = CameraFailure(error);
      return Status(code, fmt::format("{}: {}: {}", address_.shown, what, why));
    }
    StatusCode code = StatusCode::kIo;
    std::string why = LibavErrorText(error);
    if (error == AVERROR_HTTP_UNAUTHORIZED || error == AVERROR_HTTP_FORBIDDEN || error == AVERROR(EACCES)) {
      code = StatusCode::kPermissionDenied;
      why = "user or password is wrong, or may not see it";
    } else if (error == AVERROR_HTTP_NOT_FOUND || error == AVERROR(ENOENT)) {
      code = StatusCode::kNotFound;
      why = "there is no such stream";
    } else if (error == AVERROR_INVALIDDATA) {
      code = StatusCode::kCorrupt;
    } else if (error == AVERROR_EXIT) {
      why = "it was interrupted";
    }
    return Status(code, fmt::format("{}: {}: {}", address_.shown, what, why));
  }

  const LiveAddress address_;
  const LiveInputOptions options_;
  const std::stop_token stop_;
  Clock::time_point deadline_;
  bool timed_out_ = false;
  Mutex mutex_;
  Condition stopped_;
  std::optional<std::chrono::microseconds> first_at_;
  Clock::time_point began_;

  // libav's context points to these.
  LibavLog log_;
  std::unique_ptr<InputFile> file_;
  AVIOContext* standard_input_ = nullptr;
  LibavPtr<AVFormatContext> format_;
  AVStream* pictures_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<LiveInput>> OpenLiveInput(const LiveAddress& address, const LiveInputOptions& options,
                                                 std::stop_token stop) {
  static const bool network = [] { return avformat_network_init() == 0; }();
  if (!network) return Status(StatusCode::kInternal, "the network library cannot be used");
  if (address.kind == LiveAddress::Kind::kCamera) {
    const Status loaded = LoadDevices();
    if (!loaded.ok()) return loaded.Annotate(address.shown);
  }
  auto input = std::make_unique<LibavInput>(address, options, std::move(stop));
  CROSSFACE_RETURN_IF_ERROR(input->Open());
  return std::unique_ptr<LiveInput>(std::move(input));
}

}  // namespace crossface
