#include "crossface/gallery/track_store.h"

#include <fmt/format.h>

#include <bit>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/mark_store.h"
#include "crossface/gallery/source_store.h"
#include "crossface/gallery/tracks_together.h"

namespace crossface {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are stored as little-endian float32");

using Blob = std::pair<const void*, size_t>;

Blob AsBlob(const std::vector<float>& vector) { return {vector.data(), vector.size() * sizeof(float)}; }

}  // namespace

Status TrackStore::Append(int64_t source_id, const std::vector<TrackRecord>& tracks,
                          const ScanCheckpoint& checkpoint, const SourceMarks& marks) {
  return connection_.InTransaction([&]() -> Status {
    int64_t faces = 0;
    std::vector<int64_t> ids;
    for (const TrackRecord& track : tracks) {
      CROSSFACE_ASSIGN_OR_RETURN(ids.emplace_back(), InsertTrack(source_id, track));
      faces += static_cast<int64_t>(track.faces.size());
    }
    CountSourcesWritten(connection_);
    MarkStore(connection_).Append(source_id, marks);
    // No track goes on over a checkpoint: who shares a frame with them is among them.
    for (const auto& [one, other] : SeenTogether(tracks)) {
      connection_.Prepared("INSERT INTO tracks_together(track_id, other_id) VALUES (?, ?)")
          .Bind(ids[one], ids[other])
          .Run();
    }
    connection_.Prepared("UPDATE sources SET faces = faces + ?, tracks = tracks + ? WHERE id = ?")
        .Bind(faces, static_cast<int64_t>(tracks.size()), source_id)
        .Run();
    const SelectCounts& counts = checkpoint.counts;
    connection_
        .Prepared(
            "INSERT OR REPLACE INTO checkpoints(source_id, next_frame, next_shot, next_track, decoded, dark, "
            "still, paced, "
            "kept, cuts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .Bind(source_id, checkpoint.next_frame, checkpoint.next_shot, checkpoint.next_track, counts.decoded,
              counts.dark, counts.still, counts.paced, counts.kept, counts.cuts)
        .Run();
    return Status();
  });
}

Result<int64_t> TrackStore::InsertTrack(int64_t source_id, const TrackRecord& track) {
  connection_
      .Prepared(
          "INSERT INTO tracks(source_id, number, shot, start_us, end_us, quality, may_form, evidence, "
          "reason, faces) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(source_id, track.number, track.shot, track.start_us, track.end_us, track.quality,
            track.may_form ? 1 : 0, track.evidence, std::string(UnassignedReasonName(track.reason)),
            static_cast<int64_t>(track.faces.size()))
      .Run();
  const int64_t track_id = connection_.LastId();
  for (const FaceRecord& face : track.faces) CROSSFACE_RETURN_IF_ERROR(InsertFace(track_id, face));
  CROSSFACE_RETURN_IF_ERROR(InsertTemplates(track_id, track.templates));
  return track_id;
}

Status TrackStore::InsertFace(int64_t track_id, const FaceRecord& face) {
  const Detection& seen = face.detection;
  CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, PictureOf(face));
  static_assert(sizeof(Landmarks) == 10 * sizeof(float));
  connection_
      .Prepared(
          "INSERT INTO faces(track_id, number, frame, pts, time_us, duration_us, x, y, width, height, score, "
          "landmarks, seen_by, looked, quality, jpeg_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
          "?, ?, ?)")
      .Bind(track_id, face.number, face.frame, face.pts, face.time_us, face.duration_us, seen.box.x,
            seen.box.y, seen.box.width, seen.box.height, seen.score,
            Blob(seen.landmarks.data(), sizeof(Landmarks)), static_cast<int64_t>(seen.seen_by.bits()),
            static_cast<int64_t>(seen.looked.bits()), face.quality, static_cast<int64_t>(jpeg.size()))
      .Run();
  const int64_t face_id = connection_.LastId();
  connection_.Prepared("INSERT INTO face_pictures(face_id, jpeg) VALUES (?, ?)")
      .Bind(face_id, Blob(jpeg.data(), jpeg.size()))
      .Run();
  return InsertFaceEmbeddings(face_id, face.embeddings);
}

Result<int64_t> TrackStore::ModelId(const FaceEmbedding& embedding) {
  const auto dimensions = static_cast<int64_t>(embedding.vector.size());
  {
    Query query = connection_.Prepared("SELECT id, dimensions FROM models WHERE name = ? AND sha256 = ?");
    query.Bind(embedding.model, embedding.model_sha256);
    if (query.Step()) {
      if (query.Integer(1) != dimensions) {
        return Status(StatusCode::kInvalidArgument,
                      fmt::format("{} gave vectors of {} and of {} numbers", embedding.model,
                                  query.Integer(1), dimensions));
      }
      return query.Integer(0);
    }
  }
  connection_.Prepared("INSERT INTO models(name, sha256, dimensions) VALUES (?, ?, ?)")
      .Bind(embedding.model, embedding.model_sha256, dimensions)
      .Run();
  return connection_.LastId();
}

Status TrackStore::InsertFaceEmbeddings(int64_t face_id, const std::vector<FaceEmbedding>& embeddings) {
  for (const FaceEmbedding& embedding : embeddings) {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t model, ModelId(embedding));
    connection_
        .Prepared(
            "INSERT OR REPLACE INTO face_embeddings(face_id, model_id, vector, norm) VALUES (?, ?, ?, ?)")
        .Bind(face_id, model, AsBlob(embedding.vector), embedding.norm)
        .Run();
  }
  return Status();
}

Status TrackStore::InsertTemplates(int64_t track_id, const std::vector<FaceEmbedding>& templates) {
  for (const FaceEmbedding& embedding : templates) {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t model, ModelId(embedding));
    connection_.Prepared("INSERT OR REPLACE INTO templates(track_id, model_id, vector) VALUES (?, ?, ?)")
        .Bind(track_id, model, AsBlob(embedding.vector))
        .Run();
  }
  return Status();
}

Status TrackStore::WriteVectors(int64_t source_id, const std::vector<TrackRecord>& tracks,
                                const std::string& settings) {
  return connection_.InTransaction([&]() -> Status {
    CountSourcesWritten(connection_);
    // They may look otherwise to other models: what corrections mean has to be found again.
    connection_
        .Prepared("DELETE FROM found_tracks WHERE track_id IN (SELECT id FROM tracks WHERE source_id = ?)")
        .Bind(source_id)
        .Run();
    for (const TrackRecord& track : tracks) {
      for (const FaceRecord& face : track.faces) {
        CROSSFACE_RETURN_IF_ERROR(InsertFaceEmbeddings(face.id, face.embeddings));
      }
      CROSSFACE_RETURN_IF_ERROR(InsertTemplates(track.id, track.templates));
    }
    connection_.Prepared("INSERT OR IGNORE INTO scan_settings(text) VALUES (?)").Bind(settings).Run();
    connection_
        .Prepared(
            "UPDATE sources SET settings_id = (SELECT id FROM scan_settings WHERE text = ?) WHERE id = ?")
        .Bind(settings, source_id)
        .Run();
    return Status();
  });
}

void TrackStore::Remove(const std::vector<int64_t>& track_ids) {
  CountSourcesWritten(connection_);
  for (const int64_t id : track_ids) {
    connection_
        .Prepared(
            "UPDATE sources SET tracks = tracks - 1, faces = faces - (SELECT count(*) FROM faces WHERE "
            "track_id "
            "= ?1) WHERE id = (SELECT source_id FROM tracks WHERE id = ?1)")
        .Bind(id)
        .Run();
    connection_.Prepared("DELETE FROM tracks WHERE id = ?").Bind(id).Run();
  }
}

Result<ScanCheckpoint> TrackStore::ReadCheckpoint(int64_t source_id) {
  return connection_.Guarded([&]() -> Result<ScanCheckpoint> {
    Query query = connection_.Prepared(
        "SELECT next_frame, next_shot, next_track, decoded, dark, still, paced, kept, cuts FROM checkpoints "
        "WHERE source_id = ?");
    query.Bind(source_id);
    ScanCheckpoint checkpoint;
    if (!query.Step()) return checkpoint;
    checkpoint.next_frame = query.Integer(0);
    checkpoint.next_shot = query.Integer(1);
    checkpoint.next_track = query.Integer(2);
    checkpoint.counts = {.decoded = query.Integer(3),
                         .dark = query.Integer(4),
                         .still = query.Integer(5),
                         .paced = query.Integer(6),
                         .kept = query.Integer(7),
                         .cuts = query.Integer(8)};
    return checkpoint;
  });
}

void TrackStore::RemoveScan(int64_t source_id) {
  CountSourcesWritten(connection_);
  connection_.Prepared("DELETE FROM tracks WHERE source_id = ?").Bind(source_id).Run();
  connection_.Prepared("DELETE FROM checkpoints WHERE source_id = ?").Bind(source_id).Run();
  MarkStore(connection_).Remove(source_id);
  connection_.Prepared("UPDATE sources SET faces = 0, tracks = 0 WHERE id = ?").Bind(source_id).Run();
}

}  // namespace crossface
