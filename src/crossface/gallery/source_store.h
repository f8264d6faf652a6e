// The gallery's sources, and scans that will take their place. Part of Gallery, whose rules for threads and
// errors apply.
#pragma once

#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

// REQUIRES: a transaction. What is known of sources and their tracks is another than before (kSourcesFact).
void CountSourcesWritten(Connection& connection);

class SourceStore {
 public:
  explicit SourceStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<SourceRecord>> Read();
  Result<std::vector<SourceRecord>> ReadSome(const std::vector<int64_t>& ids,
                                             const std::vector<std::string>& sha256s);
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
