#include "crossface/gallery/correction_store.h"

#include <fmt/format.h>

#include <stdexcept>

#include "crossface/gallery/case_guard.h"

namespace crossface {

Result<std::vector<CorrectionRecord>> CorrectionStore::Read() {
  return connection_.Guarded([&]() -> Result<std::vector<CorrectionRecord>> {
    std::vector<CorrectionRecord> corrections;
    Query query = connection_.Prepared("SELECT id, time, verb, body, looks FROM corrections ORDER BY id");
    while (query.Step()) {
      corrections.push_back({query.Integer(0), query.Text(1), query.Text(2), query.Text(3), query.Text(4)});
      CROSSFACE_RETURN_IF_ERROR(CheckStoredCorrection(corrections.back()));
    }
    return corrections;
  });
}

Result<std::vector<CorrectionRecord>> CorrectionStore::ReadWithoutLooks() {
  return connection_.Guarded([&]() -> Result<std::vector<CorrectionRecord>> {
    std::vector<CorrectionRecord> corrections;
    Query query = connection_.Prepared("SELECT id, time, verb, body FROM corrections ORDER BY id");
    while (query.Step()) {
      corrections.push_back({query.Integer(0), query.Text(1), query.Text(2), query.Text(3), ""});
      CROSSFACE_RETURN_IF_ERROR(CheckStoredCorrection(corrections.back()));
    }
    return corrections;
  });
}

Result<std::string> CorrectionStore::ReadLooks(int64_t correction_id) {
  return connection_.Guarded([&]() -> Result<std::string> {
    Query query = connection_.Prepared("SELECT looks FROM corrections WHERE id = ?");
    query.Bind(correction_id);
    CorrectionRecord record{.id = correction_id};
    if (query.Step()) record.looks = query.Text(0);
    CROSSFACE_RETURN_IF_ERROR(CheckStoredCorrection(record));
    return std::move(record.looks);
  });
}

Result<std::vector<FoundTrack>> CorrectionStore::ReadFound() {
  return connection_.Guarded([&]() -> Result<std::vector<FoundTrack>> {
    std::vector<FoundTrack> found;
    Query query = connection_.Prepared(
        "SELECT correction_id, found_tracks.number, track_id, source_id, name, sha256, part FROM "
        "found_tracks "
        "JOIN tracks ON tracks.id = track_id JOIN sources ON sources.id = source_id WHERE replaces IS NULL "
        "ORDER BY correction_id, found_tracks.number");
    while (query.Step())
      found.push_back({query.Integer(0), query.Integer(1), query.Integer(2), query.Integer(3), query.Text(4),
                       query.Text(5), query.Text(6)});
    return found;
  });
}

Status CorrectionStore::KeepFound(const std::vector<FoundTrack>& found) {
  return connection_.InTransactionOfExport([&] {
    for (const FoundTrack& each : found) InsertFound(each);
    return Status();
  });
}

void CorrectionStore::InsertFound(const FoundTrack& found) {
  connection_
      .Prepared("INSERT OR REPLACE INTO found_tracks(correction_id, number, track_id) VALUES (?, ?, ?)")
      .Bind(found.correction_id, found.number, found.track_id)
      .Run();
}

Result<int64_t> CorrectionStore::NextId() {
  return connection_.Guarded([&]() -> Result<int64_t> {
    Query query = connection_.Prepared("SELECT seq FROM sqlite_sequence WHERE name = 'corrections'");
    return query.Step() ? query.Integer(0) + 1 : 1;
  });
}

Status CorrectionStore::Append(const CorrectionRecord& correction) {
  CROSSFACE_ASSIGN_OR_RETURN(const int64_t next, NextId());
  if (correction.id != next)
    throw std::logic_error(fmt::format("correction {} is appended where {} is due", correction.id, next));
  connection_.Prepared("INSERT INTO corrections(id, time, verb, body, looks) VALUES (?, ?, ?, ?, ?)")
      .Bind(correction.id, correction.time, correction.verb, correction.body, correction.looks)
      .Run();
  for (size_t i = 0; i < correction.tracks.size(); ++i) {
    if (correction.tracks[i] != 0)
      InsertFound({.correction_id = correction.id,
                   .number = static_cast<int64_t>(i),
                   .track_id = correction.tracks[i]});
  }
  return Status();
}

Status CorrectionStore::Replace(const std::vector<CorrectionRecord>& corrections) {
  for (const CorrectionRecord& correction : corrections) {
    connection_.Prepared("UPDATE corrections SET body = ?, looks = ? WHERE id = ?")
        .Bind(correction.body, correction.looks, correction.id)
        .Run();
    connection_.Prepared("DELETE FROM found_tracks WHERE correction_id = ?").Bind(correction.id).Run();
  }
  return Status();
}

}  // namespace crossface
