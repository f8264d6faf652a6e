// What a call of ScanCase has done so far: told by the threads that read, asked by the one that reports.
// Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "crossface/scan/scan_case.h"
#include "crossface/scan/scan_meter.h"
#include "crossface/scan/scan_plan.h"
#include "crossface/scan/source_scanner.h"
#include "crossface/util/mutex.h"

namespace crossface {

struct ScanFindings;

// What is told of a source when it ends. `scanned`: else it failed, and the record's message says why.
std::string FinishedLine(const SourceRecord& record, bool scanned);

class ScanTally {
 public:
  // What one reading of a source has added, to be taken back when it is read again.
  struct Reading {
    int64_t frames = 0, faces = 0, tracks = 0;
    SelectCounts counts;
  };

  // `files`: how many the plan is for.
  void Plan(const ScanPlan& plan, size_t files);

  void Begin(const std::string& source, int64_t bytes);
  void SetLength(const std::string& source, int64_t duration_ms);
  void Move(const std::string& source, const ScanPosition& position, Reading* reading);
  void AddTracks(int64_t tracks, Reading* reading);
  void NoteSeen(SeenTrack track);
  void TakeBack(const Reading& reading);
  void NoteRewritten(const std::string& source);
  void NoteDecoded(const std::string& source, const CardUse& use);
  void NoteTurned(const std::string& source, const std::string& how);
  // Its results are in the gallery. `changed`: they are of another content than those before.
  void NoteCompleted(const std::string& source, bool changed);
  // After Begin: it is left as it is.
  void Skip(const std::string& source, int64_t bytes);
  // After Begin. `scanned`: else it failed, and the record's message says why.
  void End(const SourceRecord& record, int64_t bytes, bool scanned);

  // All of a source that was scanned on another machine, in place of Begin, what follows it, and End.
  void AddFindings(const std::string& source, int64_t bytes, const ScanFindings& findings);
  // After Begin, of a source that is searched on other machines: how far it is.
  void Reach(const std::string& source, int64_t time_ms);
  void TellWorkers(const WorkersProgress& workers);

  ScanMeter& meter() { return meter_; }

  // With the lines of what ended since the last call.
  ScanProgress TakeProgress();
  // The newest tracks that were noted since the last call, the oldest of them first.
  std::vector<SeenTrack> TakeSeen();
  ScanSummary Summary() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Active {
    int64_t bytes = 0, duration_ms = 0, time_ms = 0;
    Clock::time_point since;
  };
  static double SecondsSince(Clock::time_point start);
  void NoteBadSource(const SourceRecord& record) CROSSFACE_REQUIRES(mutex_);

  const Clock::time_point start_ = Clock::now();
  ScanMeter meter_;
  mutable Mutex mutex_;
  std::map<std::string, Active> active_ CROSSFACE_GUARDED_BY(mutex_);
  ScanProgress progress_ CROSSFACE_GUARDED_BY(mutex_);
  ScanSummary summary_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<SeenTrack> seen_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface
