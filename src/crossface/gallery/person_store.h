// The gallery's persons: their names and which tracks are theirs. Part of Gallery, whose rules for threads
// and errors apply.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

class PersonStore {
 public:
  explicit PersonStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<PersonRecord>> ReadPersons();
  Result<std::map<int64_t, float>> ReadCohesion();
  Result<std::map<int64_t, float>> ReadCohesion(const std::vector<int64_t>& persons);
  Result<std::vector<Assignment>> ReadAssignments();
  Result<std::vector<Assignment>> ReadAssignments(const std::vector<int64_t>& track_ids);
  // REQUIRES: a transaction.
  Result<std::vector<int64_t>> ReplaceGrouping(const std::vector<PersonRecord>& persons,
                                               const std::vector<Gallery::NewAssignment>& assignments);
  Status Rename(int64_t person_id, const std::string& name);
  Result<int64_t> NextId();
  // REQUIRES: a transaction.
  Status Change(const GroupingChange& change);

 private:
  Result<std::vector<Assignment>> ReadRows(Query& query);
  // A hash of the ids of each person's tracks. `query` gives person and track, by both.
  static std::map<int64_t, std::string> TracksHashes(Query& query);
  std::map<int64_t, float> KnownCohesion(const std::map<int64_t, std::string>& tracks_hashes);
  void WriteCohesion(const std::vector<PersonRecord>& persons, const std::vector<int64_t>& ids);
  Status RemoveAllBut(const std::vector<PersonRecord>& persons);
  Status Insert(int64_t person_id);
  // `sql` takes track, person (0: nobody), confidence and reason.
  void WriteAssignment(const Assignment& assignment, const char* sql);
  Status SetFacts(const PersonRecord& person);
  Status SetName(int64_t person_id, const std::string& name);

  Connection& connection_;
};

}  // namespace crossface
