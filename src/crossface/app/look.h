// One look at a case: opened for reading, and all that is read is of one moment, whoever writes meanwhile.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crossface/app/browse_answers.h"
#include "crossface/curation/people_list.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/unicode.h"

namespace crossface {

template <typename Look>
auto LookAtCase(const std::filesystem::path& case_folder, const Look& look)
    -> decltype(look(std::declval<const Gallery&>())) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<Gallery> gallery,
                             Gallery::Open(case_folder, Gallery::Mode::kRead));
  return gallery->AtOneMoment(
      [&]() -> decltype(look(std::declval<const Gallery&>())) { return look(*gallery); });
}

// Changes with every correction and every grouping.
Result<std::string> VersionOfCase(const Gallery& gallery);

inline PersonAnswer AnswerOf(const ListedPerson& person) {
  return {.id = person.id,
          .name = person.facts.name,
          .ignored = person.facts.ignored,
          .by_reference = person.facts.by_reference,
          .tracks = person.totals.tracks,
          .faces = person.totals.faces,
          .sources = person.totals.sources,
          .screen_us = person.totals.screen_us,
          .confirmed_tracks = person.confirmed,
          .cohesion = person.cohesion};
}

// A text by which names are sought and ordered, whatever their case and however accents are written.
inline std::u32string Folded(const std::string& text) { return Lower(Composed(ToCharacters(text))); }

// The page's stretch of all rows.
template <typename T>
Stretch<T> StretchOf(const std::vector<T>& all, Page page) {
  const size_t first = std::min(page.first, all.size()), most = std::min(page.most, all.size() - first);
  const auto begin = all.begin() + static_cast<ptrdiff_t>(first);
  return {.rows = {begin, begin + static_cast<ptrdiff_t>(most)},
          .first = static_cast<int64_t>(first),
          .total = static_cast<int64_t>(all.size())};
}

}  // namespace crossface
