#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "crossface/export/formats.h"

namespace crossface {
namespace {

struct Together {
  std::set<size_t> sources;
  std::set<std::pair<size_t, int64_t>> shots;  // source and shot
  int64_t overlap_us = 0;                      // on screen at the same time
};

using Pairs = std::map<std::pair<int, int>, Together>;

void AddSource(const CaseView& view, const std::vector<size_t>& tracks, size_t source, Pairs* pairs) {
  std::set<int> persons;
  for (const size_t track : tracks) {
    if (view.person_of[track] >= 0) persons.insert(view.person_of[track]);
  }
  for (auto a = persons.begin(); a != persons.end(); ++a) {
    for (auto b = std::next(a); b != persons.end(); ++b) (*pairs)[{*a, *b}].sources.insert(source);
  }
  // By start: who is still on screen when a track begins.
  for (size_t i = 0; i < tracks.size(); ++i) {
    const TrackRecord& first = view.tracks[tracks[i]];
    for (size_t j = i + 1; j < tracks.size(); ++j) {
      const TrackRecord& second = view.tracks[tracks[j]];
      const int one = view.person_of[tracks[i]], other = view.person_of[tracks[j]];
      if (one < 0 || other < 0 || one == other) continue;
      Together& pair = (*pairs)[std::minmax(one, other)];
      if (first.shot == second.shot) pair.shots.insert({source, first.shot});
      pair.overlap_us += std::max<int64_t>(0, std::min(first.end_us, second.end_us) - second.start_us);
    }
  }
}

std::string Key(const char* id, const char* of, const char* type) {
  return fmt::format("  <key id=\"{0}\" for=\"{1}\" attr.name=\"{0}\" attr.type=\"{2}\"/>\n", id, of, type);
}

std::string Data(const char* key, const std::string& value) {
  return fmt::format("      <data key=\"{}\">{}</data>\n", key, XmlText(value));
}

std::string Data(const char* key, int64_t value) { return Data(key, std::to_string(value)); }

}  // namespace

std::string GraphMl(const CaseView& view) {
  Pairs pairs;
  for (size_t source = 0; source < view.sources.size(); ++source)
    AddSource(view, TracksOf(view, source), source, &pairs);
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns "
      "http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n";
  xml += Key("label", "node", "string") + Key("tracks", "node", "long") + Key("sources", "node", "long") +
         Key("screen_ms", "node", "long") + Key("weight", "edge", "double") +
         Key("sources_together", "edge", "long") + Key("shots_together", "edge", "long") +
         Key("overlap_ms", "edge", "long");
  xml += "  <graph id=\"people\" edgedefault=\"undirected\">\n";
  for (const PersonView& person : view.persons) {
    xml += fmt::format("    <node id=\"p{}\">\n", person.record.id) + Data("label", person.record.name) +
           Data("tracks", static_cast<int64_t>(person.tracks.size())) +
           Data("sources", static_cast<int64_t>(person.sources)) +
           Data("screen_ms", Milliseconds(person.screen_us)) + "    </node>\n";
  }
  for (const auto& [people, together] : pairs) {
    xml += fmt::format("    <edge source=\"p{}\" target=\"p{}\">\n",
                       view.persons[static_cast<size_t>(people.first)].record.id,
                       view.persons[static_cast<size_t>(people.second)].record.id) +
           Data("weight", fmt::format("{}", together.sources.size())) +
           Data("sources_together", static_cast<int64_t>(together.sources.size())) +
           Data("shots_together", static_cast<int64_t>(together.shots.size())) +
           Data("overlap_ms", Milliseconds(together.overlap_us)) + "    </edge>\n";
  }
  return xml + "  </graph>\n</graphml>\n";
}

}  // namespace crossface
