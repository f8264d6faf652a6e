#include <fmt/format.h>

#include <algorithm>
#include <functional>
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

// `tracks` by start.
void AddSource(const CaseView& view, const std::vector<size_t>& tracks, size_t source, Pairs* pairs) {
  const auto for_each_pair = [&](const std::set<int>& persons, const std::function<void(Together&)>& act) {
    for (auto a = persons.begin(); a != persons.end(); ++a) {
      for (auto b = std::next(a); b != persons.end(); ++b) act((*pairs)[{*a, *b}]);
    }
  };
  std::set<int> persons;
  std::map<int64_t, std::set<int>> of_shot;
  std::vector<size_t> on_screen;  // who is still there when a track begins
  for (const size_t track : tracks) {
    const TrackRecord& second = view.tracks[track];
    const int person = view.person_of[track];
    if (person < 0) continue;
    persons.insert(person);
    of_shot[second.shot].insert(person);
    std::erase_if(on_screen, [&](size_t other) { return view.tracks[other].end_us <= second.start_us; });
    for (const size_t other : on_screen) {
      if (view.person_of[other] == person) continue;
      (*pairs)[std::minmax(person, view.person_of[other])].overlap_us +=
          std::min(view.tracks[other].end_us, second.end_us) - second.start_us;
    }
    on_screen.push_back(track);
  }
  for_each_pair(persons, [&](Together& pair) { pair.sources.insert(source); });
  for (const auto& [shot, present] : of_shot)
    for_each_pair(present, [&, shot = shot](Together& pair) { pair.shots.insert({source, shot}); });
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
