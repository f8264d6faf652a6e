#include "crossface/export/case_people.h"

#include <unordered_map>

namespace crossface {

Result<CasePeople> ReadCasePeople(const Gallery& gallery) {
  CasePeople people;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> records, gallery.ReadPersons());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonTotals> totals, gallery.ReadPersonTotals());
  std::unordered_map<int64_t, PersonTotals> totals_of;
  for (const PersonTotals& each : totals) {
    totals_of[each.person_id] = each;
    people.counts.tracks += each.tracks;
    people.counts.faces += each.faces;
  }
  people.counts.unassigned_tracks = totals_of[0].tracks;
  CROSSFACE_ASSIGN_OR_RETURN(people.counts.unassigned_by_reason, gallery.CountUnassignedReasons());
  for (const PersonRecord& record : records) {
    const PersonTotals& own = totals_of[record.id];
    if (own.tracks == 0) continue;
    people.records.push_back(record);
    people.ranks.push_back({record.id, record.ignored, own.screen_us, own.tracks});
  }
  people.counts.persons = static_cast<int64_t>(people.records.size());
  return people;
}

}  // namespace crossface
