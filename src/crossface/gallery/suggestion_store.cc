#include "crossface/gallery/suggestion_store.h"

#include <fmt/format.h>

#include <array>
#include <set>

namespace crossface {
namespace {

constexpr std::array<std::string_view, 2> kKindNames = {"merge", "mixture"};

Result<SuggestionRecord::Kind> ParseKind(const std::string& name) {
  for (size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<SuggestionRecord::Kind>(i);
  }
  return Status(StatusCode::kCorrupt,
                fmt::format("the gallery holds a suggestion of the unknown kind '{}'", name));
}

}  // namespace

std::string_view SuggestionName(SuggestionRecord::Kind kind) {
  return kKindNames.at(static_cast<size_t>(kind));
}

Result<std::vector<SuggestionRecord>> SuggestionStore::Read() {
  return connection_.InSnapshot([&]() -> Result<std::vector<SuggestionRecord>> {
    std::vector<SuggestionRecord> suggestions;
    Query query = connection_.Prepared(
        "SELECT rank, kind, person_id, other_id, probability, gain, settled FROM suggestions ORDER BY rank");
    while (query.Step()) {
      SuggestionRecord record{.rank = query.Integer(0)};
      CROSSFACE_ASSIGN_OR_RETURN(record.kind, ParseKind(query.Text(1)));
      record.person_id = query.Integer(2);
      record.other_id = query.Integer(3);
      record.probability = query.Real(4);
      record.gain = query.Real(5);
      record.settled = query.Integer(6) != 0;
      Query tracks =
          connection_.Prepared("SELECT track_id FROM suggestion_tracks WHERE rank = ? ORDER BY track_id");
      tracks.Bind(record.rank);
      while (tracks.Step()) record.tracks.push_back(tracks.Integer(0));
      suggestions.push_back(std::move(record));
    }
    return suggestions;
  });
}

Status SuggestionStore::Settle(const std::vector<int64_t>& ranks) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> now, Read());
  std::set<int64_t> settled;
  for (const SuggestionRecord& record : now) {
    if (record.settled) settled.insert(record.rank);
  }
  const std::set<int64_t> wanted(ranks.begin(), ranks.end());
  if (wanted == settled) return Status();
  return connection_.InTransaction([&] {
    connection_.Prepared("UPDATE suggestions SET settled = 0").Run();
    for (const int64_t rank : wanted)
      connection_.Prepared("UPDATE suggestions SET settled = 1 WHERE rank = ?").Bind(rank).Run();
    return Status();
  });
}

void SuggestionStore::Replace(const std::vector<Gallery::NewSuggestion>& suggestions,
                              const std::vector<int64_t>& person_ids) {
  connection_.Prepared("DELETE FROM suggestions").Run();
  int64_t rank = 0;
  for (const Gallery::NewSuggestion& suggestion : suggestions) {
    const int64_t other = suggestion.other < 0 ? 0 : person_ids.at(static_cast<size_t>(suggestion.other));
    const std::string kind(SuggestionName(suggestion.kind));
    connection_
        .Prepared(
            "INSERT INTO suggestions(rank, kind, person_id, other_id, probability, gain, settled) VALUES (?, "
            "?, "
            "?, ?, ?, ?, 0)")
        .Bind(++rank, kind, person_ids.at(static_cast<size_t>(suggestion.person)), other,
              suggestion.probability, suggestion.gain)
        .Run();
    for (const int64_t track : suggestion.tracks)
      connection_.Prepared("INSERT INTO suggestion_tracks(rank, track_id) VALUES (?, ?)")
          .Bind(rank, track)
          .Run();
  }
}

void SuggestionStore::Forget(const std::vector<int64_t>& person_ids) {
  for (const int64_t person : person_ids) {
    connection_.Prepared("DELETE FROM suggestions WHERE person_id = ?1 OR other_id = ?1").Bind(person).Run();
    connection_.Prepared("DELETE FROM cohesion WHERE person_id = ?").Bind(person).Run();
  }
}

}  // namespace crossface
