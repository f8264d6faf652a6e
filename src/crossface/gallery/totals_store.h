// What tracks come to, added up by the database: looks at a large case need not read its tracks. Part of
// Gallery, whose rules for threads and errors apply.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/records.h"

namespace crossface {

class TotalsStore {
 public:
  explicit TotalsStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<PersonTotals>> ReadPersonTotals();
  Result<std::map<int64_t, int64_t>> PortraitsOf(const std::vector<int64_t>& persons);
  Result<std::map<UnassignedReason, int64_t>> CountReasons();
  Result<std::vector<int64_t>> TracksOfPersons(const std::vector<int64_t>& persons);
  Result<std::vector<int64_t>> TracksOfSources(const std::vector<int64_t>& sources);
  Result<std::vector<std::pair<int64_t, int64_t>>> ReadTracksTogether();
  Result<std::vector<std::pair<int64_t, int64_t>>> ReadTracksTogether(const std::vector<int64_t>& track_ids);

  // The totals of persons are kept. Whoever is about to change whose tracks are whose, or which tracks there
  // are, drops those of the persons concerned first; Renew makes those that lack. All REQUIRE a transaction.
  void Drop(const std::vector<int64_t>& persons);
  void DropOfTracks(const std::vector<int64_t>& tracks);
  void DropOfSource(int64_t source);
  void DropAll();
  void Renew();

 private:
  Result<PersonTotals> NobodysTotals();
  // Tracks that no grouping has seen yet.
  Result<bool> AreSomeUngrouped();
  Result<std::vector<int64_t>> ReadIds(Query& query, const std::vector<int64_t>& of);

  Connection& connection_;
};

}  // namespace crossface
