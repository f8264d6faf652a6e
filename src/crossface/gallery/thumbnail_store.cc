#include "crossface/gallery/thumbnail_store.h"

namespace crossface {

Result<std::optional<std::string>> ThumbnailStore::Read(int64_t face_id, int pixels, int quality) {
  return connection_.Guarded([&]() -> Result<std::optional<std::string>> {
    Query query =
        connection_.Prepared("SELECT jpeg FROM thumbnails WHERE face_id = ? AND pixels = ? AND quality = ?");
    query.Bind(face_id, pixels, quality);
    return query.Step() ? std::optional(query.Text(0)) : std::nullopt;
  });
}

Status ThumbnailStore::Add(const std::vector<Thumbnail>& added) {
  return connection_.InTransactionOfExport([&] {
    Insert(added);
    return Status();
  });
}

Status ThumbnailStore::Keep(const std::vector<Thumbnail>& added, const std::vector<int64_t>& shown_faces) {
  const std::string shown = JsonList(shown_faces);
  return connection_.InTransactionOfExport([&] {
    connection_.Prepared("DELETE FROM thumbnails WHERE face_id NOT IN (SELECT value FROM json_each(?))")
        .Bind(shown)
        .Run();
    Insert(added);
    return Status();
  });
}

void ThumbnailStore::Insert(const std::vector<Thumbnail>& added) {
  for (const Thumbnail& each : added) {
    const std::pair<const void*, size_t> jpeg(each.jpeg.data(), each.jpeg.size());
    connection_
        .Prepared("INSERT OR REPLACE INTO thumbnails(face_id, pixels, quality, jpeg) VALUES (?, ?, ?, ?)")
        .Bind(each.face_id, each.pixels, each.quality, jpeg)
        .Run();
  }
}

}  // namespace crossface
