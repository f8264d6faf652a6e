#include "crossface/gallery/track_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/mark_store.h"
#include "crossface/gallery/source_store.h"
#include "crossface/gallery/tracks_together.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are stored as little-endian float32");

// The queries of all tracks and of some share their columns. Macros, because a statement is known by the
// address of its literal.
#define TRACKS_SQL                                                                                     \
  "SELECT tracks.id, source_id, number, shot, start_us, end_us, quality, may_form, evidence, reason, " \
  "tracks.faces FROM tracks JOIN sources ON sources.id = source_id "
#define ORDER_OF_TRACKS "ORDER BY sources.name, number"
#define FACES_SQL                                                                                          \
  "SELECT track_id, id, number, frame, pts, time_us, duration_us, x, y, width, height, score, landmarks, " \
  "seen_by, looked, quality, jpeg_bytes FROM faces "
#define EMBEDDINGS_SQL "SELECT face_id, model_id, vector, norm FROM face_embeddings "
#define TEMPLATES_SQL "SELECT track_id, model_id, vector, 0 FROM templates "
// Scans that are not complete and will replace others are nobody's business yet.
#define INCOMPLETE_TRACKS \
  "(SELECT id FROM tracks WHERE source_id IN (SELECT id FROM sources WHERE replaces IS NOT NULL)) "
#define LISTED_IDS "(SELECT value FROM json_each(?)) "

using Blob = std::pair<const void*, size_t>;

Blob AsBlob(const std::vector<float>& vector) { return {vector.data(), vector.size() * sizeof(float)}; }

// Copies a blob of floats; false when it has another size.
bool ReadFloats(const SQLite::Column& column, float* values, size_t count) {
  const void* bytes = column.getBlob();
  if (static_cast<size_t>(column.getBytes()) != count * sizeof(float)) return false;
  if (count > 0) std::memcpy(values, bytes, count * sizeof(float));
  return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

// Vectors have hundreds.
constexpr size_t kMostDimensions = 1 << 16;

struct Model {
  std::string name, sha256;
  size_t dimensions = 0;
};

std::unordered_map<int64_t, Model> ReadModels(Connection& connection) {
  std::unordered_map<int64_t, Model> models;
  Query query = connection.Prepared("SELECT id, name, sha256, dimensions FROM models");
  while (query.Step()) {
    models[query.Integer(0)] = {query.Text(1), query.Text(2), static_cast<size_t>(query.Integer(3))};
  }
  return models;
}

// `query` gives rows of owner, model, vector, norm; `list_of` the list that an owner's vectors go to, or
// null.
template <typename ListOf>
Status ReadVectors(Connection& connection, Query& query, ListOf list_of) {
  const std::unordered_map<int64_t, Model> models = ReadModels(connection);
  while (query.Step()) {
    std::vector<FaceEmbedding>* list = list_of(query.Integer(0));
    const auto model = models.find(query.Integer(1));
    if (list == nullptr || model == models.end())
      return connection.Damaged("a vector that belongs to nothing");
    if (model->second.dimensions < 1 || model->second.dimensions > kMostDimensions)
      return connection.Damaged("a model with vectors of an impossible length");
    FaceEmbedding embedding{model->second.name, model->second.sha256,
                            std::vector<float>(model->second.dimensions), query.Real(3)};
    if (!ReadFloats(query.Column(2), embedding.vector.data(), embedding.vector.size())) {
      return connection.Damaged("a vector of the wrong length");
    }
    list->push_back(std::move(embedding));
  }
  return Status();
}

std::unordered_map<int64_t, TrackRecord*> ById(std::vector<TrackRecord>& tracks) {
  std::unordered_map<int64_t, TrackRecord*> by_id;
  for (TrackRecord& track : tracks) by_id[track.id] = &track;
  return by_id;
}

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

Result<std::vector<TrackRecord>> TrackStore::Read(Gallery::TrackParts parts) {
  return connection_.InSnapshot([&]() -> Result<std::vector<TrackRecord>> {
    Query rows = connection_.Prepared(TRACKS_SQL "WHERE replaces IS NULL " ORDER_OF_TRACKS);
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, ReadTrackRows(rows));
    if (parts.faces || parts.embeddings) {
      // Ids grow with the numbers within a track: one pass in the order of the table.
      Query query = connection_.Prepared(FACES_SQL "WHERE track_id NOT IN " INCOMPLETE_TRACKS "ORDER BY id");
      CROSSFACE_RETURN_IF_ERROR(ReadFaces(query, &tracks));
    }
    if (parts.embeddings) {
      Query query = connection_.Prepared(
          EMBEDDINGS_SQL "WHERE face_id NOT IN (SELECT id FROM faces WHERE track_id IN " INCOMPLETE_TRACKS
                         ") ORDER BY rowid");
      CROSSFACE_RETURN_IF_ERROR(ReadEmbeddings(query, &tracks));
    }
    if (parts.templates) {
      Query query =
          connection_.Prepared(TEMPLATES_SQL "WHERE track_id NOT IN " INCOMPLETE_TRACKS "ORDER BY rowid");
      CROSSFACE_RETURN_IF_ERROR(ReadTemplates(query, &tracks));
    }
    return tracks;
  });
}

Result<std::vector<TrackRecord>> TrackStore::ReadSome(Gallery::TrackParts parts,
                                                      const std::vector<int64_t>& track_ids) {
  const std::string ids = JsonList(track_ids);
  return connection_.InSnapshot([&]() -> Result<std::vector<TrackRecord>> {
    Query rows = connection_.Prepared(TRACKS_SQL "WHERE tracks.id IN " LISTED_IDS ORDER_OF_TRACKS);
    rows.Bind(ids);
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, ReadTrackRows(rows));
    if (parts.faces || parts.embeddings) {
      Query query = connection_.Prepared(FACES_SQL "WHERE track_id IN " LISTED_IDS "ORDER BY id");
      query.Bind(ids);
      CROSSFACE_RETURN_IF_ERROR(ReadFaces(query, &tracks));
    }
    if (parts.embeddings) {
      Query query = connection_.Prepared(
          EMBEDDINGS_SQL "WHERE face_id IN (SELECT id FROM faces WHERE track_id IN " LISTED_IDS
                         ") ORDER BY rowid");
      query.Bind(ids);
      CROSSFACE_RETURN_IF_ERROR(ReadEmbeddings(query, &tracks));
    }
    if (parts.templates) {
      Query query = connection_.Prepared(TEMPLATES_SQL "WHERE track_id IN " LISTED_IDS "ORDER BY rowid");
      query.Bind(ids);
      CROSSFACE_RETURN_IF_ERROR(ReadTemplates(query, &tracks));
    }
    return tracks;
  });
}

Result<TemplateKeys> TrackStore::ReadTemplateKeys() {
  return connection_.InSnapshot([&]() -> Result<TemplateKeys> {
    TemplateKeys read;
    std::unordered_map<int64_t, size_t> position;
    for (auto& [id, model] : ReadModels(connection_)) {
      position[id] = read.models.size();
      read.models.push_back(
          {std::move(model.name), std::move(model.sha256), static_cast<int>(model.dimensions)});
    }
    // The index has all three: the vectors are not touched.
    Query query = connection_.Prepared(
        "SELECT track_id, model_id, rowid FROM templates WHERE track_id NOT IN " INCOMPLETE_TRACKS
        "ORDER BY track_id, model_id");
    while (query.Step()) {
      const auto model = position.find(query.Integer(1));
      if (model == position.end()) return connection_.Damaged("a vector that belongs to nothing");
      read.keys.push_back({query.Integer(0), model->second, query.Integer(2)});
    }
    return read;
  });
}

Result<std::vector<TrackRecord>> TrackStore::ReadTrackRows(Query& query) {
  std::vector<TrackRecord> tracks;
  while (query.Step()) {
    TrackRecord track;
    track.id = query.Integer(0);
    track.source_id = query.Integer(1);
    track.number = query.Integer(2);
    track.shot = query.Integer(3);
    track.start_us = query.Integer(4);
    track.end_us = query.Integer(5);
    track.quality = query.Real(6);
    track.may_form = query.Integer(7) != 0;
    track.evidence = query.Real(8);
    const auto reason = ParseUnassignedReason(query.Text(9));
    if (!reason) return connection_.Damaged("a reason that there is not");
    track.reason = *reason;
    track.face_count = query.Integer(10);
    tracks.push_back(std::move(track));
  }
  return tracks;
}

Result<FaceRecord> FaceOfRow(const Connection& connection, const Query& row) {
  FaceRecord face;
  face.id = row.Integer(1);
  face.number = row.Integer(2);
  face.frame = row.Integer(3);
  face.pts = row.Integer(4);
  face.time_us = row.Integer(5);
  face.duration_us = row.Integer(6);
  face.detection.box = {row.Real(7), row.Real(8), row.Real(9), row.Real(10)};
  face.detection.score = row.Real(11);
  float points[10];
  if (!ReadFloats(row.Column(12), points, 10)) return connection.Damaged("landmarks of the wrong length");
  for (size_t i = 0; i < 5; ++i) face.detection.landmarks[i] = {points[2 * i], points[2 * i + 1]};
  face.detection.seen_by = DetectorSet(static_cast<uint32_t>(row.Integer(13)));
  face.detection.looked = DetectorSet(static_cast<uint32_t>(row.Integer(14)));
  face.quality = row.Real(15);
  face.jpeg_bytes = row.Integer(16);
  CROSSFACE_RETURN_IF_ERROR(CheckStoredFace(face));
  return face;
}

Status TrackStore::ReadFaces(Query& query, std::vector<TrackRecord>* tracks) {
  const auto by_id = ById(*tracks);
  while (query.Step()) {
    const auto track = by_id.find(query.Integer(0));
    if (track == by_id.end()) return connection_.Damaged("a face without a track");
    CROSSFACE_ASSIGN_OR_RETURN(FaceRecord face, FaceOfRow(connection_, query));
    track->second->faces.push_back(std::move(face));
  }
  return Status();
}

Status TrackStore::ReadEmbeddings(Query& query, std::vector<TrackRecord>* tracks) {
  std::unordered_map<int64_t, FaceRecord*> by_id;
  for (TrackRecord& track : *tracks) {
    for (FaceRecord& face : track.faces) by_id[face.id] = &face;
  }
  return ReadVectors(connection_, query, [&](int64_t id) {
    const auto face = by_id.find(id);
    return face == by_id.end() ? nullptr : &face->second->embeddings;
  });
}

Status TrackStore::ReadTemplates(Query& query, std::vector<TrackRecord>* tracks) {
  const auto by_id = ById(*tracks);
  return ReadVectors(connection_, query, [&](int64_t id) {
    const auto track = by_id.find(id);
    return track == by_id.end() ? nullptr : &track->second->templates;
  });
}

Result<std::string> TrackStore::ReadFacePicture(int64_t face_id) {
  return connection_.Guarded([&]() -> Result<std::string> {
    Query query = connection_.Prepared("SELECT jpeg FROM face_pictures WHERE face_id = ?");
    query.Bind(face_id);
    if (!query.Step()) {
      return Status(StatusCode::kNotFound,
                    fmt::format("no face {} in {}", face_id, DisplayPath(connection_.path())));
    }
    return query.Text(0);
  });
}

}  // namespace crossface
