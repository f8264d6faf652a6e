#include "crossface/cli/people_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crossface/cli/answer.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

// Empty when it is not known.
std::string Cohesion(const PersonAnswer& person) {
  return person.cohesion ? fmt::format("{:.3f}", *person.cohesion) : std::string();
}

std::string NamedText(const std::vector<PersonAnswer>& named) {
  std::string text;
  bool any = false;
  for (const PersonAnswer& person : named) {
    text += fmt::format("number {}: {}, {} on screen, {} and {}\n", person.id, person.name,
                        ShortDuration(static_cast<double>(person.screen_us) / 1e6),
                        Counted(person.tracks, "track"), Counted(person.sources, "source"));
    any |= person.by_reference;
  }
  if (named.empty()) return "nobody in the case is like them";
  return text +
         (any ? "look, then confirm a name with crossface people confirm, or give another with people rename"
              : "");
}

}  // namespace

std::string PeopleText(const PeopleAnswer& answer) {
  std::string text = fmt::format("{:>6}  {:>9}  {:>6}  {:>7}  {:>8}  name\n", "number", "on screen", "tracks",
                                 "sources", "cohesion");
  for (const PersonAnswer& person : answer.persons)
    text += fmt::format("{:>6}  {:>9}  {:>6}  {:>7}  {:>8}  {}{}\n", person.id,
                        ShortDuration(static_cast<double>(person.screen_us) / 1e6), person.tracks,
                        person.sources, Cohesion(person), person.name, person.ignored ? " (ignored)" : "");
  return text + UnassignedText(answer.unassigned_tracks, answer.unassigned_by_reason);
}

std::string PersonText(const PersonDetailAnswer& answer) {
  std::string text = fmt::format("{} (number {})", answer.person.name, answer.person.id);
  if (answer.person.cohesion) text += fmt::format(", cohesion {}", Cohesion(answer.person));
  for (const Appearance& appearance : answer.appearances)
    text += fmt::format("\n{} - {}  {:.3f}{}  {}", Timecode(Milliseconds(appearance.start_us)),
                        Timecode(Milliseconds(appearance.end_us)), appearance.confidence,
                        appearance.confirmed ? " confirmed" : "", Printable(appearance.track));
  return text;
}

std::string ReferencesText(const ReferencesAnswer& answer) {
  if (answer.references.empty()) return "nobody is enrolled";
  std::string text;
  for (const EnrolledFaceAnswer& face : answer.references)
    text += fmt::format("{}  {}  quality {:.2f}  {}{}\n", face.name, face.time, face.quality,
                        Printable(face.photo), face.by.empty() ? "" : " (" + face.by + ")");
  return text + NamedText(answer.named);
}

std::string EnrolText(const EnrolAnswer& answer) {
  std::string text;
  for (const EnrolledFaceAnswer& face : answer.enrolled)
    text += fmt::format("{}: {}\n", face.name, Printable(face.photo));
  return text + (answer.group ? NamedText(answer.named)
                              : "the case has no footage yet: whoever is like them will be named so");
}

std::string SuggestionsText(const SuggestionsAnswer& answer) {
  if (answer.suggestions.empty()) return "nothing is suggested";
  std::string text =
      fmt::format("{:>4}  {:<7}  {:>11}  {:>7}  what\n", "rank", "kind", "probability", "gain");
  for (const SuggestionAnswer& suggestion : answer.suggestions) {
    const std::string what =
        suggestion.other ? fmt::format("{} and {} may be one", suggestion.person.name, suggestion.other->name)
                         : fmt::format("of {}, these may be somebody else: {}", suggestion.person.name,
                                       Printable(fmt::format("{}", fmt::join(suggestion.tracks, " "))));
    text += fmt::format("{:>4}  {:<7}  {:>11.3f}  {:>7.2f}  {}\n", suggestion.rank, suggestion.kind,
                        suggestion.probability, suggestion.gain, what);
    for (const std::string& path : {suggestion.picture, suggestion.other_picture}) {
      if (!path.empty()) text += fmt::format("{:37}{}\n", "", path);
    }
  }
  return text +
         "follow one with crossface people merge or split; answer it with crossface people not-same or "
         "confirm";
}

std::string HistoryText(const HistoryAnswer& answer) {
  std::string text;
  for (const HistoryAnswer::Entry& entry : answer.entries)
    text += fmt::format("{}{:>4}  {}  {:<8}  {}{}", text.empty() ? "" : "\n", entry.event.id,
                        entry.event.time, entry.standing, entry.event.told,
                        entry.event.by.empty() ? "" : " (" + entry.event.by + ")");
  return text.empty() ? "no corrections yet" : text;
}

}  // namespace crossface
