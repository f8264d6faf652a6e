#include "crossface/pipeline/scan_case.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "crossface/pipeline/source_scanner.h"
#include "crossface/util/counted.h"
#include "crossface/util/hash.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct FileFacts {
  int64_t bytes = 0, modified_ns = 0;
};

Result<FileFacts> ReadFileFacts(const std::filesystem::path& path) {
  struct stat facts;
  if (::stat(path.c_str(), &facts) != 0) return ErrnoStatus(errno, "cannot read " + path.string());
  return FileFacts{facts.st_size, facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec};
}

// What one call of ScanCase shares between its reading threads.
// Nothing is left to scan of it.
bool HasEnded(const SourceRecord& record) {
  return record.state == SourceState::kDone || record.state == SourceState::kDamaged ||
         record.state == SourceState::kFailed;
}

class CaseScan {
 public:
  CaseScan(Gallery& gallery, const ScanModels& models, const ScanSettings& settings,
           const ScanCallbacksCase& callbacks)
      : gallery_(gallery),
        models_(models),
        settings_(settings),
        callbacks_(callbacks),
        pool_(settings.threads) {}

  Result<ScanSummary> Run(const std::vector<SourceFile>& files) {
    CROSSFACE_RETURN_IF_ERROR(Plan(files));
    const int readers =
        static_cast<int>(std::min<size_t>(todo_.size(), static_cast<size_t>(settings_.threads)));
    {
      std::vector<std::jthread> threads;
      running_ = readers;
      for (int i = 0; i < readers; ++i) threads.emplace_back([this] { ReadSources(); });
      WatchUntilDone();
    }
    Report();
    if (!failure_.ok()) return failure_;
    summary_.seconds = SecondsSince(start_);
    return summary_;
  }

 private:
  struct Todo {
    SourceFile file;
    FileFacts facts;
    SourceRecord record;  // what the gallery holds, or a new one
    bool known = false;
    std::string settings;  // that it is to be scanned with
  };
  struct Active {
    int64_t bytes = 0, duration_ms = 0, time_ms = 0;
    Clock::time_point since;
  };

  // Runs `write` on the one thread that touches the gallery, and waits for it.
  template <typename Write>
  auto InGallery(Write write) {
    return writer_.Submit([&] { return write(gallery_); }).get();
  }

  bool KeepGoing() const { return !stop_ && (!callbacks_.keep_going || callbacks_.keep_going()); }

  Status Plan(const std::vector<SourceFile>& files) {
    std::map<std::string, SourceRecord> known;
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> records, gallery_.ReadSources());
    for (SourceRecord& record : records) known[record.name] = std::move(record);
    for (const SourceFile& file : files) {
      Todo todo{.file = file};
      if (const auto found = known.find(file.name); found != known.end()) {
        todo.record = found->second;
        todo.known = true;
      }
      const auto facts = ReadFileFacts(file.path);
      if (facts.ok()) todo.facts = *facts;
      const SourceRecord& record = todo.record;
      todo.settings = models_.FingerprintFor(settings_.geometry, record.settings);
      if (facts.ok() && todo.known && HasEnded(record) && record.info.bytes == todo.facts.bytes &&
          record.modified_ns == todo.facts.modified_ns && record.settings == todo.settings) {
        ++progress_.unchanged;
        NoteBadSource(record);
        continue;
      }
      progress_.bytes += todo.facts.bytes;
      todo_.push_back(std::move(todo));
    }
    summary_.sources = static_cast<int64_t>(files.size());
    summary_.unchanged = progress_.unchanged;
    progress_.sources = static_cast<int64_t>(todo_.size());
    return Status();
  }

  void NoteBadSource(const SourceRecord& record) {
    if (record.state == SourceState::kDamaged) summary_.damaged.emplace_back(record.name, record.message);
    if (record.state == SourceState::kFailed) summary_.failed.emplace_back(record.name, record.message);
  }

  // --- on the reading threads ---

  void ReadSources() {
    while (KeepGoing()) {
      const size_t index = next_++;
      if (index >= todo_.size()) break;
      Status status;
      try {
        status = ScanOne(todo_[index]);
      } catch (const std::exception& bug) {
        status = Status(StatusCode::kInternal, fmt::format("{}: {}", todo_[index].file.name, bug.what()));
      }
      if (!status.ok()) Fail(status);
    }
    std::lock_guard lock(mutex_);
    if (!KeepGoing() && failure_.ok() && next_ < todo_.size())
      failure_ = Status(StatusCode::kInterrupted, "stopped");
    --running_;
    changed_.notify_all();
  }

  void Fail(const Status& status) {
    std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = status;
    stop_ = true;
  }

  Status ScanOne(Todo& todo) {
    {
      std::lock_guard lock(mutex_);
      active_[todo.file.name] = {.bytes = todo.facts.bytes, .since = Clock::now()};
    }
    SourceRecord record = todo.record;
    record.name = todo.file.name;
    record.path = std::filesystem::absolute(todo.file.path).lexically_normal().string();
    const Status status = ScanGuarded(todo, record);
    if (status.code() == StatusCode::kInterrupted) return status;
    if (!status.ok()) {
      if (gallery_failed_) return status;
      CROSSFACE_RETURN_IF_ERROR(RecordFailure(todo, record, status));
    }
    std::lock_guard lock(mutex_);
    active_.erase(todo.file.name);
    ++progress_.done;
    progress_.bytes_done += todo.facts.bytes;
    progress_.video_ms += record.info.duration_ms;
    progress_.failed += record.state == SourceState::kFailed;
    NoteBadSource(record);
    const bool is_still = record.info.duration_ms == 0 && record.counts.decoded <= 1;
    progress_.pictures += is_still && record.state != SourceState::kFailed;
    if (!is_still || record.state != SourceState::kDone) progress_.finished.push_back(FinishedLine(record));
    return Status();
  }

  static std::string FinishedLine(const SourceRecord& record) {
    if (record.state == SourceState::kFailed)
      return fmt::format("{}: failed: {}", record.name, record.message);
    std::string line =
        fmt::format("{}: {}, {} kept, {}, {}", record.name, Counted(record.counts.decoded, "frame"),
                    record.counts.kept, Counted(record.faces, "face"), Counted(record.tracks, "track"));
    if (record.state == SourceState::kDamaged) line += "; damaged: " + record.message;
    return line;
  }

  Status RecordFailure(const Todo& todo, SourceRecord& record, const Status& why) {
    record.info.bytes = todo.facts.bytes;
    record.modified_ns = todo.facts.modified_ns;
    record.settings = todo.settings;
    record.state = SourceState::kFailed;
    record.message = why.message();
    return Store(record);
  }

  Status Store(SourceRecord& record) {
    const auto id = InGallery([&](Gallery& gallery) { return gallery.WriteSource(record); });
    if (!id.ok()) {
      gallery_failed_ = true;
      return id.status();
    }
    record.id = *id;
    return Status();
  }

  // What one source makes a library throw, or the memory that it is too large for, is that source's alone.
  Status ScanGuarded(Todo& todo, SourceRecord& record) {
    try {
      return ScanContent(todo, record);
    } catch (const std::bad_alloc&) {
      return Status(StatusCode::kOutOfResources,
                    todo.file.name + ": there is not enough memory for it; try fewer --threads");
    } catch (const std::exception& bug) {
      return Status(StatusCode::kInternal, fmt::format("{}: {}", todo.file.name, bug.what()));
    }
  }

  Status ScanContent(Todo& todo, SourceRecord& record) {
    const std::string old_hash = record.sha256;
    const auto keep_going = [this] { return KeepGoing(); };
    record.sha256.clear();
    CROSSFACE_ASSIGN_OR_RETURN(record.sha256, Sha256OfFile(todo.file.path, keep_going));
    record.info.bytes = todo.facts.bytes;
    record.modified_ns = todo.facts.modified_ns;

    const bool same_content = todo.known && record.sha256 == old_hash && record.settings == todo.settings;
    if (same_content && HasEnded(record)) return Store(record);
    if (todo.known && !old_hash.empty() && record.sha256 != old_hash) {
      // What was given for another content says nothing of this one.
      todo.settings = models_.FingerprintFor(settings_.geometry, "");
      std::lock_guard lock(mutex_);
      summary_.changed.push_back(record.name);
    }

    ScanCheckpoint from;
    if (same_content && record.state == SourceState::kScanning) {
      auto checkpoint = InGallery([&](Gallery& gallery) { return gallery.ReadCheckpoint(record.id); });
      if (!checkpoint.ok()) return GalleryFailed(checkpoint.status());
      from = *checkpoint;
    } else {
      if (todo.known)
        CROSSFACE_RETURN_IF_ERROR(
            GalleryFailed(InGallery([&](Gallery& gallery) { return gallery.ClearScan(record.id); })));
      record.faces = record.tracks = 0;
      record.counts = {};
    }
    return Decode(todo, record, from);
  }

  Status GalleryFailed(Status status) {
    if (!status.ok()) gallery_failed_ = true;
    return status;
  }

  Status Decode(const Todo& todo, SourceRecord& record, const ScanCheckpoint& from) {
    ReaderOptions options;
    options.keep_going = [this] { return KeepGoing(); };
    options.geometry = GivenIn(todo.settings);
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader,
                               OpenSource(todo.file.path, options));
    record.info = reader->info();
    record.info.bytes = todo.facts.bytes;
    record.state = SourceState::kScanning;
    record.settings = todo.settings;
    record.message.clear();
    CROSSFACE_RETURN_IF_ERROR(Store(record));
    {
      std::lock_guard lock(mutex_);
      active_[record.name].duration_ms = record.info.duration_ms;
    }

    int64_t seen_frames = 0, seen_faces = 0;
    ScanCallbacks callbacks;
    callbacks.keep_going = options.keep_going;
    callbacks.budget = &budget_;
    callbacks.position = [&](const ScanPosition& position) {
      std::lock_guard lock(mutex_);
      active_[record.name].time_ms = position.time_ms;
      progress_.frames += position.frames - std::exchange(seen_frames, position.frames);
      progress_.faces += position.faces - std::exchange(seen_faces, position.faces);
    };
    callbacks.chunk = [&](ScanChunk chunk) {
      for (const TrackRecord& track : chunk.tracks) record.faces += static_cast<int64_t>(track.faces.size());
      record.tracks += static_cast<int64_t>(chunk.tracks.size());
      CROSSFACE_RETURN_IF_ERROR(GalleryFailed(InGallery([&](Gallery& gallery) {
        return gallery.AppendTracks(record.id, chunk.tracks, chunk.checkpoint);
      })));
      std::lock_guard lock(mutex_);
      progress_.tracks += static_cast<int64_t>(chunk.tracks.size());
      return Status();
    };
    CROSSFACE_ASSIGN_OR_RETURN(const ScanOutcome outcome,
                               ScanSource(*reader, from, models_, settings_, pool_, callbacks));

    CROSSFACE_RETURN_IF_ERROR(GalleryFailed(InGallery([&](Gallery& gallery) {
      return gallery.WriteFingerprint(record.id, record.sha256, outcome.fingerprint);
    })));
    record.counts = outcome.counts;
    record.state = outcome.damage.ok() ? SourceState::kDone : SourceState::kDamaged;
    record.message = outcome.damage.message();
    if (outcome.counts.decoded == 0) {
      record.state = SourceState::kFailed;
      if (record.message.empty()) record.message = "not a single picture could be decoded";
    }
    {
      std::lock_guard lock(mutex_);
      ++summary_.scanned;
    }
    return Store(record);
  }

  // --- on the calling thread ---

  void WatchUntilDone() {
    std::unique_lock lock(mutex_);
    while (running_ > 0) {
      changed_.wait_for(lock, std::chrono::milliseconds(500));
      lock.unlock();
      Report();
      lock.lock();
    }
  }

  void Report() {
    ScanProgress snapshot;
    {
      std::lock_guard lock(mutex_);
      snapshot = progress_;
      progress_.finished.clear();
      snapshot.elapsed_s = SecondsSince(start_);
      double bytes = static_cast<double>(progress_.bytes_done);
      for (const auto& [name, active] : active_) {
        const double part =
            active.duration_ms > 0
                ? std::min(1.0, static_cast<double>(active.time_ms) / static_cast<double>(active.duration_ms))
                : 0;
        bytes += part * static_cast<double>(active.bytes);
        snapshot.video_ms += active.time_ms;
        const double seconds = SecondsSince(active.since);
        snapshot.active.push_back({name, active.time_ms, active.duration_ms,
                                   seconds > 0 ? static_cast<double>(active.time_ms) / 1000 / seconds : 0});
      }
      snapshot.bytes_done = static_cast<int64_t>(bytes);
      if (bytes > 0)
        snapshot.remaining_s = snapshot.elapsed_s * (static_cast<double>(progress_.bytes) - bytes) / bytes;
      summary_.frames = snapshot.frames;
      summary_.faces = snapshot.faces;
      summary_.tracks = snapshot.tracks;
      summary_.video_ms = snapshot.video_ms;
      summary_.pictures = snapshot.pictures;
    }
    if (callbacks_.progress) callbacks_.progress(snapshot);
  }

  Gallery& gallery_;
  const ScanModels& models_;
  const ScanSettings& settings_;
  const ScanCallbacksCase& callbacks_;
  const Clock::time_point start_ = Clock::now();

  std::vector<Todo> todo_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> stop_{false}, gallery_failed_{false};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  int running_ = 0;
  std::map<std::string, Active> active_;
  ScanProgress progress_;
  ScanSummary summary_;
  Status failure_;

  ByteBudget budget_{PictureBudgetBytes(settings_.threads)};

  // Joined first, in this order reversed: the pool's tasks never touch the gallery.
  ThreadPool writer_{1};
  ThreadPool pool_;
};

}  // namespace

Result<ScanSummary> ScanCase(Gallery& gallery, const std::vector<SourceFile>& files, const ScanModels& models,
                             const ScanSettings& settings, const ScanCallbacksCase& callbacks) {
  return CaseScan(gallery, models, settings, callbacks).Run(files);
}

}  // namespace crossface
