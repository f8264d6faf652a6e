// The reading half of TrackStore.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/track_store.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

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
