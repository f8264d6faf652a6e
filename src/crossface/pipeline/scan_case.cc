#include "crossface/pipeline/scan_case.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "crossface/pipeline/further_parts.h"
#include "crossface/pipeline/source_scanner.h"
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
    files_ = files;
    // What a file holds besides is known once it was read: it is the next round.
    std::vector<SourceFile> round = files;
    while (!round.empty()) {
      CROSSFACE_RETURN_IF_ERROR(ScanRound(round));
      CROSSFACE_ASSIGN_OR_RETURN(round, NextRound(round));
    }
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

  Status ScanRound(const std::vector<SourceFile>& files) {
    todo_.clear();
    next_ = 0;
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
    return failure_;
  }

  // The further parts of the files that were read, and the known ones of those that are as they were. A scan
  // that was stopped may have left some unknown.
  Result<std::vector<SourceFile>> NextRound(const std::vector<SourceFile>& round) {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> sources, gallery_.ReadSources());
    std::map<std::pair<std::string, std::string>, SourceRecord*> at;
    std::map<std::string, std::vector<SourceRecord>> parts_of;  // by content
    for (SourceRecord& source : sources) {
      at[{source.path, source.info.part}] = &source;
      if (!source.info.part.empty()) parts_of[source.sha256].push_back(source);
    }
    std::set<std::string> read;
    for (const FoundParts& found : found_) read.insert(found.file.name);
    std::vector<SourceFile> next;
    for (const SourceFile& file : round) {
      const auto found =
          at.find({std::filesystem::absolute(file.path).lexically_normal().string(), file.part});
      if (read.contains(file.name) || found == at.end() || found->second->sha256.empty()) continue;
      SourceRecord& source = *found->second;
      const auto known = KnownParts(file, source, parts_of[source.sha256]);
      if (static_cast<int>(known.size()) + 1 < source.info.parts || source.info.parts == 0) {
        CROSSFACE_RETURN_IF_ERROR(LookForParts(file, source));
      } else {
        next.insert(next.end(), known.begin(), known.end());
      }
    }
    // Threads ended in any order; numbers are given in that of the names.
    std::sort(found_.begin(), found_.end(),
              [](const FoundParts& a, const FoundParts& b) { return a.file.name < b.file.name; });
    const auto named = NameParts(std::exchange(found_, {}), sources, files_);
    next.insert(next.end(), named.begin(), named.end());
    return next;
  }

  Status LookForParts(const SourceFile& file, SourceRecord& source) {
    std::vector<std::string> parts;
    const auto reader =
        OpenSource(file.path, {.part = file.part, .keep_going = [this] { return KeepGoing(); }}, &parts);
    if (reader.status().code() == StatusCode::kInterrupted) return reader.status();
    found_.push_back({file, parts});
    source.info.parts = 1 + static_cast<int>(parts.size());
    return gallery_.WriteSource(source).status();
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
    summary_.sources += static_cast<int64_t>(files.size());
    summary_.unchanged = progress_.unchanged;
    progress_.sources += static_cast<int64_t>(todo_.size());
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
    record.info.part = todo.file.part;
    record.path = std::filesystem::absolute(todo.file.path).lexically_normal().string();
    const Status status = ScanContent(todo, record);
    if (status.code() == StatusCode::kInterrupted || status.code() == StatusCode::kOutOfResources)
      return status;
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
    progress_.finished.push_back(FinishedLine(record));
    return Status();
  }

  static std::string FinishedLine(const SourceRecord& record) {
    if (record.state == SourceState::kFailed)
      return fmt::format("{}: failed: {}", record.name, record.message);
    std::string line = fmt::format("{}: {} frames, {} kept, {} faces, {} tracks", record.name,
                                   record.counts.decoded, record.counts.kept, record.faces, record.tracks);
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
    options.part = todo.file.part;
    std::vector<std::string> parts;
    auto opened = OpenSource(todo.file.path, options, &parts);
    {
      std::lock_guard lock(mutex_);
      found_.push_back({todo.file, parts});
    }
    record.info.parts = 1 + static_cast<int>(parts.size());
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader, std::move(opened));
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
  std::vector<SourceFile> files_;  // of the call
  std::vector<FoundParts> found_;  // in this round
  ScanProgress progress_;
  ScanSummary summary_;
  Status failure_;

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
