#include "crossface/scan/range_task.h"

#include <exception>
#include <utility>

#include "crossface/scan/scan_tally.h"
#include "crossface/scan/source_scanner.h"

namespace crossface {
namespace {

class RangeSearch {
 public:
  RangeSearch(const ScanTask& task, const ScanMeans& means, const std::stop_token& stop)
      : task_(task), range_(*task.range), means_(means), stop_(stop), pool_(task.threads) {}

  ScanFindings Run() {
    ScanFindings findings;
    Status status;
    try {
      status = Search(&findings);
    } catch (const std::exception& error) {
      status = Status(StatusCode::kInternal, error.what());
    }
    if (status.code() == StatusCode::kInterrupted) findings.status = status;
    if (!status.ok()) {
      findings.otherwise = status.message();
      findings.journal.clear();
    }
    findings.summary = tally_.Summary();
    findings.summary.frames = 0;  // the survey has counted them
    return findings;
  }

 private:
  Status Search(ScanFindings* findings) {
    ReaderOptions options;
    options.stop = stop_;
    options.geometry = GivenIn(task_.scan.settings);
    options.stop_at_larger = true;
    options.part = task_.scan.file.part;
    options.card = DecodingCard(task_.decoder, means_.models);
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, OpenRange(task_.scan.file.path, options, range_.frames));
    ScanSettings settings;
    settings.exhaustive = task_.exhaustive;
    ScanTally::Reading reading;
    ScanCallbacks callbacks;
    callbacks.stop = stop_;
    callbacks.budget = &budget_;
    callbacks.spool_folder = &means_.spool_folder;
    callbacks.meter = &tally_.meter();
    callbacks.kept = [&](const Frame& frame) { Follow(frame); };
    callbacks.position = [&](const ScanPosition& position) {
      tally_.Move(task_.scan.file.name, position, &reading);
    };
    callbacks.chunk = [&](ScanChunk chunk) {
      tally_.AddTracks(static_cast<int64_t>(chunk.tracks.size()), &reading);
      findings->journal.push_back({.kind = ScanEntry::Kind::kTracks,
                                   .tracks = std::move(chunk.tracks),
                                   .checkpoint = chunk.checkpoint,
                                   .marks = std::move(chunk.marks)});
      return Status();
    };
    const auto outcome = ScanSource(*reader, range_.from, means_.models, settings, pool_, callbacks);
    if (const auto use = reader->card_use()) tally_.NoteDecoded(task_.scan.file.name, *use);
    CROSSFACE_RETURN_IF_ERROR(outcome.status());
    return followed_ && next_ == range_.frames.marks.size()
               ? Status()
               : Status(StatusCode::kMismatch, "other frames are searched than were surveyed");
  }

  // What is searched is what was marked.
  void Follow(const Frame& frame) {
    const auto& marks = range_.frames.marks;
    followed_ = followed_ && next_ < marks.size() && marks[next_].frame == frame.index;
    ++next_;
  }

  const ScanTask& task_;
  const ScanRange& range_;
  const ScanMeans& means_;
  const std::stop_token stop_;
  ScanTally tally_;
  ByteBudget budget_{PictureBudgetBytes(task_.threads)};
  bool followed_ = true;
  size_t next_ = 0;  // of the marks
  ThreadPool pool_;  // joined first
};

}  // namespace

ScanFindings SearchRange(const ScanTask& task, const ScanMeans& means, const std::stop_token& stop) {
  return RangeSearch(task, means, stop).Run();
}

}  // namespace crossface
