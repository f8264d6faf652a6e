#include "crossface/scan/scan_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crossface/scan/scan_task.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

void Add(SelectCounts* sum, const SelectCounts& counts, int64_t sign) {
  sum->decoded += sign * counts.decoded;
  sum->dark += sign * counts.dark;
  sum->still += sign * counts.still;
  sum->paced += sign * counts.paced;
  sum->kept += sign * counts.kept;
  sum->cuts += sign * counts.cuts;
}

template <typename T>
void Append(const std::vector<T>& some, std::vector<T>* to) {
  to->insert(to->end(), some.begin(), some.end());
}

}  // namespace

std::string FinishedLine(const SourceRecord& record, bool scanned) {
  if (!scanned) return fmt::format("{}: failed: {}", record.name, record.message);
  std::string line =
      fmt::format("{}: {}, {} kept, {}, {}", record.name, Counted(record.counts.decoded, "frame"),
                  record.counts.kept, Counted(record.faces, "face"), Counted(record.tracks, "track"));
  if (record.state == SourceState::kDamaged) line += "; damaged: " + record.message;
  if (record.state == SourceState::kDone && !record.message.empty()) line += "; note: " + record.message;
  return line;
}

double ScanTally::SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void ScanTally::Plan(const ScanPlan& plan, size_t files) {
  MutexLock lock(mutex_);
  for (const SourceRecord& source : plan.unchanged) NoteBadSource(source);
  for (const PlannedScan& scan : plan.scans) progress_.bytes += scan.bytes;
  progress_.sources += static_cast<int64_t>(plan.scans.size());
  progress_.unchanged += static_cast<int64_t>(plan.unchanged.size());
  summary_.sources += static_cast<int64_t>(files);
  summary_.copies.insert(summary_.copies.end(), plan.copies.begin(), plan.copies.end());
  summary_.renamed.insert(summary_.renamed.end(), plan.renamed.begin(), plan.renamed.end());
  summary_.kept += plan.kept;
  summary_.kept_ms += plan.kept_ms;
  summary_.unfinished += plan.unfinished;
  summary_.differences.insert(plan.differences.begin(), plan.differences.end());
}

void ScanTally::NoteBadSource(const SourceRecord& record) {
  if (record.state == SourceState::kDamaged) summary_.damaged.emplace_back(record.name, record.message);
  if (record.state == SourceState::kFailed) summary_.failed.emplace_back(record.name, record.message);
  if (record.state == SourceState::kDone && !record.message.empty())
    summary_.noted.emplace_back(record.name, record.message);
}

void ScanTally::Begin(const std::string& source, int64_t bytes) {
  MutexLock lock(mutex_);
  active_[source] = {.bytes = bytes, .since = Clock::now()};
}

void ScanTally::SetLength(const std::string& source, int64_t duration_ms) {
  MutexLock lock(mutex_);
  active_[source].duration_ms = duration_ms;
}

void ScanTally::Move(const std::string& source, const ScanPosition& position, Reading* reading) {
  MutexLock lock(mutex_);
  active_[source].time_ms = position.time_ms;
  progress_.frames += position.frames - std::exchange(reading->frames, position.frames);
  progress_.faces += position.faces - std::exchange(reading->faces, position.faces);
  Add(&progress_.counts, reading->counts, -1);
  Add(&progress_.counts, reading->counts = position.counts, 1);
}

void ScanTally::AddTracks(int64_t tracks, Reading* reading) {
  MutexLock lock(mutex_);
  progress_.tracks += tracks;
  reading->tracks += tracks;
}

void ScanTally::NoteSeen(SeenTrack track) {
  MutexLock lock(mutex_);
  if (seen_.size() >= kMostSeenTracks) seen_.erase(seen_.begin());
  seen_.push_back(std::move(track));
}

std::vector<SeenTrack> ScanTally::TakeSeen() {
  MutexLock lock(mutex_);
  return std::exchange(seen_, {});
}

void ScanTally::TakeBack(const Reading& reading) {
  MutexLock lock(mutex_);
  progress_.frames -= reading.frames;
  progress_.faces -= reading.faces;
  progress_.tracks -= reading.tracks;
  Add(&progress_.counts, reading.counts, -1);
}

void ScanTally::NoteRewritten(const std::string& source) {
  MutexLock lock(mutex_);
  summary_.rewritten.push_back(source);
}

void ScanTally::NoteDecoded(const std::string& source, const CardUse& use) {
  MutexLock lock(mutex_);
  summary_.decoded[source].Add(use);
}

void ScanTally::NoteTurned(const std::string& source, const std::string& how) {
  MutexLock lock(mutex_);
  summary_.turned.emplace_back(source, how);
}

void ScanTally::NoteCompleted(const std::string& source, bool changed) {
  MutexLock lock(mutex_);
  ++summary_.scanned;
  if (changed) summary_.changed.push_back(source);
}

void ScanTally::Skip(const std::string& source, int64_t bytes) {
  MutexLock lock(mutex_);
  active_.erase(source);
  ++progress_.done;
  progress_.bytes_done += bytes;
  summary_.skipped.push_back(source);
}

void ScanTally::End(const SourceRecord& record, int64_t bytes, bool scanned) {
  MutexLock lock(mutex_);
  active_.erase(record.name);
  ++progress_.done;
  progress_.bytes_done += bytes;
  progress_.video_ms += scanned ? record.info.duration_ms : 0;
  progress_.failed += !scanned;
  if (scanned) {
    NoteBadSource(record);
  } else {
    summary_.failed.emplace_back(record.name, record.message);
  }
  const bool is_still = record.info.duration_ms == 0 && record.counts.decoded <= 1;
  progress_.pictures += is_still && scanned;
  if (!is_still || !scanned || record.state != SourceState::kDone || !record.message.empty())
    progress_.finished.push_back(FinishedLine(record, scanned));
}

void ScanTally::AddFindings(const std::string& source, int64_t bytes, const ScanFindings& findings) {
  const ScanSummary& found = findings.summary;
  meter_.Add(found.cpu);
  MutexLock lock(mutex_);
  active_.erase(source);
  ++progress_.done;
  progress_.bytes_done += bytes;
  progress_.video_ms += found.video_ms;
  progress_.pictures += findings.pictures;
  progress_.failed += findings.failed;
  progress_.frames += found.frames;
  progress_.faces += found.faces;
  progress_.tracks += found.tracks;
  Add(&progress_.counts, findings.counts, 1);
  Append(findings.finished, &progress_.finished);
  summary_.scanned += found.scanned;
  Append(found.damaged, &summary_.damaged);
  Append(found.failed, &summary_.failed);
  Append(found.noted, &summary_.noted);
  Append(found.changed, &summary_.changed);
  Append(found.rewritten, &summary_.rewritten);
  Append(found.turned, &summary_.turned);
  for (const auto& [name, use] : found.decoded) summary_.decoded[name].Add(use);
}

void ScanTally::Reach(const std::string& source, int64_t time_ms) {
  MutexLock lock(mutex_);
  active_[source].time_ms = time_ms;
}

void ScanTally::TellWorkers(const WorkersProgress& workers) {
  MutexLock lock(mutex_);
  progress_.workers = workers;
}

ScanProgress ScanTally::TakeProgress() {
  MutexLock lock(mutex_);
  ScanProgress told = progress_;
  progress_.finished.clear();
  told.elapsed_s = SecondsSince(start_);
  told.cpu = meter_.seconds();
  told.waiting = meter_.waiting();
  double bytes = static_cast<double>(progress_.bytes_done);
  for (const auto& [name, active] : active_) {
    const double part =
        active.duration_ms > 0
            ? std::min(1.0, static_cast<double>(active.time_ms) / static_cast<double>(active.duration_ms))
            : 0;
    bytes += part * static_cast<double>(active.bytes);
    told.video_ms += active.time_ms;
    const double seconds = SecondsSince(active.since);
    told.active.push_back({name, active.time_ms, active.duration_ms,
                           seconds > 0 ? static_cast<double>(active.time_ms) / 1000 / seconds : 0});
  }
  told.bytes_done = static_cast<int64_t>(bytes);
  if (bytes > 0) told.remaining_s = told.elapsed_s * (static_cast<double>(progress_.bytes) - bytes) / bytes;
  return told;
}

ScanSummary ScanTally::Summary() const {
  MutexLock lock(mutex_);
  ScanSummary summary = summary_;
  summary.unchanged = progress_.unchanged;
  summary.frames = progress_.frames;
  summary.faces = progress_.faces;
  summary.tracks = progress_.tracks;
  summary.video_ms = progress_.video_ms;
  summary.pictures = progress_.pictures;
  summary.seconds = SecondsSince(start_);
  summary.cpu = meter_.seconds();
  return summary;
}

}  // namespace crossface
