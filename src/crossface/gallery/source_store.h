// The gallery's sources, and scans that will take their place. Part of Gallery, whose rules for threads and
// errors apply.
#pragma once

#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

class SourceStore {
 public:
  explicit SourceStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<SourceRecord>> Read();
  Result<std::vector<SourceRecord>> ReadRescans();
  // All that follow: REQUIRES a transaction.
  int64_t Put(const SourceRecord& source);
  void Place(const std::vector<SourceRecord>& sources);
  // The re-scan `id` becomes the source that it replaces.
  void TakePlace(int64_t id, int64_t replaced);

 private:
  Result<std::vector<SourceRecord>> ReadRows(Query& query);
  void PutPlaces(int64_t id, const SourceRecord& source);

  Connection& connection_;
};

}  // namespace crossface
