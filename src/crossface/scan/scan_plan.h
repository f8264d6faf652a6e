// Which source is which: what the files of a call are to a case, and what of them has to be scanned.
//
// A source is a content (SHA-256, and the part of the file) and the place where it lies (absolute path
// without symbolic links); the name is only for people. So the same folder is the same however it is reached,
// what was moved is known again, a copy is a further place of what is known, and other content in another
// place is another source whatever it is called. Files that are as they were by size and time are not read,
// and others only where their size says that they may hold what is known already.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/media/file/source.h"
#include "crossface/scan/file_content.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

// A source to scan.
struct PlannedScan {
  SourceFile file;      // to read it from
  SourceRecord source;  // as the gallery has it; a new one (id 0) with its name, path and places
  std::optional<SourceRecord> rescan;  // the unfinished scan that is to take its place
  std::optional<FileContent> content;  // where it was read already
  int64_t bytes = 0;
  std::string settings;  // to scan it with
};

struct ScanPlan {
  std::vector<PlannedScan> scans;       // in the order of the files
  std::vector<SourceRecord> unchanged;  // that there is nothing to do for
  std::vector<SourceRecord> placed;     // whose name, path, time or places are not what the gallery has
  // Rows that go: of sources that were never read and turn out to be copies of others, and of unfinished
  // scans of content that is no longer there.
  std::vector<int64_t> dropped;
  std::vector<std::pair<std::string, std::string>> copies;   // new places, and the source each is a copy of
  std::vector<std::pair<std::string, std::string>> renamed;  // sources that were moved: name before and now
  // Scanned with other settings or models than these, and kept so.
  int64_t kept = 0, kept_ms = 0;
  std::set<std::string> differences;  // see SettingsDifference
  int64_t unfinished = 0;             // unchanged ones whose scan with others was begun
};

struct PlanCallbacks {
  std::stop_token stop;
  std::function<void(double)> looked;  // after each file that had to be read: the share of their bytes
};

// Reads the gallery in the calling thread, and files on the pool. Errors: the gallery's; kInterrupted. A file
// that cannot be read is among the scans, where it is told.
Result<ScanPlan> PlanScans(const Gallery& gallery, const std::vector<SourceFile>& files,
                           const ScanModels& models, const ScanSettings& settings, ThreadPool& pool,
                           const PlanCallbacks& callbacks = {});

// Nothing is left to scan of it.
bool HasEnded(const SourceRecord& source);

// It has something that another scan must not take away before it has as much to give.
bool HasResults(const SourceRecord& source);

}  // namespace crossface
