// Scans one source into the gallery: chooses the row, goes on where a scan was stopped, reads again what
// changed while it was read or lies otherwise than it says, and records why where it cannot be read.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "crossface/scan/further_parts.h"
#include "crossface/scan/scan_plan.h"
#include "crossface/scan/scan_sink.h"
#include "crossface/scan/scan_tally.h"
#include "crossface/scan/source_geometry.h"
#include "crossface/scan/source_survey.h"
#include "crossface/util/mutex.h"

namespace crossface {

// What the files of a round were found to lead to. Thread-safe.
class FoundPartsList {
 public:
  // In place of what the same file led to when it was read before: it may hold something else by now.
  void Set(const SourceFile& file, std::vector<std::string> parts);
  // By the files' names, whatever order they were read in; empty from now on.
  std::vector<FoundParts> Take();

 private:
  Mutex mutex_;
  std::vector<FoundParts> found_ CROSSFACE_GUARDED_BY(mutex_);
};

// What the threads of one call share.
struct ScanShared {
  const ScanModels& models;
  const ScanSettings& settings;
  std::stop_token stop;
  const Directory& spool_folder;
  ScanSink& sink;
  ScanTally& tally;
  FoundPartsList& found;
  ByteBudget& budget;
  RunStop& interrupt;  // of what is computed outside of ScanSource
  ThreadPool& pool;
  ScanControl* control = nullptr;   // null: nobody pauses
  SourceSurvey* survey = nullptr;   // not null: sources that it wants are surveyed, and not searched
  bool pictures_of_tracks = false;  // somebody looks at them as they are stored
};

// Whether the bytes of a file are to blame: it is not tried again as long as they are the same.
bool IsTheFilesFault(StatusCode code);

// Notes the last of the tracks, as many as anybody is told. Errors: those of PictureOf.
Status TellSeen(const std::string& source, const std::vector<TrackRecord>& tracks, ScanTally& tally);

// One object per source; not thread-safe, beside others of the same `shared`, which outlives it, as `todo`
// does.
class SourceIntoGallery {
 public:
  SourceIntoGallery(ScanShared& shared, PlannedScan& todo)
      : shared_(shared), todo_(todo), record_(todo.source) {}

  // OK also for a source that could not be read: that is in the gallery and the tally then. Errors end the
  // whole scan: kInterrupted, the sink's.
  Status Run();

  // In place of Run, where something else than the source keeps it from being read: as Run does for one that
  // cannot.
  Status Fail(const Status& why);

 private:
  Status ScanUntilAtRest();
  Status ReadContent();
  Status CheckAtRest();
  Result<ScanCheckpoint> ChooseRow();
  Result<ScanCheckpoint> Checkpoint();
  Status Store(Result<int64_t> (ScanSink::*write)(const SourceRecord&));

  Status Decode(const ScanCheckpoint& from, const WantedGeometry& geometry);
  Status DecodeAgain(const WantedGeometry& geometry, const ScanTally::Reading& reading);
  Status DecodeChanged(const GeometryChange& change, const ScanTally::Reading& reading);
  Result<std::unique_ptr<FrameReader>> Open(const ReaderOptions& options);
  Result<ScanOutcome> ScanFrames(FrameReader& reader, const ScanCheckpoint& from, SourceGeometry* faces,
                                 ScanTally::Reading* reading, SourceSurvey* survey);
  Result<bool> Divide(ReaderOptions options, const FrameReader& reader, const ScanOutcome& outcome,
                      const SourceGeometry& faces);
  void ObeyControl();
  void Describe(const ScanOutcome& outcome, const FrameReader& reader);

  Status Complete();
  Status RecordFailure(const Status& why);

  ScanShared& shared_;
  PlannedScan& todo_;
  SourceRecord record_;
  std::stop_source stop_;  // of this source: the scan's, or it is skipped
  const std::stop_callback<std::function<void()>> stopped_with_all_{shared_.stop,
                                                                    [this] { stop_.request_stop(); }};
};

}  // namespace crossface
