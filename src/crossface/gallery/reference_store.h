// Known people's faces. Part of Gallery, whose rules for threads and errors apply.
#pragma once

#include <string>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/reference_face.h"

namespace crossface {

class ReferenceStore {
 public:
  explicit ReferenceStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<ReferenceFace>> Read();  // by name and id
  Status Add(const std::vector<ReferenceFace>& faces);
  Result<int64_t> Remove(const std::string& name);
  // Inside a transaction.
  int64_t Delete(const std::string& name);

 private:
  Status ReadVectors(std::vector<ReferenceFace>* faces);

  Connection& connection_;
};

}  // namespace crossface
