#include "crossface/gallery/totals_store.h"

#include <algorithm>
#include <set>

#include "crossface/gallery/person_totals_sql.h"

namespace crossface {
namespace {

// Scans that are not complete and will replace others are nobody's business yet.
#define OF_COMPLETE_SCANS "source_id NOT IN (SELECT id FROM sources WHERE replaces IS NOT NULL) "

}  // namespace

Result<std::vector<PersonTotals>> TotalsStore::ReadPersonTotals() {
  return connection_.Guarded([&]() -> Result<std::vector<PersonTotals>> {
    std::vector<PersonTotals> totals;
    CROSSFACE_ASSIGN_OR_RETURN(const PersonTotals nobodys, NobodysTotals());
    if (nobodys.tracks > 0) totals.push_back(nobodys);
    Query query = connection_.Prepared(
        "SELECT person_id, tracks, faces, sources, screen_us, coalesce(portrait, 0) FROM person_totals ORDER "
        "BY "
        "person_id");
    while (query.Step()) {
      totals.push_back({query.Integer(0), query.Integer(1), query.Integer(2), query.Integer(3),
                        query.Integer(4), query.Integer(5)});
    }
    return totals;
  });
}

// In the order of the tables: few tracks are nobody's as a rule, and all others are not looked at.
Result<PersonTotals> TotalsStore::NobodysTotals() {
  PersonTotals totals;
  std::set<int64_t> sources;
  const auto add = [&](Query query) {
    while (query.Step()) {
      ++totals.tracks;
      totals.faces += query.Integer(0);
      totals.screen_us += query.Integer(1);
      sources.insert(query.Integer(2));
    }
  };
  add(
      connection_.Prepared("SELECT tracks.faces, end_us - start_us, source_id FROM assignments JOIN tracks "
                           "ON tracks.id = track_id "
                           "WHERE person_id IS NULL AND " OF_COMPLETE_SCANS));
  CROSSFACE_ASSIGN_OR_RETURN(const bool some_ungrouped, AreSomeUngrouped());
  if (some_ungrouped)
    add(connection_.Prepared(
        "SELECT tracks.faces, end_us - start_us, source_id FROM tracks WHERE id NOT IN (SELECT track_id FROM "
        "assignments) AND " OF_COMPLETE_SCANS));
  totals.sources = static_cast<int64_t>(sources.size());
  return totals;
}

Result<bool> TotalsStore::AreSomeUngrouped() {
  Query query =
      connection_.Prepared("SELECT (SELECT count(*) FROM tracks) <> (SELECT count(*) FROM assignments)");
  query.Step();
  return query.Integer(0) != 0;
}

Result<std::map<int64_t, int64_t>> TotalsStore::PortraitsOf(const std::vector<int64_t>& persons) {
  return connection_.Guarded([&]() -> Result<std::map<int64_t, int64_t>> {
    const std::string ids = JsonList(persons);
    Query query = connection_.Prepared(
        "SELECT person_id, portrait FROM person_totals WHERE portrait IS NOT NULL AND person_id IN (SELECT "
        "value FROM json_each(?))");
    query.Bind(ids);
    std::map<int64_t, int64_t> portraits;
    while (query.Step()) portraits[query.Integer(0)] = query.Integer(1);
    return portraits;
  });
}

void TotalsStore::Drop(const std::vector<int64_t>& persons) {
  const std::string ids = JsonList(persons);
  connection_.Prepared("DELETE FROM person_totals WHERE person_id IN (SELECT value FROM json_each(?))")
      .Bind(ids)
      .Run();
}

void TotalsStore::DropOfTracks(const std::vector<int64_t>& tracks) {
  const std::string ids = JsonList(tracks);
  connection_
      .Prepared(
          "DELETE FROM person_totals WHERE person_id IN (SELECT person_id FROM assignments WHERE track_id IN "
          "(SELECT value FROM json_each(?)))")
      .Bind(ids)
      .Run();
}

void TotalsStore::DropOfSource(int64_t source) {
  connection_
      .Prepared(
          "DELETE FROM person_totals WHERE person_id IN (SELECT person_id FROM assignments JOIN tracks ON "
          "tracks.id = track_id WHERE source_id = ?)")
      .Bind(source)
      .Run();
}

void TotalsStore::DropAll() { connection_.Prepared("DELETE FROM person_totals").Run(); }

void TotalsStore::Renew() {
  connection_
      .Prepared("INSERT INTO person_totals " PERSON_TOTALS_SQL
                " AND person_id IN (SELECT id FROM persons EXCEPT SELECT person_id FROM person_totals) GROUP "
                "BY person_id")
      .Run();
}

Result<std::map<UnassignedReason, int64_t>> TotalsStore::CountReasons() {
  return connection_.Guarded([&]() -> Result<std::map<UnassignedReason, int64_t>> {
    std::map<UnassignedReason, int64_t> counts;
    const auto add = [&](Query query) -> Status {
      while (query.Step()) {
        const auto reason = ParseUnassignedReason(query.Text(0));
        if (!reason) return connection_.Damaged("a reason that there is not");
        if (*reason != UnassignedReason::kNone) counts[*reason] += query.Integer(1);
      }
      return Status();
    };
    CROSSFACE_RETURN_IF_ERROR(add(connection_.Prepared(
        "SELECT reason, count(*) FROM assignments WHERE person_id IS NULL GROUP BY reason")));
    CROSSFACE_ASSIGN_OR_RETURN(const bool some_ungrouped, AreSomeUngrouped());
    if (some_ungrouped)
      CROSSFACE_RETURN_IF_ERROR(add(connection_.Prepared(
          "SELECT reason, count(*) FROM tracks WHERE id NOT IN (SELECT track_id FROM assignments) "
          "AND " OF_COMPLETE_SCANS "GROUP BY reason")));
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
  const std::string list = JsonList(of);
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
  const std::string ids = JsonList(track_ids);
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
