// What the scan of one source would write into the gallery, kept as a list: for a scan on a machine that has
// no gallery. Whoever has it writes the list into it, and cannot tell it from a scan of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crossface/scan/scan_sink.h"

namespace crossface {

struct ScanEntry {
  enum class Kind { kPlaces, kBegin, kWrite, kComplete, kTracks, kFingerprint };
  Kind kind = Kind::kPlaces;
  SourceRecord source = {};  // as it stood then; of the last two, its id alone
  std::vector<TrackRecord> tracks = {};
  ScanCheckpoint checkpoint = {};
  SourceMarks marks = {};
  std::string sha256 = {};
  Fingerprint fingerprint = {};
};

// The id in a journal of a source that the gallery has not yet.
inline constexpr int64_t kIdOfNewSource = -1;

// Of one source; not thread-safe.
class JournalSink final : public ScanSink {
 public:
  // `checkpoints`: of the rows that the scan may go on with.
  explicit JournalSink(std::map<int64_t, ScanCheckpoint> checkpoints)
      : checkpoints_(std::move(checkpoints)) {}

  Result<ScanCheckpoint> ReadCheckpoint(int64_t source_id) override;
  Status WritePlaces(const SourceRecord& source) override;
  Result<int64_t> BeginScan(const SourceRecord& source) override;
  Result<int64_t> WriteSource(const SourceRecord& source) override;
  Result<int64_t> CompleteScan(const SourceRecord& source) override;
  Status AppendTracks(int64_t source_id, const std::vector<TrackRecord>& tracks,
                      const ScanCheckpoint& checkpoint, const SourceMarks& marks) override;
  Status WriteFingerprint(int64_t source_id, const std::string& sha256,
                          const Fingerprint& fingerprint) override;
  bool failed() const override { return false; }

  // What is not undone by something later, in order. Empty from now on.
  std::vector<ScanEntry> Take() { return std::exchange(entries_, {}); }

 private:
  Result<int64_t> Note(ScanEntry::Kind kind, const SourceRecord& source);

  const std::map<int64_t, ScanCheckpoint> checkpoints_;
  std::vector<ScanEntry> entries_;
};

// Writes the entries of one journal, in order. Errors: the sink's. Not thread-safe.
class JournalWriter {
 public:
  explicit JournalWriter(ScanSink& sink) : sink_(sink) {}
  Status Write(const ScanEntry& entry);

 private:
  ScanSink& sink_;
  int64_t new_id_ = 0;
};

// Writes a journal's entries. Errors: the sink's.
Status WriteJournal(const std::vector<ScanEntry>& entries, ScanSink& sink);

}  // namespace crossface
