// Looks at the people of a case: all of them, and one of them. What tracks come to is added up by the
// gallery, so that a look costs as much as it shows. Pages have a stable order: whoever turns them meets
// everybody once, as long as nothing is written between.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crossface/curation/appearance.h"
#include "crossface/curation/curation_event.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

struct CurationState;

struct Page {
  size_t first = 0, most = std::numeric_limits<size_t>::max();
};

struct ListedPerson {
  int64_t id = 0;
  PersonFacts facts;
  PersonTotals totals;
  std::optional<float> cohesion;
  int64_t confirmed = 0;  // tracks
};

struct PeoplePage {
  std::vector<ListedPerson> persons;  // seen longest first, then by number
  size_t all = 0;                     // how many there are
  int64_t unassigned_tracks = 0;
  std::map<UnassignedReason, int64_t> unassigned_by_reason;
  std::vector<std::string> warnings;  // of the corrections
};
Result<PeoplePage> ListPeople(const Gallery& gallery, Page page = {});
// All of them, without cohesion, which costs reading whose every track is. `state`: CurationState::ReadMeant.
Result<PeoplePage> ListEverybody(const Gallery& gallery, const CurationState& state);

struct PersonAppearances {
  ListedPerson person;
  std::vector<Appearance> appearances;  // by source name and track number; as many as the page has
  std::vector<std::string> warnings;    // of the corrections
};
// `person` as FindPerson takes it. Errors: also those of FindPerson.
Result<PersonAppearances> ShowPerson(const Gallery& gallery, const std::string& person, Page page = {});

}  // namespace crossface
