#include "crossface/gallery/browse_store.h"

#include <algorithm>
#include <unordered_map>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/facts.h"
#include "crossface/gallery/track_store.h"

namespace crossface {
namespace {

// Macros, because a statement is known by the address of its literal. Scans that are not complete and will
// replace others are nobody's business yet.
#define FROM_TRACKS                                                              \
  "FROM tracks LEFT JOIN assignments ON assignments.track_id = tracks.id WHERE " \
  "source_id NOT IN (SELECT id FROM sources WHERE replaces IS NOT NULL) AND faces > 0 AND "
#define OF_PERSON "person_id = ?1 AND ?2 = '' "
#define OF_TRACK "tracks.id = ?1 AND ?2 = '' "
#define OF_NOBODY \
  "person_id IS NULL AND ?1 = 0 AND (?2 = '' OR coalesce(assignments.reason, tracks.reason) = ?2) "

#define FACE_COLUMNS                                                                                         \
  "SELECT faces.track_id, faces.id, faces.number, frame, pts, time_us, duration_us, x, y, width, height, "   \
  "score, landmarks, seen_by, looked, faces.quality, jpeg_bytes, tracks.source_id, tracks.number, "          \
  "coalesce(person_id, 0), coalesce(confidence, 0), coalesce(assignments.reason, tracks.reason) FROM faces " \
  "JOIN tracks ON tracks.id = faces.track_id LEFT JOIN assignments ON assignments.track_id = tracks.id "
// The best face of a track has a picture, where one has.
#define BEST_OF_TRACK                                                                                    \
  "(SELECT id FROM faces AS best WHERE best.track_id = tracks.id ORDER BY jpeg_bytes > 0 DESC, quality " \
  "DESC, id LIMIT 1)"
// The tracks are found first: their order is that of their ids, and so is the order of faces.
#define FACES_OF(tracks_sql)                                                       \
  FACE_COLUMNS "WHERE faces.track_id IN (SELECT tracks.id " FROM_TRACKS tracks_sql \
               ") AND (?3 = 0 OR faces.id = " BEST_OF_TRACK                        \
               ") ORDER BY faces.track_id, faces.number LIMIT ?4 OFFSET ?5"
#define COUNT_OF(tracks_sql) "SELECT coalesce(sum(iif(?3 = 0, tracks.faces, 1)), 0) " FROM_TRACKS tracks_sql

std::string ReasonText(const FacesAsked& asked) {
  return asked.reason ? std::string(UnassignedReasonName(*asked.reason)) : std::string();
}

}  // namespace

Result<CaseTide> BrowseStore::ReadTide() {
  return connection_.InSnapshot([&]() -> Result<CaseTide> {
    Query query = connection_.Prepared(
        "SELECT (SELECT coalesce(max(id), 0) FROM corrections), "
        "(SELECT coalesce(max(value), '0') FROM facts WHERE key = ?), "
        "(SELECT coalesce(max(id), 0) FROM tracks), count(*), coalesce(sum(tracks), 0), coalesce(sum(faces), "
        "0) FROM sources");
    const std::string key = kGroupingsFact;
    query.Bind(key);
    query.Step();
    return CaseTide{.correction = query.Integer(0),
                    .grouping = query.Integer(1),
                    .last_track = query.Integer(2),
                    .sources = query.Integer(3),
                    .tracks = query.Integer(4),
                    .faces = query.Integer(5)};
  });
}

void BrowseStore::CountGrouping() {
  connection_
      .Prepared(
          "INSERT OR REPLACE INTO facts(key, value) VALUES (?1, coalesce((SELECT value FROM facts WHERE key "
          "= "
          "?1), 0) + 1)")
      .Bind(std::string(kGroupingsFact))
      .Run();
}

Result<int64_t> BrowseStore::CountFaces(const FacesAsked& asked) {
  return connection_.Guarded([&]() -> Result<int64_t> {
    Query query = connection_.Prepared(asked.person != 0  ? COUNT_OF(OF_PERSON)
                                       : asked.track != 0 ? COUNT_OF(OF_TRACK)
                                                          : COUNT_OF(OF_NOBODY));
    const std::string reason = ReasonText(asked);
    query.Bind(asked.person != 0 ? asked.person : asked.track, reason, asked.best ? 1 : 0);
    query.Step();
    return query.Integer(0);
  });
}

Result<std::vector<ListedFace>> BrowseStore::ListFaces(const FacesAsked& asked, int64_t first, int64_t most) {
  return connection_.Guarded([&]() -> Result<std::vector<ListedFace>> {
    Query query = connection_.Prepared(asked.person != 0  ? FACES_OF(OF_PERSON)
                                       : asked.track != 0 ? FACES_OF(OF_TRACK)
                                                          : FACES_OF(OF_NOBODY));
    const std::string reason = ReasonText(asked);
    query.Bind(asked.person != 0 ? asked.person : asked.track, reason, asked.best ? 1 : 0, most, first);
    return ReadRows(query);
  });
}

Result<std::optional<ListedFace>> BrowseStore::FindFace(int64_t face_id) {
  return connection_.Guarded([&]() -> Result<std::optional<ListedFace>> {
    Query query = connection_.Prepared(FACE_COLUMNS
                                       "WHERE faces.id = ? AND tracks.source_id NOT IN (SELECT id FROM "
                                       "sources WHERE replaces IS NOT NULL)");
    query.Bind(face_id);
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<ListedFace> found, ReadRows(query));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  });
}

Result<std::vector<ListedFace>> BrowseStore::ReadRows(Query& query) {
  std::vector<ListedFace> faces;
  while (query.Step()) {
    ListedFace listed{.track_id = query.Integer(0),
                      .source_id = query.Integer(17),
                      .track_number = query.Integer(18),
                      .person_id = query.Integer(19),
                      .confidence = query.Real(20)};
    CROSSFACE_ASSIGN_OR_RETURN(listed.face, FaceOfRow(connection_, query));
    const auto reason = ParseUnassignedReason(query.Text(21));
    if (!reason) return connection_.Damaged("a reason that there is not");
    listed.reason = listed.person_id == 0 ? *reason : UnassignedReason::kNone;
    faces.push_back(std::move(listed));
  }
  return faces;
}

// SQLite gives the other columns of the row that has the maximum.
Result<std::map<int64_t, int64_t>> BrowseStore::BestFacesOfTracks(const std::vector<int64_t>& track_ids) {
  return connection_.Guarded([&]() -> Result<std::map<int64_t, int64_t>> {
    Query query = connection_.Prepared(
        "SELECT track_id, id, max(quality) FROM faces WHERE jpeg_bytes > 0 AND track_id IN (SELECT value "
        "FROM "
        "json_each(?)) GROUP BY track_id");
    const std::string ids = JsonList(track_ids);
    query.Bind(ids);
    std::map<int64_t, int64_t> best;
    while (query.Step()) best[query.Integer(0)] = query.Integer(1);
    return best;
  });
}

// Not by GROUP BY, whose sorter goes to the disk where there are many tracks.
std::vector<FirstSeen> BrowseStore::ReadFirst(Query& query) {
  std::map<int64_t, std::unordered_map<int64_t, int64_t>> first;  // by source and person
  while (query.Step()) {
    const int64_t start_us = query.Integer(2);
    const auto [known, is_new] = first[query.Integer(0)].emplace(query.Integer(1), start_us);
    if (!is_new) known->second = std::min(known->second, start_us);
  }
  std::vector<FirstSeen> seen;
  for (const auto& [source, persons] : first) {
    for (const auto& [person, start_us] : persons) seen.push_back({person, source, start_us});
  }
  return seen;
}

// Macros, because a statement is known by the address of its literal.
#define SEEN_SQL                                                                                      \
  "SELECT source_id, person_id, start_us FROM tracks JOIN assignments ON track_id = tracks.id WHERE " \
  "person_id IS NOT NULL AND source_id NOT IN (SELECT id FROM sources WHERE replaces IS NOT NULL)"

Result<std::vector<FirstSeen>> BrowseStore::ReadFirstSeen() {
  return connection_.Guarded([&]() -> Result<std::vector<FirstSeen>> {
    Query query = connection_.Prepared(SEEN_SQL);
    return ReadFirst(query);
  });
}

Result<std::vector<FirstSeen>> BrowseStore::ReadFirstSeen(const std::vector<int64_t>& person_ids) {
  const std::string ids = JsonList(person_ids);
  return connection_.Guarded([&]() -> Result<std::vector<FirstSeen>> {
    Query query = connection_.Prepared(SEEN_SQL " AND person_id IN (SELECT value FROM json_each(?))");
    query.Bind(ids);
    return ReadFirst(query);
  });
}

Result<std::vector<TogetherWith>> BrowseStore::ReadTogetherWith(int64_t person_id) {
  return connection_.Guarded([&]() -> Result<std::vector<TogetherWith>> {
    Query query = connection_.Prepared(
        "SELECT other.person_id AS who, pair.other_id AS track FROM assignments AS own JOIN tracks_together "
        "AS pair "
        "ON pair.track_id = own.track_id JOIN assignments AS other ON other.track_id = pair.other_id WHERE "
        "own.person_id = ?1 AND other.person_id <> ?1 UNION ALL SELECT other.person_id, pair.track_id FROM "
        "assignments AS own JOIN tracks_together AS pair ON pair.other_id = own.track_id JOIN assignments AS "
        "other "
        "ON other.track_id = pair.track_id WHERE own.person_id = ?1 AND other.person_id <> ?1 ORDER BY who, "
        "track");
    query.Bind(person_id);
    std::vector<TogetherWith> together;
    while (query.Step()) together.push_back({query.Integer(0), query.Integer(1)});
    return together;
  });
}

}  // namespace crossface
