#include "crossface/gallery/correction_store.h"

#include <fmt/format.h>

#include <set>
#include <stdexcept>
#include <unordered_map>

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

Result<FoundTracks> CorrectionStore::ReadFound() {
  return connection_.Guarded([&]() -> Result<FoundTracks> {
    // Each table in its own order: a join would look tracks up as corrections name them, all over the file.
    std::unordered_map<int64_t, int64_t> source_of;
    std::set<int64_t> sources;
    Query tracks = connection_.Prepared(
        "SELECT id, source_id FROM tracks WHERE id IN (SELECT track_id FROM found_tracks) AND source_id NOT "
        "IN (SELECT id FROM sources WHERE replaces IS NOT NULL)");
    while (tracks.Step()) {
      source_of[tracks.Integer(0)] = tracks.Integer(1);
      sources.insert(tracks.Integer(1));
    }
    FoundTracks found;
    Query meant = connection_.Prepared(
        "SELECT correction_id, number, track_id FROM found_tracks ORDER BY correction_id, number");
    while (meant.Step()) {
      if (const auto track = source_of.find(meant.Integer(2)); track != source_of.end())
        found.tracks.push_back({meant.Integer(0), meant.Integer(1), track->first, track->second});
    }
    const std::string ids = JsonList(sources);
    Query named = connection_.Prepared(
        "SELECT id, name, sha256, part FROM sources WHERE id IN (SELECT value FROM json_each(?))");
    named.Bind(ids);
    while (named.Step()) found.sources[named.Integer(0)] = {named.Text(1), named.Text(2), named.Text(3)};
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
