#include "crossface/live/live_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <thread>

#include "crossface/gallery/gallery.h"
#include "crossface/live/event_queue.h"
#include "crossface/live/frame_queue.h"
#include "crossface/live/person_memory.h"

namespace crossface {
namespace {

using SteadyClock = std::chrono::steady_clock;

// So long after a stream's last frame nobody is there any more: a still picture gives one a second.
constexpr auto kNobodyAfter = std::chrono::milliseconds(3'000);
constexpr auto kTick = std::chrono::milliseconds(500);
constexpr auto kProgressDelays = std::chrono::milliseconds(10'000);

// How long looks took lately. Thread-safe.
class Delays {
 public:
  explicit Delays(SteadyClock::duration kept) : kept_(kept) {}

  void Add(SteadyClock::time_point arrived) {
    const auto now = SteadyClock::now();
    const std::chrono::duration<double, std::milli> delay = now - arrived;
    MutexLock lock(mutex_);
    delays_.emplace_back(now, delay.count());
    while (now - delays_.front().first > kept_) delays_.pop_front();
  }
  std::vector<double> Since(SteadyClock::time_point begin) const {
    std::vector<double> since;
    MutexLock lock(mutex_);
    for (const auto& [when, delay] : delays_)
      if (when >= begin) since.push_back(delay);
    return since;
  }

 private:
  const SteadyClock::duration kept_;
  mutable Mutex mutex_;
  std::deque<std::pair<SteadyClock::time_point, double>> delays_ CROSSFACE_GUARDED_BY(mutex_);
};

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<size_t>(std::lround(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(place), values.end());
  return values[place];
}

// One stream with all that is its own.
struct WatchedStream {
  explicit WatchedStream(SteadyClock::duration delays_kept) : delays(delays_kept) {}
  LiveAddress address;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<StreamReader> reader;
  std::unique_ptr<LiveTracks> tracks;
  Delays delays;
  std::atomic<int64_t> looked_at = 0, open_tracks = 0;
  std::atomic<SteadyClock::time_point> last_frame = SteadyClock::time_point();
  std::atomic<bool> ended = false;
  Status end;             // once ended
  std::string complaint;  // of the worker that looked last: told once
  StreamReader::Counts counted;
  int64_t looked_counted = 0, dropped_counted = 0;
  LiveStreamProgress progress;  // what events told
  bool ticked = true;
};

class LiveWatch {
 public:
  LiveWatch(const std::filesystem::path& case_folder, const ScanModels& models, const LiveOptions& options,
            const std::function<void(const LiveEvent&)>& tell, std::stop_token stop)
      : case_folder_(case_folder),
        models_(models),
        options_(options),
        tell_(tell),
        stop_(std::move(stop)),
        frames_(options.streams.size()) {}

  Result<LiveSummary> Run() {
    CROSSFACE_ASSIGN_OR_RETURN(memory_, PersonMemory::Of(models_.embedders));
    CROSSFACE_RETURN_IF_ERROR(LookIntoCase());
    for (size_t i = 0; i < options_.streams.size(); ++i) CROSSFACE_RETURN_IF_ERROR(Prepare(i));
    {
      std::vector<std::jthread> workers, readers;
      const size_t count = std::clamp<size_t>(static_cast<size_t>(options_.threads), 1, streams_.size());
      for (size_t i = 0; i < count; ++i) workers.emplace_back([this] { LookAtFrames(); });
      for (auto& stream : streams_)
        readers.emplace_back([this, &stream = *stream](const std::stop_token& own) { Read(&stream, own); });
      TellUntilTheEnd();
      for (std::jthread& reader : readers) reader.request_stop();
      readers.clear();
      for (size_t i = 0; i < streams_.size(); ++i) frames_.Push(i, {.arrived = SteadyClock::now()});
      frames_.Close();
    }
    Stats();
    while (const auto event = events_.Take(SteadyClock::now(), {})) Tell(*event);
    Summarise();
    return std::move(summary_);
  }

 private:
  // A case that has not changed is not read again.
  Status LookIntoCase() {
    CROSSFACE_ASSIGN_OR_RETURN(const auto gallery, Gallery::Open(case_folder_, Gallery::Mode::kRead));
    CROSSFACE_ASSIGN_OR_RETURN(const CaseTide tide, gallery->ReadTide());
    if (tide_ && *tide_ == tide) return Status();
    CROSSFACE_RETURN_IF_ERROR(gallery->AtOneMoment([&] { return memory_->Load(*gallery); }));
    tide_ = tide;
    return Status();
  }

  Status Prepare(size_t index) {
    const LiveAddress& address = options_.streams[index];
    auto stream = std::make_unique<WatchedStream>(
        std::max<SteadyClock::duration>(kProgressDelays, 2 * options_.stats_every));
    stream->address = address;
    stream->progress.name = address.name;
    stream->progress.shown = address.shown;
    const auto tell = [this, name = address.name](StreamEvent event) {
      event.stream = name;
      events_.Push(std::move(event));
    };
    if (options_.record) {
      CROSSFACE_ASSIGN_OR_RETURN(Directory folder, Directory::Open(case_folder_));
      stream->recorder =
          std::make_unique<Recorder>(std::move(folder), address.name, address.shown, options_.recorder, tell);
      CROSSFACE_RETURN_IF_ERROR(stream->recorder->Open());
    }
    stream->tracks = std::make_unique<LiveTracks>(
        address.name, models_, *memory_, next_track_, options_.watched,
        [this](LiveEvent event) { events_.Push(std::move(event)); }, options_.tracks);
    stream->reader = std::make_unique<StreamReader>(
        address,
        [this, address](const std::stop_token& stop) { return OpenLiveInput(address, options_.input, stop); },
        stream->recorder.get(), tell,
        [this, index, raw = stream.get()](StreamReader::ChosenFrame frame) {
          raw->last_frame = frame.arrived;
          frames_.Push(index, {std::make_shared<const KeptFrame>(std::move(frame.kept)), frame.wall_us,
                               frame.clock, frame.arrived});
        },
        options_.reader);
    streams_.push_back(std::move(stream));
    return Status();
  }

  void Read(WatchedStream* stream, const std::stop_token& stop) {
    try {
      stream->end = stream->reader->Run(stop);
    } catch (const std::exception& error) {
      stream->end = Status(StatusCode::kInternal, stream->address.shown + ": " + error.what());
    }
    if (!stream->end.ok())
      events_.Push(StreamEvent{.stream = stream->address.name,
                               .time_us = WallNow(),
                               .state = StreamEvent::State::kEnded,
                               .message = stream->end.message()});
    stream->ended = true;
  }

  void LookAtFrames() {
    while (const auto taken = frames_.Take()) {
      WatchedStream& stream = *streams_[taken->stream];
      Status looked;
      try {
        looked = stream.tracks->Push(taken->frame);
      } catch (const std::exception& error) {
        looked = Status(StatusCode::kInternal, error.what());
      }
      if (taken->frame.kept) {
        ++stream.looked_at;
        stream.delays.Add(taken->frame.arrived);
      }
      stream.open_tracks = stream.tracks->open_tracks();
      if (!looked.ok() && stream.complaint != looked.message()) {
        stream.complaint = looked.message();
        events_.Push(StreamEvent{.stream = stream.address.name,
                                 .time_us = WallNow(),
                                 .state = StreamEvent::State::kNote,
                                 .message = "a frame could not be looked at: " + looked.message()});
      }
      frames_.Done(taken->stream);
    }
  }

  void TellUntilTheEnd() {
    const auto begin = SteadyClock::now();
    auto stats = begin + options_.stats_every, look = begin + options_.look_into_case_every;
    stats_since_ = began_ = begin;
    while (!stop_.stop_requested()) {
      if (const auto event = events_.Take(SteadyClock::now() + kTick, stop_)) Tell(*event);
      const auto now = SteadyClock::now();
      if (options_.watch_for.count() > 0 && now - begin >= options_.watch_for) return;
      Tick(now);
      Progress(now);
      if (now >= stats) {
        Stats();
        stats = now + options_.stats_every;
      }
      if (now >= look) {
        // Another program may be at work there: what is known stays until the next time.
        LookIntoCase().ok();
        look = now + options_.look_into_case_every;
      }
      if (std::all_of(streams_.begin(), streams_.end(),
                      [](const auto& stream) { return stream->ended.load(); }) &&
          AllLookedAt())
        return;
    }
  }

  bool AllLookedAt() const {
    for (size_t i = 0; i < streams_.size(); ++i)
      if (!frames_.idle(i)) return false;
    return true;
  }

  // A stream that has stopped shows nobody any more.
  void Tick(SteadyClock::time_point now) {
    for (size_t i = 0; i < streams_.size(); ++i) {
      WatchedStream& stream = *streams_[i];
      const bool silent = now - stream.last_frame.load() > kNobodyAfter;
      if (silent && !stream.ticked && frames_.idle(i)) frames_.Push(i, {.arrived = now});
      if (silent == stream.ticked) continue;
      stream.ticked = silent;
    }
  }

  // What is said of a stream stays true until something else is.
  static void Note(const StreamEvent& event, LiveStreamProgress* progress) {
    if (event.state == StreamEvent::State::kRecorded) ++progress->segments;
    if (event.state == StreamEvent::State::kRecorded || event.state == StreamEvent::State::kNote) return;
    progress->state = event.state;
    progress->message = event.message;
    if (event.state != StreamEvent::State::kConnected) return;
    progress->width = event.width, progress->height = event.height;
    progress->fps = event.fps, progress->codec = event.codec;
  }

  void Progress(SteadyClock::time_point now) {
    if (now < next_progress_) return;
    next_progress_ = now + kTick;
    LiveProgress progress{.people = memory_->people_seen()};
    if (options_.watch_for.count() > 0)
      progress.remaining_s = std::chrono::duration<double>(began_ + options_.watch_for - now).count();
    for (size_t i = 0; i < streams_.size(); ++i) {
      const WatchedStream& stream = *streams_[i];
      const StreamReader::Counts counts = stream.reader->counts();
      LiveStreamProgress one = stream.progress;
      one.frames = counts.frames;
      one.looked_at = stream.looked_at;
      one.dropped = frames_.dropped(i) + counts.skipped;
      one.recorded_bytes = counts.recorded_bytes;
      const std::vector<double> delays = stream.delays.Since(now - kProgressDelays);
      one.delay_p50_ms = Quantile(delays, 0.5);
      one.delay_p95_ms = Quantile(delays, 0.95);
      one.open_tracks = stream.open_tracks;
      progress.streams.push_back(std::move(one));
    }
    options_.progress(progress);
  }

  void Tell(const LiveEvent& event) {
    if (const auto* const seen = std::get_if<SeenEvent>(&event)) summary_.tracks += seen->opened;
    if (const auto* const told = std::get_if<StreamEvent>(&event)) {
      summary_.segments += told->state == StreamEvent::State::kRecorded;
      for (const auto& stream : streams_)
        if (stream->address.name == told->stream) Note(*told, &stream->progress);
    }
    tell_(event);
  }

  void Stats() {
    const auto now = SteadyClock::now();
    for (size_t i = 0; i < streams_.size(); ++i) {
      WatchedStream& stream = *streams_[i];
      const StreamReader::Counts counts = stream.reader->counts();
      const int64_t looked_at = stream.looked_at, dropped = frames_.dropped(i) + counts.skipped;
      const std::vector<double> delays = stream.delays.Since(stats_since_);
      Tell(StatsEvent{.stream = stream.address.name,
                      .time_us = WallNow(),
                      .seconds = std::chrono::duration<double>(now - stats_since_).count(),
                      .packets = counts.packets - stream.counted.packets,
                      .frames = counts.frames - stream.counted.frames,
                      .looked_at = looked_at - stream.looked_counted,
                      .dropped = dropped - stream.dropped_counted,
                      .connections = counts.connections - stream.counted.connections,
                      .recorded_bytes = counts.recorded_bytes - stream.counted.recorded_bytes,
                      .delay_p50_ms = Quantile(delays, 0.5),
                      .delay_p95_ms = Quantile(delays, 0.95),
                      .open_tracks = stream.open_tracks,
                      .people = memory_->people_seen()});
      stream.counted = counts;
      stream.looked_counted = looked_at;
      stream.dropped_counted = dropped;
    }
    stats_since_ = now;
    TellLostEvents();
  }

  // They are of no stream alone.
  void TellLostEvents() {
    const int64_t dropped = events_.dropped();
    if (dropped == lost_events_) return;
    Tell(StreamEvent{.stream = streams_.front()->address.name,
                     .time_us = WallNow(),
                     .state = StreamEvent::State::kNote,
                     .message = fmt::format("{} events of all streams came faster than they could be told",
                                            dropped - lost_events_)});
    lost_events_ = dropped;
  }

  void Summarise() {
    summary_.people = memory_->people_seen();
    for (size_t i = 0; i < streams_.size(); ++i) {
      const WatchedStream& stream = *streams_[i];
      const StreamReader::Counts counts = stream.reader->counts();
      summary_.dropped += frames_.dropped(i) + counts.skipped;
      summary_.recorded_bytes += counts.recorded_bytes;
      if (counts.frames == 0)
        summary_.failed.emplace_back(stream.address.name,
                                     stream.end.ok() ? "not a single picture came" : stream.end.message());
    }
  }

  const std::filesystem::path& case_folder_;
  const ScanModels& models_;
  const LiveOptions& options_;
  const std::function<void(const LiveEvent&)>& tell_;
  const std::stop_token stop_;

  EventQueue events_;
  FrameQueue frames_;
  std::unique_ptr<PersonMemory> memory_;
  std::optional<CaseTide> tide_;
  std::atomic<int64_t> next_track_ = 1;
  int64_t lost_events_ = 0;
  std::vector<std::unique_ptr<WatchedStream>> streams_;
  SteadyClock::time_point began_, stats_since_, next_progress_;
  LiveSummary summary_;
};

}  // namespace

Result<LiveSummary> WatchStreams(const std::filesystem::path& case_folder, const ScanModels& models,
                                 const LiveOptions& options,
                                 const std::function<void(const LiveEvent&)>& tell, std::stop_token stop) {
  return LiveWatch(case_folder, models, options, tell, std::move(stop)).Run();
}

}  // namespace crossface
