#include "crossface/scan/scan_case.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "crossface/scan/further_parts.h"
#include "crossface/scan/scan_plan.h"
#include "crossface/scan/source_geometry.h"
#include "crossface/scan/source_place.h"
#include "crossface/scan/source_scanner.h"
#include "crossface/util/counted.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kAskAgain = std::chrono::milliseconds(100);
constexpr double kSecondsBetweenReports = 0.5;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Whether the bytes of a file are to blame: it is not tried again as long as they are the same.
bool IsTheFilesFault(StatusCode code) {
  return code == StatusCode::kCorrupt || code == StatusCode::kUnsupported || code == StatusCode::kNoVideo ||
         code == StatusCode::kInvalidArgument;
}

bool WasFound(const SourceInfo& info) {
  return info.turn_from == GeometryFrom::kFound || info.aspect_from == GeometryFrom::kFound;
}

// What one call of ScanCase shares between its reading threads.
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
  // What one reading of a source added to the progress.
  struct Seen {
    int64_t frames = 0, faces = 0;
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
    std::map<std::pair<std::string, std::string>, SourceRecord*> at;  // path and part
    std::map<std::string, std::vector<SourceRecord>> parts_of;        // by content
    for (SourceRecord& source : sources) {
      at[{source.path, source.info.part}] = &source;
      if (!source.info.part.empty()) parts_of[source.sha256].push_back(source);
    }
    std::set<std::string> read;
    for (const FoundParts& found : found_) read.insert(found.file.name);
    RealPaths real;
    std::vector<SourceFile> next;
    for (const SourceFile& file : round) {
      const auto found = at.find({real.Of(file.path), file.part});
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
    CROSSFACE_ASSIGN_OR_RETURN(ScanPlan plan, PlanScans(gallery_, files, models_, settings_, pool_,
                                                        {.keep_going = [this] { return KeepGoing(); },
                                                         .looked = callbacks_.looked}));
    if (!plan.dropped.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_.Forget({.sources = plan.dropped}));
    if (!plan.placed.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_.WritePlaces(plan.placed));
    if (!plan.scans.empty() && !models_.unavailable.ok())
      return models_.unavailable.Annotate(plan.scans.front().source.name + " cannot be scanned");
    for (const SourceRecord& source : plan.unchanged) NoteBadSource(source);
    for (const PlannedScan& scan : plan.scans) progress_.bytes += scan.bytes;
    todo_ = std::move(plan.scans);
    progress_.sources += static_cast<int64_t>(todo_.size());
    progress_.unchanged += static_cast<int64_t>(plan.unchanged.size());
    summary_.sources += static_cast<int64_t>(files.size());
    summary_.unchanged = progress_.unchanged;
    summary_.copies.insert(summary_.copies.end(), plan.copies.begin(), plan.copies.end());
    summary_.renamed.insert(summary_.renamed.end(), plan.renamed.begin(), plan.renamed.end());
    summary_.kept += plan.kept;
    summary_.kept_ms += plan.kept_ms;
    summary_.unfinished += plan.unfinished;
    summary_.differences.merge(plan.differences);
    return Status();
  }

  void NoteBadSource(const SourceRecord& record) {
    if (record.state == SourceState::kDamaged) summary_.damaged.emplace_back(record.name, record.message);
    if (record.state == SourceState::kFailed) summary_.failed.emplace_back(record.name, record.message);
    if (record.state == SourceState::kDone && !record.message.empty())
      summary_.noted.emplace_back(record.name, record.message);
  }

  // --- on the reading threads ---

  void ReadSources() {
    while (KeepGoing()) {
      const size_t index = next_++;
      if (index >= todo_.size()) break;
      if (const Status status = ScanOne(todo_[index]); !status.ok()) Fail(status);
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

  Status ScanOne(PlannedScan& todo) {
    const std::string& name = todo.source.name;
    {
      std::lock_guard lock(mutex_);
      active_[name] = {.bytes = todo.bytes, .since = Clock::now()};
    }
    SourceRecord record = todo.source;
    Status status;
    try {
      status = ScanUntilAtRest(todo, &record);
    } catch (const std::bad_alloc&) {
      status = Status(StatusCode::kOutOfResources,
                      name + ": there is not enough memory for it; try fewer --threads");
    } catch (const std::exception& error) {
      status = Status(StatusCode::kInternal, fmt::format("{}: {}", name, error.what()));
    }
    if (status.code() == StatusCode::kInterrupted || gallery_failed_) return status;
    if (!status.ok()) CROSSFACE_RETURN_IF_ERROR(RecordFailure(todo, &record, status));
    std::lock_guard lock(mutex_);
    active_.erase(name);
    ++progress_.done;
    progress_.bytes_done += todo.bytes;
    progress_.video_ms += status.ok() ? record.info.duration_ms : 0;
    progress_.failed += !status.ok();
    if (status.ok()) {
      NoteBadSource(record);
    } else {
      summary_.failed.emplace_back(name, record.message);
    }
    const bool is_still = record.info.duration_ms == 0 && record.counts.decoded <= 1;
    progress_.pictures += is_still && status.ok();
    if (!is_still || !status.ok() || record.state != SourceState::kDone || !record.message.empty())
      progress_.finished.push_back(FinishedLine(name, record, status.ok()));
    return Status();
  }

  static std::string FinishedLine(const std::string& name, const SourceRecord& record, bool scanned) {
    if (!scanned) return fmt::format("{}: failed: {}", name, record.message);
    std::string line =
        fmt::format("{}: {}, {} kept, {}, {}", name, Counted(record.counts.decoded, "frame"),
                    record.counts.kept, Counted(record.faces, "face"), Counted(record.tracks, "track"));
    if (record.state == SourceState::kDamaged) line += "; damaged: " + record.message;
    if (record.state == SourceState::kDone && !record.message.empty()) line += "; note: " + record.message;
    return line;
  }

  // What is stored is what the hash is of: a file that changes while it is decoded is decoded again.
  Status ScanUntilAtRest(PlannedScan& todo, SourceRecord* record) {
    const auto keep_going = [this] { return KeepGoing(); };
    Status at_rest;
    for (int reading = 0; reading < kMostReadings; ++reading) {
      if (!todo.content || !CheckContent(todo.file.path, *todo.content, keep_going).ok()) {
        CROSSFACE_ASSIGN_OR_RETURN(todo.content, ReadFileContent(todo.file.path, keep_going));
      }
      CROSSFACE_ASSIGN_OR_RETURN(const ScanCheckpoint from, ChooseRow(todo, record));
      if (HasEnded(*record)) return Status();
      const bool goes_on_changed = from.next_frame > 0 && WasFound(record->info);
      CROSSFACE_RETURN_IF_ERROR(
          Decode(todo, from, goes_on_changed ? GeometryAsIn(record->info) : GivenIn(todo.settings), record));
      at_rest = CheckContent(todo.file.path, *todo.content, keep_going);
      if (at_rest.ok()) return Complete(todo, record);
      if (at_rest.code() != StatusCode::kMismatch) return at_rest;
      std::lock_guard lock(mutex_);
      if (reading == 0) summary_.rewritten.push_back(todo.source.name);
    }
    return at_rest;
  }

  // Which row the scan goes to, and where it begins. What has results is scanned into a row of its own.
  Result<ScanCheckpoint> ChooseRow(PlannedScan& todo, SourceRecord* record) {
    const SourceRecord& source = todo.source;
    const FileContent& content = *todo.content;
    if (source.id != 0 && !source.sha256.empty() && source.sha256 != content.sha256) {
      // What was given for another content says nothing of this one.
      todo.settings = models_.FingerprintFor(settings_.geometry, "");
    }
    const auto is_this = [&](const SourceRecord& row) {
      return row.sha256 == content.sha256 && row.settings == todo.settings;
    };
    *record = source;
    record->modified_ns = content.facts.modified_ns;
    if (source.id != 0 && is_this(source) && HasEnded(source)) {
      CROSSFACE_RETURN_IF_ERROR(
          GalleryFailed(InGallery([&](Gallery& gallery) { return gallery.WritePlaces({*record}); })));
      return ScanCheckpoint();
    }
    const bool goes_on = source.state == SourceState::kScanning && is_this(source);
    if (!goes_on && HasResults(source)) {
      const bool rescan_goes_on = todo.rescan && is_this(*todo.rescan);
      if (rescan_goes_on) *record = *todo.rescan;
      if (!rescan_goes_on) record->id = 0;
      record->replaces = source.id;
      record->name = source.name;
      if (rescan_goes_on) return CheckpointOf(*record);
    } else if (goes_on) {
      return CheckpointOf(*record);
    }
    record->state = SourceState::kPending;
    record->faces = record->tracks = 0;
    record->counts = {};
    return ScanCheckpoint();
  }

  Result<ScanCheckpoint> CheckpointOf(const SourceRecord& record) {
    auto checkpoint = InGallery([&](Gallery& gallery) { return gallery.ReadCheckpoint(record.id); });
    if (!checkpoint.ok()) return GalleryFailed(checkpoint.status());
    return *checkpoint;
  }

  Status GalleryFailed(Status status) {
    if (!status.ok()) gallery_failed_ = true;
    return status;
  }

  // Writes the record by one of the gallery's methods that give its id.
  Status Store(Result<int64_t> (Gallery::*write)(const SourceRecord&), SourceRecord* record) {
    const auto id = InGallery([&](Gallery& gallery) { return (gallery.*write)(*record); });
    if (!id.ok()) return GalleryFailed(id.status());
    record->id = *id;
    return Status();
  }

  Status Decode(const PlannedScan& todo, const ScanCheckpoint& from, const WantedGeometry& geometry,
                SourceRecord* record) {
    ReaderOptions options;
    options.keep_going = [this] { return KeepGoing(); };
    options.geometry = geometry;
    options.stop_at_larger = true;
    // A scan that goes on has found how large pictures are so far; what is in the gallery is in pixels of
    // that.
    if (from.next_frame > 0) options.geometry.frame = cv::Size(record->info.width, record->info.height);
    options.part = todo.file.part;
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader, Open(todo, options, record));
    const bool goes_on = std::exchange(record->state, SourceState::kScanning) == SourceState::kScanning;
    CROSSFACE_RETURN_IF_ERROR(Store(goes_on ? &Gallery::WriteSource : &Gallery::BeginScan, record));
    SourceGeometry faces;
    Seen seen;
    const auto outcome = ScanFrames(*reader, from, todo.source.name, record, &faces, &seen);
    if (!outcome.ok() && reader->outgrown()) {
      // Boxes are in pixels of the largest picture: now that its size is known, once more from the begin.
      WantedGeometry fitting = geometry;
      fitting.frame = reader->outgrown();
      return DecodeAgain(todo, fitting, seen, record);
    }
    CROSSFACE_RETURN_IF_ERROR(outcome.status());
    if (!geometry.clockwise && !geometry.picture_aspect && !geometry.pixel_aspect) {
      const RunStop::Scope scope(interrupt_);
      CROSSFACE_ASSIGN_OR_RETURN(const auto change, faces.Decide(models_));
      if (change) return DecodeChanged(todo, *change, seen, record);
    }
    Describe(*outcome, *reader, record);
    if (record->counts.decoded == 0) {
      return Status(StatusCode::kNoVideo,
                    record->message.empty() ? "not a single picture could be decoded" : record->message);
    }
    return GalleryFailed(InGallery([&](Gallery& gallery) {
      return gallery.WriteFingerprint(record->id, record->sha256, outcome->fingerprint);
    }));
  }

  // Opens the part of the file that is to be scanned, and keeps what else the file holds for the next round.
  Result<std::unique_ptr<FrameReader>> Open(const PlannedScan& todo, const ReaderOptions& options,
                                            SourceRecord* record) {
    record->path = todo.source.path;
    record->sha256 = todo.content->sha256;
    record->settings = todo.settings;
    record->info.bytes = todo.content->facts.bytes;
    record->info.part = todo.file.part;
    std::vector<std::string> parts;
    auto opened = OpenSource(todo.file.path, options, &parts);
    {
      // A file that is read again may hold something else by now.
      std::lock_guard lock(mutex_);
      std::erase_if(found_, [&](const FoundParts& found) { return found.file.name == todo.file.name; });
      found_.push_back({todo.file, parts});
    }
    record->info.parts = 1 + static_cast<int>(parts.size());
    CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<FrameReader> reader, std::move(opened));
    record->info = reader->info();
    record->info.bytes = todo.content->facts.bytes;
    record->message.clear();
    return reader;
  }

  static void Describe(const ScanOutcome& outcome, const FrameReader& reader, SourceRecord* record) {
    record->counts = outcome.counts;
    record->message = outcome.damage.message();
    for (const std::string& note : outcome.notes)
      record->message += (record->message.empty() ? "" : "; ") + note;
    record->info.geometry_notes = reader.info().geometry_notes;
    record->info.duration_ms = reader.info().duration_ms;
    record->state = outcome.damage.ok() ? SourceState::kDone : SourceState::kDamaged;
  }

  // From the beginning, and nothing is counted twice.
  Status DecodeAgain(const PlannedScan& todo, const WantedGeometry& geometry, const Seen& seen,
                     SourceRecord* record) {
    {
      std::lock_guard lock(mutex_);
      progress_.frames -= seen.frames;
      progress_.faces -= seen.faces;
      progress_.tracks -= record->tracks;
    }
    record->state = SourceState::kPending;  // what was stored of it goes
    record->faces = record->tracks = 0;
    record->counts = {};
    return Decode(todo, {}, geometry, record);
  }

  // A source that was found to lie otherwise than its file says.
  Status DecodeChanged(const PlannedScan& todo, const GeometryChange& change, const Seen& seen,
                       SourceRecord* record) {
    CROSSFACE_RETURN_IF_ERROR(DecodeAgain(todo, WithChange(record->info, change), seen, record));
    std::lock_guard lock(mutex_);
    summary_.turned.emplace_back(todo.source.name, GeometryText(record->info));
    return Status();
  }

  // `name`: under which the progress is told. `faces`: gets the tracks; `seen`: what was counted.
  Result<ScanOutcome> ScanFrames(FrameReader& reader, const ScanCheckpoint& from, const std::string& name,
                                 SourceRecord* record, SourceGeometry* faces, Seen* seen) {
    {
      std::lock_guard lock(mutex_);
      active_[name].duration_ms = record->info.duration_ms;
    }
    ScanCallbacks callbacks;
    callbacks.keep_going = [this] { return KeepGoing(); };
    callbacks.budget = &budget_;
    callbacks.spool_folder = &gallery_.directory();
    callbacks.kept = [&](const Frame& frame) { faces->Add(frame); };
    callbacks.position = [&](const ScanPosition& position) {
      std::lock_guard lock(mutex_);
      active_[name].time_ms = position.time_ms;
      progress_.frames += position.frames - std::exchange(seen->frames, position.frames);
      progress_.faces += position.faces - std::exchange(seen->faces, position.faces);
    };
    callbacks.chunk = [&](ScanChunk chunk) {
      for (const TrackRecord& track : chunk.tracks) CROSSFACE_RETURN_IF_ERROR(faces->Add(track));
      for (const TrackRecord& track : chunk.tracks) record->faces += static_cast<int64_t>(track.faces.size());
      record->tracks += static_cast<int64_t>(chunk.tracks.size());
      CROSSFACE_RETURN_IF_ERROR(GalleryFailed(InGallery([&](Gallery& gallery) {
        return gallery.AppendTracks(record->id, chunk.tracks, chunk.checkpoint);
      })));
      std::lock_guard lock(mutex_);
      progress_.tracks += static_cast<int64_t>(chunk.tracks.size());
      return Status();
    };
    return ScanSource(reader, from, models_, settings_, pool_, callbacks);
  }

  Status Complete(const PlannedScan& todo, SourceRecord* record) {
    CROSSFACE_RETURN_IF_ERROR(Store(&Gallery::CompleteScan, record));
    std::lock_guard lock(mutex_);
    ++summary_.scanned;
    if (!todo.source.sha256.empty() && todo.source.sha256 != record->sha256)
      summary_.changed.push_back(todo.source.name);
    return Status();
  }

  // What has results keeps them; of anything else it is recorded why there are none.
  Status RecordFailure(const PlannedScan& todo, SourceRecord* record, const Status& why) {
    record->message = why.message();
    if (HasResults(todo.source)) {
      record->message += "; what was found in it before stays";
      return Status();
    }
    if (IsTheFilesFault(why.code()) && todo.content) {
      record->state = SourceState::kFailed;
      return Store(&Gallery::BeginScan, record);
    }
    // What was remembered of it holds as long as nobody knows better.
    if (todo.source.state == SourceState::kFailed && record->state != SourceState::kScanning) return Status();
    // Begun, and stopped somewhere: it goes on from there.
    if (record->state == SourceState::kScanning) return Store(&Gallery::WriteSource, record);
    record->state = SourceState::kPending;
    record->settings = todo.settings;
    return Store(&Gallery::BeginScan, record);
  }

  // --- on the calling thread ---

  void WatchUntilDone() {
    Clock::time_point reported = Clock::now();
    std::unique_lock lock(mutex_);
    while (running_ > 0) {
      changed_.wait_for(lock, kAskAgain);
      lock.unlock();
      if (!KeepGoing()) interrupt_.Stop();
      if (SecondsSince(reported) >= kSecondsBetweenReports) {
        Report();
        reported = Clock::now();
      }
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

  std::vector<PlannedScan> todo_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> stop_{false}, gallery_failed_{false};
  RunStop interrupt_;  // of what is computed outside of ScanSource

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  int running_ = 0;
  std::map<std::string, Active> active_;
  std::vector<SourceFile> files_;  // of the call
  std::vector<FoundParts> found_;  // in this round
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
