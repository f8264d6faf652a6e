#include "crossface/scan/scan_elsewhere.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "crossface/io/store.h"
#include "crossface/scan/scan_wire.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

constexpr auto kAskWorkersFor = std::chrono::milliseconds(100);
// A source that ends the program so often would do so for ever; a machine may go away for many reasons.
constexpr int kMostFailed = 3, kMostLost = 20;
// So that no worker waits for the next task, and what waits to be written stays little.
constexpr size_t kFewestUnderWay = 32, kUnderWayPerWorker = 4;

}  // namespace

Status ScanElsewhere::Run() {
  while (next_ < todo_.size() || !waiting_.empty() || !under_way_.empty()) {
    if (shared_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    const bool paused = shared_.control != nullptr && shared_.control->paused();
    if (!paused) CROSSFACE_RETURN_IF_ERROR(SubmitNext());
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<WorkerAnswer> answer, workers_.Next(kAskWorkersFor));
    if (answer) CROSSFACE_RETURN_IF_ERROR(Take(*answer));
    Tell();
  }
  return Status();
}

size_t ScanElsewhere::MostUnderWay() const {
  return std::max(kFewestUnderWay, kUnderWayPerWorker * processes_.size());
}

bool ScanElsewhere::IsSkipped(const PlannedScan& scan) const {
  return shared_.control != nullptr && shared_.control->IsSkipped(scan.source.name);
}

void ScanElsewhere::Tell() {
  progress_.machines = static_cast<int64_t>(machines_.size());
  progress_.processes = static_cast<int64_t>(processes_.size());
  progress_.under_way = static_cast<int64_t>(under_way_.size());
  progress_.waiting = static_cast<int64_t>(todo_.size() - next_ + waiting_.size());
  shared_.tally.TellWorkers(progress_);
}

// What was begun comes first: it waits on disk.
Status ScanElsewhere::SubmitNext() {
  while (under_way_.size() < MostUnderWay() && !shared_.stop.stop_requested()) {
    if (!waiting_.empty()) {
      const UnderWay task = waiting_.front();
      waiting_.pop_front();
      CROSSFACE_RETURN_IF_ERROR(Submit(task));
    } else if (next_ < todo_.size()) {
      CROSSFACE_RETURN_IF_ERROR(Submit({.index = next_++}));
    } else {
      break;
    }
  }
  return Status();
}

Status ScanElsewhere::Submit(UnderWay task) {
  const PlannedScan& scan = todo_[task.index];
  if (task.range && !films_.contains(task.index)) return Status();
  if (IsSkipped(scan)) {
    Drop(task.index);
    shared_.tally.Skip(scan.source.name, scan.bytes);
    return Status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const ScanTask asked, TaskOf(task));
  if (had_answers_ && task.failed + task.lost == 0) {
    const std::string key = KeyOf(asked);
    const auto kept = key.empty() ? std::nullopt : answers_.Find(key);
    auto findings =
        kept ? ScanFindingsFromWire(*kept) : Result<ScanFindings>(Status(StatusCode::kNotFound, ""));
    if (findings.ok() && findings->status.ok()) return TakeFindings(task, *std::move(findings), "");
  }
  const uint64_t id = next_id_++;
  under_way_[id] = task;
  return workers_.Submit(id, ToWire(asked));
}

Result<ScanTask> ScanElsewhere::TaskOf(const UnderWay& task) {
  const PlannedScan& scan = todo_[task.index];
  ScanTask asked;
  asked.version = kVersion;
  asked.settings = shared_.models.fingerprint;
  asked.models = std::filesystem::absolute(shared_.settings.models);
  asked.exhaustive = shared_.settings.exhaustive;
  for (const auto& embedder : shared_.models.embedders) asked.embedders.push_back(embedder->name());
  // Machines of one scan do it alike, whatever each of them has.
  asked.device = shared_.settings.device == "auto" ? "cpu" : shared_.settings.device;
  asked.decoder = shared_.settings.decoder;
  asked.threads = workers_.threads();
  // A relative path means another file elsewhere.
  const std::filesystem::path path = io::AbsolutePlace(scan.file.path.string());
  if (task.range) {
    const Film& film = films_.at(task.index);
    asked.range = film.parts.ranges()[*task.range];
    asked.scan.file = scan.file;
    asked.scan.file.path = path;
    asked.scan.settings = film.parts.settings();
    return asked;
  }
  asked.geometry = shared_.settings.geometry;
  asked.range_us = task.undivided ? 0 : workers_.range_us();
  asked.scan = scan;
  asked.scan.file.path = path;
  if (scan.source.state == SourceState::kScanning) {
    CROSSFACE_ASSIGN_OR_RETURN(asked.from, shared_.sink.ReadCheckpoint(scan.source.id));
  }
  if (scan.rescan) {
    CROSSFACE_ASSIGN_OR_RETURN(asked.rescan_from, shared_.sink.ReadCheckpoint(scan.rescan->id));
  }
  return asked;
}

// Empty: its answer is not worth keeping, or nobody can say what it depends on.
std::string ScanElsewhere::KeyOf(const ScanTask& task) const {
  ScanTask asked = task;
  asked.models.clear();
  asked.threads = 1;
  asked.decoder = FilmDecoder::kProcessor;
  if (task.range) {
    // By its content, wherever that lies.
    asked.scan.file.path.clear();
    asked.scan.file.name.clear();
    return KeptAnswers::KeyOf(ToWire(asked));
  }
  if (task.range_us == 0) return "";
  const auto version = io::VersionOf(task.scan.file.path, shared_.stop);
  if (!version.ok()) return "";
  return KeptAnswers::KeyOf(ToWire(asked) +
                            fmt::format("{} {} {}", version->bytes, version->modified_ns, version->state));
}

Status ScanElsewhere::Take(const WorkerAnswer& answer) {
  const auto found = under_way_.find(answer.id);
  if (found == under_way_.end()) return Status();
  const UnderWay task = found->second;
  under_way_.erase(found);
  if (answer.kind == WorkerAnswer::Kind::kDone) return TakeBytes(task, answer.bytes);
  return AskAgain(task, answer.kind == WorkerAnswer::Kind::kFailed,
                  Status(StatusCode::kInternal, answer.bytes));
}

Status ScanElsewhere::TakeBytes(UnderWay task, const std::string& bytes) {
  auto findings = ScanFindingsFromWire(bytes);
  if (findings.status().code() == StatusCode::kMismatch) return findings.status();
  if (!findings.ok()) return AskAgain(task, false, findings.status());
  // Somebody ended that worker.
  if (findings->status.code() == StatusCode::kInterrupted) return AskAgain(task, false, findings->status);
  return TakeFindings(task, *std::move(findings), bytes);
}

Status ScanElsewhere::AskAgain(UnderWay task, bool failed, const Status& why) {
  ++(failed ? task.failed : task.lost);
  if (task.failed >= kMostFailed || task.lost >= kMostLost) return GiveUp(task, why);
  ++progress_.repeated;
  return Submit(task);
}

// What a machine cannot do for its own sake would be wrong with every source.
Status ScanElsewhere::TakeFindings(const UnderWay& task, ScanFindings findings, const std::string& bytes) {
  PlannedScan& scan = todo_[task.index];
  if (!findings.status.ok()) return findings.status.Annotate("on " + findings.machine);
  machines_.insert(findings.machine);
  processes_.insert({findings.machine, findings.process});
  ++progress_.done;
  if (task.range && !films_.contains(task.index)) return Status();
  if (IsSkipped(scan)) {
    Drop(task.index);
    shared_.tally.Skip(scan.source.name, scan.bytes);
    return Status();
  }
  if (task.range) return TakeRange(task, findings, bytes);
  if (!findings.ranges.empty()) return TakeSurvey(task, std::move(findings), bytes);
  CROSSFACE_RETURN_IF_ERROR(WriteJournal(findings.journal, shared_.sink));
  for (const ScanEntry& entry : findings.journal) CROSSFACE_RETURN_IF_ERROR(Show(scan, entry.tracks));
  Note(scan, std::move(findings));
  return Status();
}

Status ScanElsewhere::TakeSurvey(const UnderWay& task, ScanFindings survey, const std::string& bytes) {
  const PlannedScan& scan = todo_[task.index];
  CROSSFACE_ASSIGN_OR_RETURN(const ScanTask asked, TaskOf(task));
  std::string key = KeyOf(asked);
  if (!key.empty() && !bytes.empty()) CROSSFACE_RETURN_IF_ERROR(answers_.Keep(key, bytes));
  shared_.tally.Begin(scan.source.name, scan.bytes);
  shared_.tally.SetLength(scan.source.name, survey.summary.video_ms);
  const size_t count = survey.ranges.size();
  Film& film = films_.try_emplace(task.index, Film{RangedFilm(std::move(survey)), {}}).first->second;
  for (size_t range = 0; range < count; ++range) {
    const UnderWay part{.index = task.index, .range = range};
    CROSSFACE_ASSIGN_OR_RETURN(const ScanTask searched, TaskOf(part));
    film.keys.push_back(KeyOf(searched));
    waiting_.push_back(part);
  }
  film.keys.push_back(std::move(key));
  return Status();
}

Status ScanElsewhere::TakeRange(const UnderWay& task, const ScanFindings& findings,
                                const std::string& bytes) {
  const PlannedScan& scan = todo_[task.index];
  Film& film = films_.at(task.index);
  if (!film.parts.Take(*task.range, findings)) return Undivide(task.index);
  if (!bytes.empty()) CROSSFACE_RETURN_IF_ERROR(answers_.Keep(film.keys[*task.range], bytes));
  shared_.tally.Reach(scan.source.name, film.parts.reached_ms());
  return film.parts.IsComplete() ? WriteFilm(task.index, film) : Status();
}

Status ScanElsewhere::WriteFilm(size_t index, const Film& film) {
  const PlannedScan& scan = todo_[index];
  const auto answers = [&](size_t range) -> Result<ScanFindings> {
    const auto kept = answers_.Find(film.keys[range]);
    if (!kept) {
      return Status(StatusCode::kIo, scan.source.name +
                                         ": what was found in a part of it is gone from the case's folder "
                                         "\"ranges\"; run the same command again");
    }
    return ScanFindingsFromWire(*kept);
  };
  {
    const RunStop::Scope scope(shared_.interrupt);
    CROSSFACE_ASSIGN_OR_RETURN(const bool changes, film.parts.NeedsOtherGeometry(answers, shared_.models));
    if (changes) return Undivide(index);
  }
  CROSSFACE_ASSIGN_OR_RETURN(
      ScanFindings whole,
      film.parts.Write(answers, shared_.sink,
                       [&](const std::vector<TrackRecord>& tracks) { return Show(scan, tracks); }));
  Drop(index);
  Note(scan, std::move(whole));
  return Status();
}

// All of it in one task, then.
Status ScanElsewhere::Undivide(size_t index) {
  Drop(index);
  waiting_.push_front({.index = index, .undivided = true});
  return Status();
}

// What is still under way of it counts for nothing.
void ScanElsewhere::Drop(size_t index) {
  const auto film = films_.find(index);
  if (film == films_.end()) return;
  for (const std::string& key : film->second.keys) answers_.Remove(key);
  films_.erase(film);
}

void ScanElsewhere::Note(const PlannedScan& scan, ScanFindings findings) {
  if (findings.parts) shared_.found.Set(scan.file, *std::move(findings.parts));
  // What cannot be read there may well be here: the machine is to be looked at, then.
  for (auto& [name, message] : findings.summary.failed) message += fmt::format(" (on {})", findings.machine);
  shared_.tally.AddFindings(scan.source.name, scan.bytes, findings);
}

Status ScanElsewhere::Show(const PlannedScan& scan, const std::vector<TrackRecord>& tracks) {
  return shared_.pictures_of_tracks ? TellSeen(scan.source.name, tracks, shared_.tally) : Status();
}

Status ScanElsewhere::GiveUp(const UnderWay& task, const Status& why) {
  Drop(task.index);
  PlannedScan& scan = todo_[task.index];
  SourceIntoGallery source(shared_, scan);
  return source.Fail(
      why.Annotate(fmt::format("given up after {} attempts on other machines", task.failed + task.lost)));
}

}  // namespace crossface
