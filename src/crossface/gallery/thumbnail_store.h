// Small pictures of faces that reports show, kept because making them costs more than all else of a report.
// Part of Gallery, whose rules for threads and errors apply.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/records.h"

namespace crossface {

class ThumbnailStore {
 public:
  explicit ThumbnailStore(Connection& connection) : connection_(connection) {}

  Result<std::optional<std::string>> Read(int64_t face_id, int pixels, int quality);
  Status Add(const std::vector<Thumbnail>& added);
  Status Keep(const std::vector<Thumbnail>& added, const std::vector<int64_t>& shown_faces);

 private:
  void Insert(const std::vector<Thumbnail>& added);

  Connection& connection_;
};

}  // namespace crossface
