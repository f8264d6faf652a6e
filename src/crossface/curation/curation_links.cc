// What corrections ask of a clustering.
#include <fmt/format.h>

#include "crossface/curation/curation_state.h"

namespace crossface {
namespace {

// The person that a track is pinned to, else the track itself, below zero.
int64_t HeldTo(const CurationState& state, size_t track) {
  const auto pin = state.pins.find(track);
  return pin != state.pins.end() && pin->second.person != 0 ? pin->second.person
                                                            : -1 - static_cast<int64_t>(track);
}

// Who stands on both sides of a parting: by a joining, or because a new scan sees one track in what were two.
std::set<int64_t> JoinedAcross(const CurationState& state, const CurationState::Parting& parting) {
  std::set<int64_t> some, joined;
  for (const size_t track : parting.some) some.insert(HeldTo(state, track));
  for (const size_t track : parting.others) {
    if (const int64_t held = HeldTo(state, track); some.contains(held)) joined.insert(held);
  }
  return joined;
}

// What a joining leaves of a parting: whoever was joined is parted from the others of the other side still.
void AddParting(const CurationState& state, const CurationState::Parting& parting, CurationLinks* links) {
  const std::set<int64_t> joined = JoinedAcross(state, parting);
  const auto joined_to = [&](size_t track) -> int64_t {
    const int64_t held = HeldTo(state, track);
    return joined.contains(held) ? held : 0;
  };
  const auto add = [&](const auto& of_some, const auto& of_others) {
    std::vector<std::vector<int>> sides(2);
    for (const size_t track : parting.some) {
      if (of_some(joined_to(track))) sides[0].push_back(static_cast<int>(track));
    }
    for (const size_t track : parting.others) {
      if (of_others(joined_to(track))) sides[1].push_back(static_cast<int>(track));
    }
    if (!sides[0].empty() && !sides[1].empty()) links->partings.push_back(std::move(sides));
  };
  const auto is_on_one_side = [](int64_t id) { return id == 0; };
  add(is_on_one_side, is_on_one_side);
  for (const int64_t held : joined) {
    add([=](int64_t id) { return id == held; }, [=](int64_t id) { return id != held; });
    add(is_on_one_side, [=](int64_t id) { return id == held; });
    for (const size_t some : parting.some) {
      for (const size_t other : parting.others) {
        if (joined_to(some) != held || joined_to(other) != held || !state.IsParted(parting, some, other))
          continue;
        links->warnings.push_back(
            fmt::format("correction {} parts {} from {}, but corrections {} and {} make them one person; the "
                        "joining is obeyed",
                        parting.correction, state.TrackName(some), state.TrackName(other),
                        state.pins.at(some).correction, state.pins.at(other).correction));
      }
    }
  }
}

}  // namespace

CurationLinks LinksFor(const CurationState& state) {
  CurationLinks links;
  std::map<int64_t, int> first_of;  // person -> one of the tracks that are pinned to it
  for (const auto& [track, pin] : state.pins) {
    if (pin.person == 0) continue;
    const auto [first, added] = first_of.try_emplace(pin.person, static_cast<int>(track));
    if (!added) links.must.emplace_back(first->second, static_cast<int>(track));
  }
  const auto pinned_together = [&](size_t a, size_t b) {
    const auto one = state.pins.find(a), other = state.pins.find(b);
    return one != state.pins.end() && other != state.pins.end() && one->second.person != 0 &&
           one->second.person == other->second.person;
  };
  for (const auto& [a, b] : state.on_screen_together) {
    const auto one = static_cast<size_t>(a), other = static_cast<size_t>(b);
    if (!pinned_together(one, other)) {
      links.cannot.emplace_back(a, b);
      continue;
    }
    links.warnings.push_back(
        fmt::format("{} and {} are on the screen together, but corrections {} and {} make them one person; "
                    "the corrections are obeyed",
                    state.TrackName(one), state.TrackName(other), state.pins.at(one).correction,
                    state.pins.at(other).correction));
  }
  if (first_of.size() > 1) {
    auto& persons = links.partings.emplace_back();
    for (const auto& [person, track] : first_of) persons.push_back({track});
  }
  for (const auto& parting : state.partings) AddParting(state, parting, &links);
  return links;
}

}  // namespace crossface
