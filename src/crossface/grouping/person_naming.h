// Which persons of the case the clusters of a grouping are: numbers, names and confirmed tracks. Not
// thread-safe.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "crossface/cluster/persons/clusterer.h"
#include "crossface/curation/curation_state.h"

namespace crossface {

// The persons of an answer, after the corrections have had the last word.
class PersonNaming {
 public:
  // Both must outlive it; `answer` changes where corrections say otherwise.
  PersonNaming(const CurationState& state, ClusterAnswer* answer) : state_(state), answer_(*answer) {}

  // By cluster; id 0 for new ones, whose names are empty.
  std::vector<PersonRecord> Name();

  // Those of a grouping that was added to: who has the tracks that it had is as coherent as it was, and what
  // was suggested of such persons is suggested still.
  std::vector<Gallery::NewSuggestion> KeepWhatIsUnchanged(const std::vector<SuggestionRecord>& suggestions,
                                                          const std::map<int64_t, float>& cohesion,
                                                          std::vector<PersonRecord>* persons) const;

 private:
  void ObeyPins();
  void NameCurated();
  void NameOthers();
  void TellCohesion(const std::vector<int>& proposed);

  const CurationState& state_;
  ClusterAnswer& answer_;
  std::map<int64_t, int> cluster_of_;  // curated person -> its cluster
  std::vector<PersonRecord> persons_;
  std::set<int64_t> taken_;
};

}  // namespace crossface
