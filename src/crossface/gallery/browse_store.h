// What pages show of a case, a stretch at a time: faces with whose they are, best faces, and how far the case
// has come. Part of Gallery, whose rules for threads and errors apply.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/records.h"

namespace crossface {

class BrowseStore {
 public:
  explicit BrowseStore(Connection& connection) : connection_(connection) {}

  Result<CaseTide> ReadTide();
  Result<int64_t> CountFaces(const FacesAsked& asked);
  Result<std::vector<ListedFace>> ListFaces(const FacesAsked& asked, int64_t first, int64_t most);
  Result<std::optional<ListedFace>> FindFace(int64_t face_id);
  Result<std::map<int64_t, int64_t>> BestFacesOfTracks(const std::vector<int64_t>& track_ids);
  Result<std::vector<FirstSeen>> ReadFirstSeen();
  Result<std::vector<FirstSeen>> ReadFirstSeen(const std::vector<int64_t>& person_ids);
  Result<std::vector<TogetherWith>> ReadTogetherWith(int64_t person_id);
  // REQUIRES: a transaction. The grouping of this moment is another one than before.
  void CountGrouping();

 private:
  Result<std::vector<ListedFace>> ReadRows(Query& query);
  static std::vector<FirstSeen> ReadFirst(Query& query);

  Connection& connection_;
};

}  // namespace crossface
