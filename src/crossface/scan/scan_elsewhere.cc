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
  while (next_ < todo_.size() || !under_way_.empty()) {
    if (shared_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    const bool paused = shared_.control != nullptr && shared_.control->paused();
    while (!paused && next_ < todo_.size() && under_way_.size() < MostUnderWay())
      CROSSFACE_RETURN_IF_ERROR(Submit({.index = next_++}));
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
  progress_.waiting = static_cast<int64_t>(todo_.size() - next_);
  shared_.tally.TellWorkers(progress_);
}

Status ScanElsewhere::Submit(UnderWay task) {
  const PlannedScan& scan = todo_[task.index];
  if (IsSkipped(scan)) {
    shared_.tally.Skip(scan.source.name, scan.bytes);
    return Status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const ScanTask asked, TaskOf(scan));
  const uint64_t id = next_id_++;
  under_way_[id] = task;
  return workers_.Submit(id, ToWire(asked));
}

Result<ScanTask> ScanElsewhere::TaskOf(const PlannedScan& scan) {
  ScanTask task;
  task.version = kVersion;
  task.settings = shared_.models.fingerprint;
  task.models = std::filesystem::absolute(shared_.settings.models);
  task.exhaustive = shared_.settings.exhaustive;
  for (const auto& embedder : shared_.models.embedders) task.embedders.push_back(embedder->name());
  // Machines of one scan do it alike, whatever each of them has.
  task.device = shared_.settings.device == "auto" ? "cpu" : shared_.settings.device;
  task.threads = workers_.threads();
  task.geometry = shared_.settings.geometry;
  task.scan = scan;
  // A relative path means another file elsewhere.
  task.scan.file.path = io::AbsolutePlace(scan.file.path.string());
  if (scan.source.state == SourceState::kScanning) {
    CROSSFACE_ASSIGN_OR_RETURN(task.from, shared_.sink.ReadCheckpoint(scan.source.id));
  }
  if (scan.rescan) {
    CROSSFACE_ASSIGN_OR_RETURN(task.rescan_from, shared_.sink.ReadCheckpoint(scan.rescan->id));
  }
  return task;
}

Status ScanElsewhere::Take(const WorkerAnswer& answer) {
  const auto found = under_way_.find(answer.id);
  if (found == under_way_.end()) return Status();
  UnderWay task = found->second;
  under_way_.erase(found);
  Status why(StatusCode::kInternal, answer.bytes);
  if (answer.kind == WorkerAnswer::Kind::kDone) {
    auto findings = ScanFindingsFromWire(answer.bytes);
    if (findings.ok()) {
      if (findings->status.code() != StatusCode::kInterrupted)
        return TakeFindings(task, *std::move(findings));
      why = findings->status;  // somebody ended that worker
    } else {
      if (findings.status().code() == StatusCode::kMismatch) return findings.status();
      why = findings.status();
    }
  }
  const bool failed = answer.kind == WorkerAnswer::Kind::kFailed;
  ++(failed ? task.failed : task.lost);
  if (task.failed >= kMostFailed || task.lost >= kMostLost) return GiveUp(task, why);
  ++progress_.repeated;
  return Submit(task);
}

// What a machine cannot do for its own sake would be wrong with every source.
Status ScanElsewhere::TakeFindings(const UnderWay& task, ScanFindings findings) {
  PlannedScan& scan = todo_[task.index];
  if (!findings.status.ok()) return findings.status.Annotate("on " + findings.machine);
  machines_.insert(findings.machine);
  processes_.insert({findings.machine, findings.process});
  ++progress_.done;
  if (IsSkipped(scan)) {
    shared_.tally.Skip(scan.source.name, scan.bytes);
    return Status();
  }
  CROSSFACE_RETURN_IF_ERROR(WriteJournal(findings.journal, shared_.sink));
  if (findings.parts) shared_.found.Set(scan.file, *std::move(findings.parts));
  if (shared_.pictures_of_tracks) {
    for (const ScanEntry& entry : findings.journal)
      CROSSFACE_RETURN_IF_ERROR(TellSeen(scan.source.name, entry.tracks, shared_.tally));
  }
  // What cannot be read there may well be here: the machine is to be looked at, then.
  for (auto& [name, message] : findings.summary.failed) message += fmt::format(" (on {})", findings.machine);
  shared_.tally.AddFindings(scan.source.name, scan.bytes, findings);
  return Status();
}

Status ScanElsewhere::GiveUp(const UnderWay& task, const Status& why) {
  PlannedScan& scan = todo_[task.index];
  SourceIntoGallery source(shared_, scan);
  return source.Fail(
      why.Annotate(fmt::format("given up after {} attempts on other machines", task.failed + task.lost)));
}

}  // namespace crossface
