#include "crossface/curation/curation_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <regex>

#include "crossface/curation/refusal.h"
#include "crossface/export/case_view.h"
#include "crossface/gallery/file_name.h"

namespace crossface {
namespace {

constexpr size_t kNearestShown = 3;

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Letters to change, add or drop to make one text out of the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t change = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string NearestNames(const std::map<int64_t, PersonFacts>& persons, const std::string& text) {
  std::vector<std::pair<size_t, std::string>> by_distance;
  for (const auto& [id, facts] : persons)
    by_distance.emplace_back(EditDistance(text, facts.name), facts.name);
  std::sort(by_distance.begin(), by_distance.end());
  std::vector<std::string> names;
  for (size_t i = 0; i < by_distance.size() && i < kNearestShown; ++i) names.push_back(by_distance[i].second);
  return names.empty() ? "there are none yet" : fmt::format("the nearest are {}", fmt::join(names, ", "));
}

Result<size_t> FindTrack(const CurationState& state, size_t source, int64_t number, const std::string& text) {
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    if (state.source_of[i] == source && state.tracks[i].number == number) return i;
  }
  return Refusal(fmt::format("{}: {} has no track {}; appearances.csv lists them", text,
                             state.sources[source].name, number));
}

// "a_00-00-01.000_t1_f2.jpg", in whatever folder.
Result<size_t> FindTrackOfPicture(const CurationState& state, const std::string& text) {
  static const std::regex kPicture(R"((.*)_-?\d+-\d\d-\d\d\.\d{3}_t(\d+)_f\d+\.jpg)");
  const std::string file = text.substr(text.rfind('/') + 1);
  std::smatch parts;
  if (!std::regex_match(file, parts, kPicture))
    return Refusal(fmt::format(
        "{} is no picture of a face; name a track as SOURCE:NUMBER or by one of its pictures", text));
  std::vector<std::string> names;
  for (const SourceRecord& source : state.sources) names.push_back(source.name);
  const std::vector<std::string> stems = UniqueStems(names);
  const auto stem = std::find(stems.begin(), stems.end(), parts[1].str());
  if (stem == stems.end()) return Refusal(fmt::format("{} is of no source of this case", text));
  return FindTrack(state, static_cast<size_t>(stem - stems.begin()), std::stoll(parts[2]), text);
}

}  // namespace

Result<int64_t> FindPerson(const std::map<int64_t, PersonFacts>& persons, const std::string& text) {
  for (const auto& [id, facts] : persons) {
    if (facts.name == text) return id;
  }
  const std::string folded = CaseFolded(text);
  for (const auto& [id, facts] : persons) {
    if (CaseFolded(facts.name) == folded) return id;
  }
  const std::string_view digits = std::string_view(text).substr(text.starts_with("person-") ? 7 : 0);
  const auto number = ParseNumber(digits);
  if (number && persons.contains(*number)) return *number;
  return Status(StatusCode::kInvalidArgument,
                fmt::format("there is no person '{}'; {}", text, NearestNames(persons, text)),
                Remedy::kListPeople);
}

Result<int64_t> FindPerson(const CurationState& state, const std::string& text) {
  return FindPerson(state.persons, text);
}

std::map<int64_t, PersonFacts> FactsOf(const std::vector<PersonRecord>& persons) {
  std::map<int64_t, PersonFacts> facts;
  for (const PersonRecord& person : persons)
    facts[person.id] = {person.name, person.ignored, person.by_reference};
  return facts;
}

Result<size_t> FindSource(const CurationState& state, const std::string& text) {
  // As shells write a name that begins with a dash.
  if (text.starts_with("./")) return FindSource(state, text.substr(2));
  std::vector<size_t> found;
  for (size_t i = 0; i < state.sources.size(); ++i) {
    const std::string& name = state.sources[i].name;
    if (name == text) return i;
    if (name.ends_with('/' + text)) found.push_back(i);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return Refusal(fmt::format("no source is called {}; sources.csv lists them", text));
  return Refusal(fmt::format("{} sources are called {}: name it as sources.csv does, with its folder",
                             found.size(), text));
}

Result<std::vector<size_t>> FindTracks(const CurationState& state, const std::vector<std::string>& texts) {
  std::vector<size_t> tracks;
  for (const std::string& text : texts) {
    const size_t colon = text.rfind(':');
    const auto number =
        colon == std::string::npos ? std::nullopt : ParseNumber(std::string_view(text).substr(colon + 1));
    size_t track = 0;
    if (number) {
      CROSSFACE_ASSIGN_OR_RETURN(const size_t source, FindSource(state, text.substr(0, colon)));
      CROSSFACE_ASSIGN_OR_RETURN(track, FindTrack(state, source, *number, text));
    } else {
      CROSSFACE_ASSIGN_OR_RETURN(track, FindTrackOfPicture(state, text));
    }
    if (std::find(tracks.begin(), tracks.end(), track) == tracks.end()) tracks.push_back(track);
  }
  return tracks;
}

}  // namespace crossface
