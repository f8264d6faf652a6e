// Where a source's picture changes or shows nothing new. Part of Gallery, whose rules for threads and errors
// apply.
#pragma once

#include <optional>

#include "crossface/gallery/connection.h"
#include "crossface/select/source_marks.h"
#include "crossface/util/status.h"

namespace crossface {

class MarkStore {
 public:
  explicit MarkStore(Connection& connection) : connection_(connection) {}

  // All three REQUIRE a transaction. Begin: what comes will be all marks of the source.
  void Begin(int64_t source_id);
  void Append(int64_t source_id, const SourceMarks& marks);
  void Remove(int64_t source_id);
  // Nothing for a source whose scan began with a program that kept none. Errors: kCorrupt.
  Result<std::optional<SourceMarks>> Read(int64_t source_id);

 private:
  enum class Kind { kCut, kDark, kStill };
  void Insert(int64_t source_id, Kind kind, const MarkedSpan& span);

  Connection& connection_;
};

}  // namespace crossface
