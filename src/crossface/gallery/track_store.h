// The gallery's tracks, faces, pictures and vectors. Part of Gallery, whose rules for threads and errors
// apply.
#pragma once

#include <string>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

// The face of a row whose columns 1 to 16 are those of `faces`, from id on. Errors: kCorrupt.
Result<FaceRecord> FaceOfRow(const Connection& connection, const Query& row);

class TrackStore {
 public:
  explicit TrackStore(Connection& connection) : connection_(connection) {}

  Status Append(int64_t source_id, const std::vector<TrackRecord>& tracks, const ScanCheckpoint& checkpoint,
                const SourceMarks& marks);
  Result<ScanCheckpoint> ReadCheckpoint(int64_t source_id);
  // REQUIRES: a transaction. Tracks, checkpoint and counts of a source.
  void RemoveScan(int64_t source_id);
  Status WriteVectors(int64_t source_id, const std::vector<TrackRecord>& tracks, const std::string& settings);
  // REQUIRES: a transaction. Keeps the counts of the sources.
  void Remove(const std::vector<int64_t>& track_ids);
  Result<std::vector<TrackRecord>> Read(Gallery::TrackParts parts);
  Result<std::vector<TrackRecord>> ReadSome(Gallery::TrackParts parts, const std::vector<int64_t>& track_ids);
  Result<TemplateKeys> ReadTemplateKeys();
  Result<std::string> ReadFacePicture(int64_t face_id);

 private:
  Result<int64_t> InsertTrack(int64_t source_id, const TrackRecord& track);
  Status InsertFace(int64_t track_id, const FaceRecord& face);
  Result<int64_t> ModelId(const FaceEmbedding& embedding);
  // Both replace vectors of the same models.
  Status InsertFaceEmbeddings(int64_t face_id, const std::vector<FaceEmbedding>& embeddings);
  Status InsertTemplates(int64_t track_id, const std::vector<FaceEmbedding>& templates);
  // Each runs a query: of all tracks, or of those whose ids are its only parameter, a JSON list.
  Result<std::vector<TrackRecord>> ReadTrackRows(Query& query);
  Status ReadFaces(Query& query, std::vector<TrackRecord>* tracks);
  Status ReadTemplates(Query& query, std::vector<TrackRecord>* tracks);
  Status ReadEmbeddings(Query& query, std::vector<TrackRecord>* tracks);

  Connection& connection_;
};

}  // namespace crossface
