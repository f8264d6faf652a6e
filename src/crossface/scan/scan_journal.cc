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

Status WriteJournal(const std::vector<ScanEntry>& entries, ScanSink& sink) {
  int64_t new_id = 0;
  const auto real = [&](int64_t id) { return id == kIdOfNewSource ? new_id : id; };
  for (const ScanEntry& entry : entries) {
    SourceRecord source = entry.source;
    source.id = real(source.id);
    const bool is_new = entry.source.id == kIdOfNewSource;
    Result<int64_t> id = source.id;
    switch (entry.kind) {
      case Kind::kPlaces:
        CROSSFACE_RETURN_IF_ERROR(sink.WritePlaces(source));
        break;
      case Kind::kBegin:
        id = sink.BeginScan(source);
        break;
      case Kind::kWrite:
        id = sink.WriteSource(source);
        break;
      case Kind::kComplete:
        id = sink.CompleteScan(source);
        break;
      case Kind::kTracks:
        CROSSFACE_RETURN_IF_ERROR(sink.AppendTracks(source.id, entry.tracks, entry.checkpoint, entry.marks));
        break;
      case Kind::kFingerprint:
        CROSSFACE_RETURN_IF_ERROR(sink.WriteFingerprint(source.id, entry.sha256, entry.fingerprint));
        break;
    }
    CROSSFACE_RETURN_IF_ERROR(id.status());
    if (is_new) new_id = *id;
  }
  return Status();
}

}  // namespace crossface
