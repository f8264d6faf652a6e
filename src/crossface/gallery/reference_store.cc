#include "crossface/gallery/reference_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "crossface/gallery/file_name.h"
#include "crossface/gallery/gallery.h"

namespace crossface {
namespace {

constexpr int kMostDimensions = 65536;

bool HasPossibleNumbers(const ReferenceFace& face) {
  for (const float value :
       {face.box.x, face.box.y, face.box.width, face.box.height, face.quality, face.evidence}) {
    if (!std::isfinite(value)) return false;
  }
  return face.width >= 0 && face.height >= 0;
}

}  // namespace

Result<std::vector<ReferenceFace>> ReferenceStore::Read() {
  return connection_.InSnapshot([&]() -> Result<std::vector<ReferenceFace>> {
    std::vector<ReferenceFace> faces;
    Query query = connection_.Prepared(
        "SELECT id, name, photo, photo_sha256, photo_width, photo_height, x, y, width, height, quality, "
        "evidence, "
        "picture, time, by FROM reference_faces ORDER BY folded_name, id");
    while (query.Step()) {
      ReferenceFace face{.id = query.Integer(0),
                         .name = query.Text(1),
                         .photo = query.Text(2),
                         .photo_sha256 = query.Text(3),
                         .width = static_cast<int>(query.Integer(4)),
                         .height = static_cast<int>(query.Integer(5)),
                         .box = {query.Real(6), query.Real(7), query.Real(8), query.Real(9)},
                         .quality = query.Real(10),
                         .evidence = query.Real(11),
                         .jpeg = query.Text(12),
                         .time = query.Text(13),
                         .by = query.Text(14)};
      if (!CheckPersonName(face.name).ok() || !HasPossibleNumbers(face))
        return connection_.Damaged("a reference that there cannot be");
      faces.push_back(std::move(face));
    }
    CROSSFACE_RETURN_IF_ERROR(ReadVectors(&faces));
    return faces;
  });
}

Status ReferenceStore::ReadVectors(std::vector<ReferenceFace>* faces) {
  std::unordered_map<int64_t, ReferenceFace*> by_id;
  for (ReferenceFace& face : *faces) by_id[face.id] = &face;
  Query query = connection_.Prepared(
      "SELECT reference_id, model, model_sha256, vector FROM reference_vectors ORDER BY reference_id, model");
  while (query.Step()) {
    const auto face = by_id.find(query.Integer(0));
    const SQLite::Column blob = query.Column(3);
    const int bytes = blob.getBytes();
    if (face == by_id.end()) return connection_.Damaged("a vector that belongs to nothing");
    if (bytes <= 0 || bytes % static_cast<int>(sizeof(float)) != 0 ||
        bytes > kMostDimensions * static_cast<int>(sizeof(float)))
      return connection_.Damaged("a vector of an impossible length");
    FaceEmbedding embedding{.model = query.Text(1), .model_sha256 = query.Text(2), .vector = {}};
    embedding.vector.resize(static_cast<size_t>(bytes) / sizeof(float));
    std::memcpy(embedding.vector.data(), blob.getBlob(), static_cast<size_t>(bytes));
    face->second->vectors.push_back(std::move(embedding));
  }
  return Status();
}

Status ReferenceStore::Add(const std::vector<ReferenceFace>& faces) {
  return connection_.InTransaction([&]() -> Status {
    for (const ReferenceFace& face : faces) {
      CROSSFACE_RETURN_IF_ERROR(CheckPersonName(face.name));
      connection_
          .Prepared(
              "INSERT INTO reference_faces(name, folded_name, photo, photo_sha256, photo_width, "
              "photo_height, x, y, "
              "width, height, quality, evidence, picture, time, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
              "?, ?, "
              "?, ?)")
          .Bind(face.name, CaseFolded(face.name), face.photo, face.photo_sha256, face.width, face.height,
                face.box.x, face.box.y, face.box.width, face.box.height, face.quality, face.evidence,
                std::pair<const void*, size_t>(face.jpeg.data(), face.jpeg.size()), face.time, face.by)
          .Run();
      const int64_t id = connection_.LastId();
      for (const FaceEmbedding& embedding : face.vectors) {
        const std::pair<const void*, size_t> blob(embedding.vector.data(),
                                                  embedding.vector.size() * sizeof(float));
        connection_
            .Prepared(
                "INSERT OR REPLACE INTO reference_vectors(reference_id, model, model_sha256, vector) VALUES "
                "(?, ?, "
                "?, ?)")
            .Bind(id, embedding.model, embedding.model_sha256, blob)
            .Run();
      }
    }
    return Status();
  });
}

Result<int64_t> ReferenceStore::Remove(const std::string& name) {
  return connection_.InTransaction([&]() -> Result<int64_t> { return Delete(name); });
}

int64_t ReferenceStore::Delete(const std::string& name) {
  const std::string folded = CaseFolded(name);
  int64_t count = 0;
  {
    Query query = connection_.Prepared("SELECT count(*) FROM reference_faces WHERE folded_name = ?");
    query.Bind(folded);
    if (query.Step()) count = query.Integer(0);
  }
  connection_.Prepared("DELETE FROM reference_faces WHERE folded_name = ?").Bind(folded).Run();
  return count;
}

}  // namespace crossface
