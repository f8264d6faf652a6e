#include "crossface/gallery/person_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "crossface/gallery/file_name.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

constexpr size_t kLongestNameBytes = 100;
constexpr std::string_view kOwnNamePrefix = "person-";
constexpr char kTracksByPerson[] =
    "SELECT person_id, track_id FROM assignments WHERE person_id IS NOT NULL ORDER BY person_id, track_id";

std::string OwnName(int64_t person_id) { return fmt::format("{}{:04}", kOwnNamePrefix, person_id); }

// A name such as crossface gives to persons without one.
bool LooksLikeOwnName(const std::string& name) {
  const std::string small = name.substr(0, kOwnNamePrefix.size());
  return CaseFolded(small) == CaseFolded(kOwnNamePrefix) && name.size() > kOwnNamePrefix.size() &&
         std::all_of(name.begin() + static_cast<ptrdiff_t>(kOwnNamePrefix.size()), name.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Status CheckPersonName(const std::string& name) {
  std::string problem = FileNameProblem(name);
  if (problem.empty() && name.size() > kLongestNameBytes) {
    problem = fmt::format("is too long: {} bytes, at most {}", name.size(), kLongestNameBytes);
  }
  if (problem.empty()) return Status();
  return Status(StatusCode::kInvalidArgument,
                fmt::format("the name '{}' {}", SafeFileName(name, kLongestNameBytes), problem));
}

Status CheckPersonName(const std::string& name, int64_t person_id) {
  CROSSFACE_RETURN_IF_ERROR(CheckPersonName(name));
  if (!LooksLikeOwnName(name) || name == OwnName(person_id)) return Status();
  return Status(StatusCode::kInvalidArgument,
                fmt::format("the name '{}' is one that crossface gives itself, to another person", name));
}

Result<std::vector<PersonRecord>> PersonStore::ReadPersons() {
  return connection_.Guarded([&]() -> Result<std::vector<PersonRecord>> {
    std::vector<PersonRecord> persons;
    Query query = connection_.Prepared("SELECT id, name, ignored, by_reference FROM persons ORDER BY id");
    while (query.Step())
      persons.push_back({query.Integer(0), query.Text(1), query.Integer(2) != 0, query.Integer(3) != 0});
    return persons;
  });
}

Result<std::map<int64_t, float>> PersonStore::ReadCohesion() {
  return connection_.Guarded([&]() -> Result<std::map<int64_t, float>> {
    Query tracks = connection_.Prepared(kTracksByPerson);
    return KnownCohesion(TracksHashes(tracks));
  });
}

Result<std::map<int64_t, float>> PersonStore::ReadCohesion(const std::vector<int64_t>& persons) {
  const std::string ids = JsonList(persons);
  return connection_.Guarded([&]() -> Result<std::map<int64_t, float>> {
    Query tracks = connection_.Prepared(
        "SELECT person_id, track_id FROM assignments WHERE person_id IN (SELECT value FROM json_each(?)) "
        "ORDER "
        "BY person_id, track_id");
    tracks.Bind(ids);
    return KnownCohesion(TracksHashes(tracks));
  });
}

std::map<int64_t, float> PersonStore::KnownCohesion(const std::map<int64_t, std::string>& tracks_hashes) {
  std::map<int64_t, float> known;
  for (const auto& [person, tracks_hash] : tracks_hashes) {
    Query query =
        connection_.Prepared("SELECT value FROM cohesion WHERE person_id = ? AND tracks_sha256 = ?");
    query.Bind(person, tracks_hash);
    if (query.Step()) known[person] = query.Real(0);
  }
  return known;
}

std::map<int64_t, std::string> PersonStore::TracksHashes(Query& query) {
  std::map<int64_t, std::string> hashes;
  std::string list;
  int64_t person = 0;
  const auto finish = [&] {
    if (!list.empty()) hashes[person] = Sha256Hex(list);
    list.clear();
  };
  while (query.Step()) {
    const int64_t owner = query.Integer(0);
    if (owner != person) finish();
    person = owner;
    const fmt::format_int track(query.Integer(1));
    list.append(track.data(), track.size()) += ',';
  }
  finish();
  return hashes;
}

// Macros, because a statement is known by the address of its literal.
#define ASSIGNMENTS_SQL                                                                                    \
  "SELECT tracks.id, person_id, confidence, first_person_id, track_id IS NOT NULL, "                       \
  "coalesce(assignments.reason, tracks.reason) FROM tracks LEFT JOIN assignments ON track_id = tracks.id " \
  "WHERE source_id NOT IN (SELECT id FROM sources WHERE replaces IS NOT NULL) "

Result<std::vector<Assignment>> PersonStore::ReadAssignments() {
  return connection_.Guarded([&]() -> Result<std::vector<Assignment>> {
    Query query = connection_.Prepared(ASSIGNMENTS_SQL "ORDER BY tracks.id");
    return ReadRows(query);
  });
}

Result<std::vector<Assignment>> PersonStore::ReadAssignments(const std::vector<int64_t>& track_ids) {
  const std::string ids = JsonList(track_ids);
  return connection_.Guarded([&]() -> Result<std::vector<Assignment>> {
    Query query = connection_.Prepared(
        ASSIGNMENTS_SQL "AND tracks.id IN (SELECT value FROM json_each(?)) ORDER BY tracks.id");
    query.Bind(ids);
    return ReadRows(query);
  });
}

Result<std::vector<Assignment>> PersonStore::ReadRows(Query& query) {
  std::vector<Assignment> assignments;
  while (query.Step()) {
    const auto reason = ParseUnassignedReason(query.Text(5));
    if (!reason) return connection_.Damaged("a reason that there is not");
    assignments.push_back({query.Integer(0), query.Integer(1), query.Real(2), query.Integer(3),
                           query.Integer(4) != 0, *reason});
  }
  return assignments;
}

Result<std::vector<int64_t>> PersonStore::ReplaceGrouping(
    const std::vector<PersonRecord>& persons, const std::vector<Gallery::NewAssignment>& assignments) {
  for (const Gallery::NewAssignment& assignment : assignments) {
    if (assignment.person < -1 || assignment.person >= static_cast<int>(persons.size())) {
      throw std::logic_error("an assignment names a person that is not in the list");
    }
  }
  CROSSFACE_RETURN_IF_ERROR(RemoveAllBut(persons));
  std::vector<int64_t> ids;
  for (const PersonRecord& person : persons) {
    int64_t id = person.id;
    if (id == 0) {
      CROSSFACE_ASSIGN_OR_RETURN(id, NextId());
      CROSSFACE_RETURN_IF_ERROR(Insert(id));
    }
    ids.push_back(id);
  }
  for (size_t i = 0; i < persons.size(); ++i) {
    CROSSFACE_RETURN_IF_ERROR(SetFacts({ids[i], persons[i].name.empty() ? OwnName(ids[i]) : persons[i].name,
                                        persons[i].ignored, persons[i].by_reference}));
  }
  for (const Gallery::NewAssignment& assignment : assignments) {
    // Ids begin at 1.
    const int64_t person = assignment.person < 0 ? 0 : ids[static_cast<size_t>(assignment.person)];
    WriteAssignment({.track_id = assignment.track_id,
                     .person_id = person,
                     .confidence = assignment.confidence,
                     .reason = assignment.reason},
                    "INSERT INTO assignments(track_id, person_id, confidence, reason) VALUES (?, "
                    "nullif(?, 0), ?, ?)");
  }
  connection_
      .Prepared(
          "UPDATE tracks SET first_person_id = person_id FROM assignments WHERE track_id = tracks.id AND "
          "first_person_id IS NULL")
      .Run();
  WriteCohesion(persons, ids);
  return ids;
}

void PersonStore::WriteCohesion(const std::vector<PersonRecord>& persons, const std::vector<int64_t>& ids) {
  connection_.Prepared("DELETE FROM cohesion").Run();
  Query query = connection_.Prepared(kTracksByPerson);
  const std::map<int64_t, std::string> tracks = TracksHashes(query);
  for (size_t i = 0; i < persons.size(); ++i) {
    const auto own = tracks.find(ids[i]);
    if (!persons[i].cohesion || own == tracks.end()) continue;
    connection_.Prepared("INSERT INTO cohesion(person_id, value, tracks_sha256) VALUES (?, ?, ?)")
        .Bind(ids[i], *persons[i].cohesion, own->second)
        .Run();
  }
}

Status PersonStore::RemoveAllBut(const std::vector<PersonRecord>& persons) {
  std::set<int64_t> kept;
  for (const PersonRecord& person : persons) {
    if (person.id != 0 && !kept.insert(person.id).second) {
      throw std::logic_error(fmt::format("person {} is named twice", person.id));
    }
  }
  connection_.Prepared("DELETE FROM assignments").Run();
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> known, ReadPersons());
  for (const PersonRecord& person : known) {
    if (kept.erase(person.id) == 0)
      connection_.Prepared("DELETE FROM persons WHERE id = ?").Bind(person.id).Run();
  }
  for (const int64_t id : kept) {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t next, NextId());
    if (id >= next)
      return Status(StatusCode::kNotFound, fmt::format("there is no person with the id {}", id));
    CROSSFACE_RETURN_IF_ERROR(Insert(id));
  }
  // Until every name is set, so that two persons can exchange theirs.
  connection_.Prepared("UPDATE persons SET folded_name = NULL").Run();
  return Status();
}

Result<int64_t> PersonStore::NextId() {
  return connection_.Guarded([&]() -> Result<int64_t> {
    Query query = connection_.Prepared("SELECT seq FROM sqlite_sequence WHERE name = 'persons'");
    return query.Step() ? query.Integer(0) + 1 : 1;
  });
}

Status PersonStore::Insert(int64_t person_id) {
  connection_.Prepared("INSERT INTO persons(id, name) VALUES (?, '')").Bind(person_id).Run();
  return Status();
}

Status PersonStore::Change(const GroupingChange& change) {
  for (const int64_t id : change.removed)
    connection_.Prepared("DELETE FROM persons WHERE id = ?").Bind(id).Run();
  for (const PersonRecord& person : change.persons) {
    // Names are free until every one is set, so that two persons can exchange theirs.
    connection_.Prepared("INSERT OR IGNORE INTO persons(id, name) VALUES (?, '')").Bind(person.id).Run();
    connection_.Prepared("UPDATE persons SET folded_name = NULL WHERE id = ?").Bind(person.id).Run();
  }
  for (const PersonRecord& person : change.persons) CROSSFACE_RETURN_IF_ERROR(SetFacts(person));
  for (const Assignment& assignment : change.assignments) {
    WriteAssignment(assignment,
                    "INSERT OR REPLACE INTO assignments(track_id, person_id, confidence, reason) VALUES (?, "
                    "nullif(?, 0), ?, ?)");
  }
  return Status();
}

void PersonStore::WriteAssignment(const Assignment& assignment, const char* sql) {
  if (assignment.person_id != 0 && assignment.reason != UnassignedReason::kNone)
    throw std::logic_error("a track with a person has a reason to be unassigned");
  connection_.Prepared(sql)
      .Bind(assignment.track_id, assignment.person_id, assignment.confidence,
            std::string(UnassignedReasonName(assignment.reason)))
      .Run();
}

Status PersonStore::SetFacts(const PersonRecord& person) {
  CROSSFACE_RETURN_IF_ERROR(SetName(person.id, person.name));
  connection_.Prepared("UPDATE persons SET ignored = ?, by_reference = ? WHERE id = ?")
      .Bind(person.ignored ? 1 : 0, person.by_reference ? 1 : 0, person.id)
      .Run();
  return Status();
}

Status PersonStore::SetName(int64_t person_id, const std::string& name) {
  CROSSFACE_RETURN_IF_ERROR(CheckPersonName(name, person_id));
  const std::string folded = CaseFolded(name);
  {
    Query taken = connection_.Prepared("SELECT name FROM persons WHERE folded_name = ? AND id != ?");
    taken.Bind(folded, person_id);
    if (taken.Step()) {
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("the name '{}' is taken{}", name,
                                taken.Text(0) == name ? "" : " by '" + taken.Text(0) + "'"));
    }
  }
  connection_.Prepared("UPDATE persons SET name = ?, folded_name = ? WHERE id = ?")
      .Bind(name, folded, person_id)
      .Run();
  return Status();
}

Status PersonStore::Rename(int64_t person_id, const std::string& name) {
  return connection_.InTransaction([&]() -> Status {
    {
      Query known = connection_.Prepared("SELECT 1 FROM persons WHERE id = ?");
      known.Bind(person_id);
      if (!known.Step())
        return Status(StatusCode::kNotFound, fmt::format("there is no person with the id {}", person_id));
    }
    return SetName(person_id, name);
  });
}

}  // namespace crossface
