// Scans sources on other machines, and writes what these find into the gallery as if it had been scanned
// here.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "crossface/scan/scan_task.h"
#include "crossface/scan/scan_workers.h"
#include "crossface/scan/source_into_gallery.h"

namespace crossface {

// One object per round of sources; not thread-safe.
class ScanElsewhere {
 public:
  // All outlive it.
  ScanElsewhere(ScanShared& shared, ScanWorkers& workers, std::vector<PlannedScan>& todo)
      : shared_(shared), workers_(workers), todo_(todo) {}

  // OK also where sources could not be read, as SourceIntoGallery::Run. Errors end the scan: kInterrupted;
  // the gallery's; the workers'; kMismatch and kModelMissing where a machine has another program or other
  // models. What was written by then stays.
  Status Run();

 private:
  struct UnderWay {
    size_t index = 0;  // in todo_
    int failed = 0, lost = 0;
  };

  Status Submit(UnderWay task);
  Result<ScanTask> TaskOf(const PlannedScan& scan);
  Status Take(const WorkerAnswer& answer);
  Status TakeFindings(const UnderWay& task, ScanFindings findings);
  Status GiveUp(const UnderWay& task, const Status& why);
  size_t MostUnderWay() const;
  bool IsSkipped(const PlannedScan& scan) const;
  void Tell();

  ScanShared& shared_;
  ScanWorkers& workers_;
  std::vector<PlannedScan>& todo_;
  size_t next_ = 0;
  uint64_t next_id_ = 1;
  std::map<uint64_t, UnderWay> under_way_;
  std::set<std::string> machines_;
  std::set<std::pair<std::string, int64_t>> processes_;
  WorkersProgress progress_;
};

}  // namespace crossface
