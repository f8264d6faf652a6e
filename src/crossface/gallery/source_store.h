// The gallery's sources. Part of Gallery, whose rules for threads and errors apply.
#pragma once

#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

class SourceStore {
 public:
  explicit SourceStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<SourceRecord>> Read();
  Result<int64_t> Write(const SourceRecord& source);

 private:
  Connection& connection_;
};

}  // namespace crossface
