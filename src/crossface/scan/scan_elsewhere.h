// Scans sources on other machines, and writes what these find into the gallery as if it had been scanned
// here.
//
// A source is a task. One that is long is surveyed by its first task, and then searched range by range, each
// by a task of its own; answers about it wait in files of the case until all are there.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crossface/scan/kept_answers.h"
#include "crossface/scan/ranged_film.h"
#include "crossface/scan/scan_task.h"
#include "crossface/scan/scan_workers.h"
#include "crossface/scan/source_into_gallery.h"

namespace crossface {

// One object per round of sources; not thread-safe.
class ScanElsewhere {
 public:
  // All outlive it.
  ScanElsewhere(ScanShared& shared, ScanWorkers& workers, std::vector<PlannedScan>& todo)
      : shared_(shared), workers_(workers), todo_(todo), answers_(shared.spool_folder) {}

  // OK also where sources could not be read, as SourceIntoGallery::Run. Errors end the scan: kInterrupted;
  // the gallery's; the workers'; kMismatch and kModelMissing where a machine has another program or other
  // models. What was written by then stays.
  Status Run();

 private:
  struct UnderWay {
    size_t index = 0;             // in todo_
    std::optional<size_t> range;  // of a source that was surveyed
    bool undivided = false;       // it turned out that the source cannot be divided
    int failed = 0, lost = 0;
  };
  struct Film {
    RangedFilm parts;
    std::vector<std::string> keys;  // of the answers that are kept: of each range, and of the survey
  };

  Status SubmitNext();
  Status Submit(UnderWay task);
  Result<ScanTask> TaskOf(const UnderWay& task);
  std::string KeyOf(const ScanTask& task) const;
  Status Take(const WorkerAnswer& answer);
  Status TakeBytes(UnderWay task, const std::string& bytes);
  Status AskAgain(UnderWay task, bool failed, const Status& why);
  // `bytes`: as they came; empty where they are kept already.
  Status TakeFindings(const UnderWay& task, ScanFindings findings, const std::string& bytes);
  Status TakeSurvey(const UnderWay& task, ScanFindings survey, const std::string& bytes);
  Status TakeRange(const UnderWay& task, const ScanFindings& findings, const std::string& bytes);
  Status WriteFilm(size_t index, const Film& film);
  Status Undivide(size_t index);
  void Drop(size_t index);
  Status GiveUp(const UnderWay& task, const Status& why);
  void Note(const PlannedScan& scan, ScanFindings findings);
  Status Show(const PlannedScan& scan, const std::vector<TrackRecord>& tracks);
  size_t MostUnderWay() const;
  bool IsSkipped(const PlannedScan& scan) const;
  void Tell();

  ScanShared& shared_;
  ScanWorkers& workers_;
  std::vector<PlannedScan>& todo_;
  const KeptAnswers answers_;
  const bool had_answers_ = answers_.any();  // of a call before
  size_t next_ = 0;
  std::deque<UnderWay> waiting_;  // before next_
  uint64_t next_id_ = 1;
  std::map<uint64_t, UnderWay> under_way_;
  std::map<size_t, Film> films_;  // by index
  std::set<std::string> machines_;
  std::set<std::pair<std::string, int64_t>> processes_;
  WorkersProgress progress_;
};

}  // namespace crossface
