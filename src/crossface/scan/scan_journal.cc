#include "crossface/scan/scan_journal.h"

#include <algorithm>

namespace crossface {

using Kind = ScanEntry::Kind;

Result<int64_t> JournalSink::Note(Kind kind, const SourceRecord& source) {
  entries_.push_back({.kind = kind, .source = source});
  if (source.id == 0) entries_.back().source.id = kIdOfNewSource;
  return entries_.back().source.id;
}

// What a row holds goes when a scan of it begins.
Result<ScanCheckpoint> JournalSink::ReadCheckpoint(int64_t source_id) {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->source.id != source_id) continue;
    if (entry->kind == Kind::kTracks) return entry->checkpoint;
    if (entry->kind == Kind::kBegin) return ScanCheckpoint();
  }
  const auto known = checkpoints_.find(source_id);
  return known == checkpoints_.end() ? ScanCheckpoint() : known->second;
}

Status JournalSink::WritePlaces(const SourceRecord& source) { return Note(Kind::kPlaces, source).status(); }

Result<int64_t> JournalSink::BeginScan(const SourceRecord& source) {
  const int64_t id = source.id == 0 ? kIdOfNewSource : source.id;
  std::erase_if(entries_, [&](const ScanEntry& entry) { return entry.source.id == id; });
  return Note(Kind::kBegin, source);
}

Result<int64_t> JournalSink::WriteSource(const SourceRecord& source) { return Note(Kind::kWrite, source); }

Result<int64_t> JournalSink::CompleteScan(const SourceRecord& source) {
  return Note(Kind::kComplete, source);
}

Status JournalSink::AppendTracks(int64_t source_id, const std::vector<TrackRecord>& tracks,
                                 const ScanCheckpoint& checkpoint, const SourceMarks& marks) {
  entries_.push_back({.kind = Kind::kTracks,
                      .source = {.id = source_id},
                      .tracks = tracks,
                      .checkpoint = checkpoint,
                      .marks = marks});
  return Status();
}

Status JournalSink::WriteFingerprint(int64_t source_id, const std::string& sha256,
                                     const Fingerprint& fingerprint) {
  entries_.push_back({.kind = Kind::kFingerprint,
                      .source = {.id = source_id},
                      .sha256 = sha256,
                      .fingerprint = fingerprint});
  return Status();
}

Status JournalWriter::Write(const ScanEntry& entry) {
  const bool is_new = entry.source.id == kIdOfNewSource;
  const int64_t real = is_new ? new_id_ : entry.source.id;
  if (entry.kind == Kind::kTracks)
    return sink_.AppendTracks(real, entry.tracks, entry.checkpoint, entry.marks);
  if (entry.kind == Kind::kFingerprint) return sink_.WriteFingerprint(real, entry.sha256, entry.fingerprint);
  SourceRecord source = entry.source;
  source.id = real;
  if (entry.kind == Kind::kPlaces) return sink_.WritePlaces(source);
  const auto id = entry.kind == Kind::kBegin   ? sink_.BeginScan(source)
                  : entry.kind == Kind::kWrite ? sink_.WriteSource(source)
                                               : sink_.CompleteScan(source);
  CROSSFACE_RETURN_IF_ERROR(id.status());
  if (is_new) new_id_ = *id;
  return Status();
}

Status WriteJournal(const std::vector<ScanEntry>& entries, ScanSink& sink) {
  JournalWriter writer(sink);
  for (const ScanEntry& entry : entries) CROSSFACE_RETURN_IF_ERROR(writer.Write(entry));
  return Status();
}

}  // namespace crossface
