#include "crossface/live/stream_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace crossface {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Frames that turn out to be chosen once the next one is there are never further back.
constexpr size_t kShown = 8;

// A live stream's shots last as long as nothing cuts them: its tracks are ended by themselves.
SelectOptions SelectionOptions() {
  SelectOptions options;
  options.longest_shot_us = options.longest_shot_frames = std::numeric_limits<int64_t>::max() / 4;
  return options;
}

std::optional<int64_t> Stamp(int64_t stamp, AVRational base) {
  if (stamp == AV_NOPTS_VALUE) return std::nullopt;
  return av_rescale_q(stamp, base, {1, 1'000'000});
}

std::optional<int64_t> SenderTime(const AVPacket& packet) {
  size_t bytes = 0;
  const uint8_t* const data = av_packet_get_side_data(&packet, AV_PKT_DATA_PRFT, &bytes);
  if (data == nullptr || bytes < sizeof(AVProducerReferenceTime)) return std::nullopt;
  return reinterpret_cast<const AVProducerReferenceTime*>(data)->wallclock;
}

// It will hardly be otherwise in a second.
bool IsLasting(StatusCode code) {
  return code == StatusCode::kPermissionDenied || code == StatusCode::kNotFound ||
         code == StatusCode::kNoVideo || code == StatusCode::kUnsupported;
}

}  // namespace

StreamReader::StreamReader(const LiveAddress& address, Opener open, Recorder* recorder,
                           std::function<void(StreamEvent)> tell, std::function<void(ChosenFrame)> frame,
                           const StreamReaderOptions& options)
    : address_(address),
      open_(std::move(open)),
      recorder_(recorder),
      tell_(std::move(tell)),
      frame_(std::move(frame)),
      options_(options),
      pause_(options.first_pause),
      chance_(std::random_device()()) {}

StreamReader::Counts StreamReader::counts() const {
  return {packets_, frames_, skipped_, connections_, recorded_bytes_};
}

void StreamReader::Tell(StreamEvent::State state, std::string message) {
  tell_({.time_us = WallNow(), .state = state, .message = std::move(message)});
}

Status StreamReader::Run(const std::stop_token& stop) {
  while (true) {
    auto input = open_(stop);
    Status ended = input.status();
    bool ends = address_.ends();
    if (input.ok()) {
      ended = ReadAll(**input, stop);
      connected_ = false;
      if (recorder_ != nullptr) {
        recorder_->EndSegment(stop.stop_requested() ? "stopped"
                              : ended.ok()          ? "stream ended"
                                                    : "connection lost");
        recorded_bytes_ = recorder_->bytes();
      }
      // A film that lies on a server, and not what is filmed there now.
      ends |= ended.ok() && address_.scheme.starts_with("http") && (*input)->format().duration > 0;
      input->reset();
    }
    if (stop.stop_requested()) return Status();
    if (ends) {
      if (ended.ok()) Tell(StreamEvent::State::kEnded, address_.shown + ": has ended");
      return ended;
    }
    if (ended.ok()) ended = Status(StatusCode::kIo, address_.shown + ": has ended");
    if (!Pause(ended, stop)) return Status();
  }
}

// Waits until the stream is to be opened again; false when stopped.
bool StreamReader::Pause(const Status& why, const std::stop_token& stop) {
  if (std::exchange(told_connected_, false)) {
    Tell(StreamEvent::State::kLost, why.message());
    told_waiting_ = why.message();
  } else if (told_waiting_ != why.message()) {
    Tell(StreamEvent::State::kWaiting, why.message());
    told_waiting_ = why.message();
  }
  const auto pause = IsLasting(why.code()) ? options_.longest_pause : pause_;
  pause_ = std::min(options_.longest_pause, 2 * pause_);
  std::uniform_real_distribution<double> more(1, 1.5);
  const auto until = SteadyClock::now() + pause * more(chance_);
  MutexLock lock(mutex_);
  stopped_.wait_until(lock, stop, std::chrono::time_point_cast<SteadyClock::duration>(until),
                      [] { return false; });
  return !stop.stop_requested();
}

void StreamReader::BeginShot() {
  if (selector_) {
    HandOn(selector_->Finish());
    next_shot_ = selector_->shot() + 1;
  }
  selector_ = std::make_unique<FrameSelector>(SelectionOptions(), next_shot_);
}

void StreamReader::TellConnected(const LiveDecoder& decoder) {
  const SourceInfo& info = decoder.info();
  told_waiting_.clear();
  told_connected_ = true;
  tell_({.time_us = WallNow(),
         .state = StreamEvent::State::kConnected,
         .message = fmt::format("{}: {}x{} {}", address_.shown, info.width, info.height, info.codec),
         .width = info.width,
         .height = info.height,
         .fps = info.fps,
         .codec = info.codec,
         .clock = time_.clock});
}

Status StreamReader::ReadAll(LiveInput& input, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<LiveDecoder> decoder,
                             LiveDecoder::Open(input.format(), input.pictures()));
  ++connections_;
  connected_ = true;
  clock_.Reconnect();
  const AVStream& pictures = input.pictures();
  LibavPtr<AVPacket> packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  while (!stop.stop_requested()) {
    av_packet_unref(packet.get());
    CROSSFACE_ASSIGN_OR_RETURN(const bool more, input.Read(packet.get()));
    if (!more) return Status();
    const bool picture = packet->stream_index == pictures.index;
    if (picture) {
      ++packets_;
      arrived_ = SteadyClock::now();
      const int64_t stamp = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
      time_ = TellClock(Stamp(stamp, pictures.time_base), SenderTime(*packet));
      if (clock_.sender_off_us() != 0 && !std::exchange(clock_doubt_told_, true))
        Tell(StreamEvent::State::kNote,
             fmt::format("the sender's clock is {} h off: times are those of arrival",
                         clock_.sender_off_us() / 3'600'000'000));
    }
    if (recorder_ != nullptr) {
      recorder_->Take(*packet, time_, input.format(), pictures.index);
      recorded_bytes_ = recorder_->bytes();
    }
    time_.jumped = false;
    if (picture) CROSSFACE_RETURN_IF_ERROR(Decode(*decoder, *packet, time_));
  }
  return Status();
}

LiveClock::Time StreamReader::TellClock(std::optional<int64_t> stamp_us, std::optional<int64_t> sender_us) {
  const int64_t wall_us = options_.wall_now();
  const int64_t steady_us =
      std::chrono::duration_cast<std::chrono::microseconds>(arrived_.time_since_epoch()).count();
  if (!steady_begin_us_) steady_begin_us_ = wall_us - steady_us;
  wall_set_us_ = wall_us - steady_us - *steady_begin_us_;
  if (sender_us) {
    wall_set_at_sender_us_ = wall_set_us_;
    *sender_us -= wall_set_us_;
  }
  return ByTheWall(clock_.Tell(stamp_us, steady_us + *steady_begin_us_, sender_us));
}

// A sender's clock is not set with ours.
LiveClock::Time StreamReader::ByTheWall(LiveClock::Time time) const {
  time.wall_us += time.clock == ClockKind::kSender ? wall_set_at_sender_us_ : wall_set_us_;
  return time;
}

Status StreamReader::Decode(LiveDecoder& decoder, const AVPacket& packet, const LiveClock::Time& time) {
  // Files and piped programs wait for their reader; what else comes late piles up elsewhere. A playlist's
  // pieces come late and at once.
  const bool waits = address_.ends() || address_.scheme.starts_with("http");
  const bool late = !waits && time.late_us > options_.most_behind_us;
  if (late != behind_ && (late || time.late_us < options_.most_behind_us / 4)) {
    behind_ = late;
    decoder.set_only_key_frames(late);
  }
  if (behind_ && (packet.flags & AV_PKT_FLAG_KEY) == 0) ++skipped_;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<LiveDecoder::Picture> pictures, decoder.Push(packet));
  for (const LiveDecoder::Picture& picture : pictures) {
    ++frames_;
    if (picture.other_frame) BeginShot();
    if (!told_connected_) {
      TellConnected(decoder);
      pause_ = options_.first_pause;
    }
    CROSSFACE_RETURN_IF_ERROR(Select(picture));
  }
  return Status();
}

Status StreamReader::Select(const LiveDecoder::Picture& picture) {
  const LiveClock::Time time = ByTheWall(clock_.TellFrame(picture.stamp_us));
  Frame frame{
      .index = next_frame_++, .pts = time.stream_us, .time_us = time.stream_us, .picture = picture.picture};
  shown_.push_back({time.stream_us, time.wall_us, arrived_});
  if (shown_.size() > kShown) shown_.erase(shown_.begin());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<KeptFrame> kept, selector_->Push(frame));
  HandOn(kept);
  return Status();
}

void StreamReader::HandOn(const std::vector<KeptFrame>& frames) {
  for (const KeptFrame& kept : frames) {
    const auto shown = std::find_if(shown_.begin(), shown_.end(),
                                    [&](const Shown& one) { return one.time_us == kept.frame.time_us; });
    if (shown == shown_.end()) continue;  // too old to be of any use
    frame_({.kept = kept, .wall_us = shown->wall_us, .clock = time_.clock, .arrived = shown->arrived});
  }
}

}  // namespace crossface
