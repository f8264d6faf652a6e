#include "crossface/gallery/totals_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "crossface/util/text.h"

namespace crossface {
namespace {

// Scans that are not complete and will replace others are nobody's business yet.
#define OF_COMPLETE_SCANS "source_id NOT IN (SELECT id FROM sources WHERE replaces IS NOT NULL) "

}  // namespace

Result<std::vector<PersonTotals>> TotalsStore::ReadPersonTotals() {
  return connection_.Guarded([&]() -> Result<std::vector<PersonTotals>> {
    std::vector<PersonTotals> totals;
    Query query = connection_.Prepared(
        "SELECT coalesce(person_id, 0) AS person, count(*), sum(faces), count(DISTINCT source_id), "
        "sum(end_us - start_us) FROM tracks LEFT JOIN assignments ON track_id = tracks.id "
        "WHERE " OF_COMPLETE_SCANS "GROUP BY person ORDER BY person");
    while (query.Step()) {
      totals.push_back(
          {query.Integer(0), query.Integer(1), query.Integer(2), query.Integer(3), query.Integer(4)});
    }
    return totals;
  });
}

Result<std::map<UnassignedReason, int64_t>> TotalsStore::CountReasons() {
  return connection_.Guarded([&]() -> Result<std::map<UnassignedReason, int64_t>> {
    std::map<UnassignedReason, int64_t> counts;
    Query query = connection_.Prepared(
        "SELECT coalesce(assignments.reason, tracks.reason) AS why, count(*) FROM tracks LEFT JOIN "
        "assignments ON "
        "track_id = tracks.id WHERE person_id IS NULL AND " OF_COMPLETE_SCANS "GROUP BY why");
    while (query.Step()) {
      const auto reason = ParseUnassignedReason(query.Text(0));
      if (!reason) {
        return Status(StatusCode::kCorrupt,
                      fmt::format("{} is damaged (a reason that there is not): restore it from a copy",
                                  DisplayPath(connection_.path())));
      }
      if (*reason != UnassignedReason::kNone) counts[*reason] = query.Integer(1);
    }
    return counts;
  });
}

Result<std::vector<int64_t>> TotalsStore::TracksOfPersons(const std::vector<int64_t>& persons) {
  return connection_.Guarded([&]() -> Result<std::vector<int64_t>> {
    Query query = connection_.Prepared(
        "SELECT track_id FROM assignments WHERE person_id IN (SELECT value FROM json_each(?)) ORDER BY "
        "track_id");
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int64_t> ids, ReadIds(query, persons));
    if (std::find(persons.begin(), persons.end(), 0) == persons.end()) return ids;
    Query nobodys = connection_.Prepared(
        "SELECT id FROM tracks LEFT JOIN assignments ON track_id = id WHERE person_id IS NULL "
        "AND " OF_COMPLETE_SCANS);
    while (nobodys.Step()) ids.push_back(nobodys.Integer(0));
    std::sort(ids.begin(), ids.end());
    return ids;
  });
}

Result<std::vector<int64_t>> TotalsStore::TracksOfSources(const std::vector<int64_t>& sources) {
  return connection_.Guarded([&]() -> Result<std::vector<int64_t>> {
    Query query = connection_.Prepared(
        "SELECT id FROM tracks WHERE source_id IN (SELECT value FROM json_each(?)) ORDER BY id");
    return ReadIds(query, sources);
  });
}

Result<std::vector<int64_t>> TotalsStore::ReadIds(Query& query, const std::vector<int64_t>& of) {
  const std::string list = fmt::format("[{}]", fmt::join(of, ","));
  query.Bind(list);
  std::vector<int64_t> ids;
  while (query.Step()) ids.push_back(query.Integer(0));
  return ids;
}

Result<std::vector<std::pair<int64_t, int64_t>>> TotalsStore::ReadTracksTogether() {
  return connection_.Guarded([&]() -> Result<std::vector<std::pair<int64_t, int64_t>>> {
    std::vector<std::pair<int64_t, int64_t>> pairs;
    Query query =
        connection_.Prepared("SELECT track_id, other_id FROM tracks_together ORDER BY track_id, other_id");
    while (query.Step()) pairs.emplace_back(query.Integer(0), query.Integer(1));
    return pairs;
  });
}

Result<std::vector<std::pair<int64_t, int64_t>>> TotalsStore::ReadTracksTogether(
    const std::vector<int64_t>& track_ids) {
  if (track_ids.empty()) return std::vector<std::pair<int64_t, int64_t>>();
  const std::string ids = fmt::format("[{}]", fmt::join(track_ids, ","));
  return connection_.Guarded([&]() -> Result<std::vector<std::pair<int64_t, int64_t>>> {
    std::vector<std::pair<int64_t, int64_t>> pairs;
    Query query = connection_.Prepared(
        "SELECT track_id, other_id FROM tracks_together WHERE track_id IN (SELECT value FROM json_each(?)) "
        "ORDER BY "
        "track_id, other_id");
    query.Bind(ids);
    while (query.Step()) pairs.emplace_back(query.Integer(0), query.Integer(1));
    return pairs;
  });
}

}  // namespace crossface
