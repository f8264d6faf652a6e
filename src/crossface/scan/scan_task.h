// A scan of one source as a task for another machine: what is asked, what comes back, and the doing of it
// there. Plain values; how they become bytes: scan/scan_wire.h.
//
// A long source may be surveyed by the first task (scan/source_survey.h), and then searched by one task a
// range.
//
// A task says all that its findings depend on, and doing it twice gives the same: it may be done again
// anywhere.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/scan/scan_journal.h"
#include "crossface/scan/scan_plan.h"
#include "crossface/scan/scan_summary.h"
#include "crossface/scan/source_survey.h"
#include "crossface/util/directory.h"

namespace crossface {

struct ScanTask {
  std::string version;           // of the program that asks
  std::string settings;          // ScanModels::fingerprint: models and all else that decides
  std::filesystem::path models;  // where the asking machine has them
  bool exhaustive = false;
  std::vector<std::string> embedders;  // by name, in the order in which they are asked
  std::string device;                  // as in ScanSettings
  FilmDecoder decoder = FilmDecoder::kProcessor;
  int threads = 1;
  GivenGeometry geometry;
  PlannedScan scan;  // without its content, which whoever scans reads
  // Of the source's row, and of its unfinished scan's that is to take its place: where to go on.
  ScanCheckpoint from, rescan_from;
  // About so much of a source is searched by one task, and one that is at least twice as long is surveyed.
  // 0: the whole source is searched.
  int64_t range_us = 0;
  // This alone is to be searched; of `scan`, file and settings say where and how.
  std::optional<ScanRange> range;
};

struct ScanFindings {
  // Why nothing was scanned: kModelMissing and kMismatch where the machine's models or program are others.
  Status status;
  std::string machine;  // that did it, for people
  int64_t process = 0;  // there
  std::vector<ScanEntry> journal;
  std::optional<std::vector<std::string>> parts;  // that the file led to; nothing: it was not opened
  ScanSummary summary;                            // of this source
  SelectCounts counts;
  int64_t failed = 0, pictures = 0;
  std::vector<std::string> finished;  // ScanProgress::finished

  // Of a survey: what is to be searched yet. The journal's shots are without tracks then.
  std::vector<ScanRange> ranges;
  std::vector<cv::Mat> pictures_of_source;  // SourceSurvey::pictures
  // Of a range, whose journal has its shots alone: why there is none. What was surveyed does not hold here.
  std::string otherwise;
};

// What a machine that scans has.
struct ScanMeans {
  const ScanModels& models;
  const Directory& spool_folder;
};

// Scans a source, surveys it, or searches a range. What is wrong with the source is among the findings;
// kInterrupted when it was stopped.
ScanFindings DoScanTask(ScanTask task, const ScanMeans& means, const std::stop_token& stop);

// Answers task after task, and keeps the models as long as tasks ask for the same. Not thread-safe.
class ScanTaskRunner {
 public:
  // `models`: the machine's own folder of them; empty: where the task says. `machine`: ScanFindings::machine.
  ScanTaskRunner(std::filesystem::path models, std::string machine)
      : models_(std::move(models)), machine_(std::move(machine)) {}

  // `task`: the bytes of a ScanTask; gives those of its ScanFindings.
  std::string Answer(std::string_view task, const std::stop_token& stop);

 private:
  Result<ScanFindings> Find(std::string_view task, const std::stop_token& stop);
  Status LoadModels(const ScanTask& task);

  const std::filesystem::path models_;
  const std::string machine_;
  std::optional<ScanModels> loaded_;
  std::string loaded_for_;  // device
};

}  // namespace crossface
