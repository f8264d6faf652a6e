#include "crossface/custody/forgotten_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "crossface/util/unicode.h"

namespace crossface {
namespace {

constexpr char kForgottenName[] = "(forgotten)";
// Characters; shorter names stand in other words.
constexpr size_t kShortestPart = 4;
// Bytes; shorter strings stand in pictures and vectors by chance.
constexpr size_t kShortestBytes = 8;

bool IsMark(char32_t c) { return c >= 0x0300 && c < 0x0370; }

// One form for all ways to write a text, and which character of the text each of its characters is of.
struct Folded {
  std::u32string text;
  std::vector<size_t> of;
};

Folded Fold(std::u32string_view characters) {
  Folded folded;
  for (size_t i = 0; i < characters.size(); ++i) {
    // By way of the capital: some letters, such as the Greek final sigma, have several small forms.
    for (const char32_t c : Lower(Upper(TakenApart(characters.substr(i, 1))))) {
      folded.text += c;
      folded.of.push_back(i);
    }
  }
  return folded;
}

std::u32string Fold(std::string_view text) { return Fold(ToCharacters(text)).text; }

bool IsWord(std::u32string_view text, size_t begin, size_t end) {
  const bool before = begin > 0 && GoesOnAWord(text[begin - 1]) && GoesOnAWord(text[begin]);
  const bool after = end < text.size() && GoesOnAWord(text[end]) && GoesOnAWord(text[end - 1]);
  return !before && !after;
}

// Calls `take` with the places of `needle` in the text, as its characters; not within an accented letter.
template <typename Take>
void ForEachPlace(const Folded& text, std::u32string_view needle, bool whole_word, const Take& take) {
  for (size_t at = text.text.find(needle); at != std::u32string::npos; at = text.text.find(needle, at + 1)) {
    const size_t end = at + needle.size();
    const bool cut = (at > 0 && text.of[at] == text.of[at - 1]) ||
                     (end < text.text.size() && (text.of[end] == text.of[end - 1] || IsMark(text.text[end])));
    if (!cut && (!whole_word || IsWord(text.text, at, end))) take(text.of[at], text.of[end - 1] + 1);
  }
}

std::string Escaped(std::string_view text, bool json) {
  if (!json) {
    std::string percent;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      percent += byte > 0x20 && byte < 0x7F ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return percent;
  }
  std::string escaped;
  for (const char32_t c : ToCharacters(text)) {
    const auto code = static_cast<uint32_t>(c);
    if (code < 0x80) {
      escaped += static_cast<char>(c);
    } else if (code < 0x10000) {
      escaped += fmt::format("\\u{:04x}", code);
    } else {
      escaped +=
          fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + (code & 0x3FF));
    }
  }
  return escaped;
}

}  // namespace

ForgottenNames::ForgottenNames(std::vector<std::string> names, const std::vector<std::string>& staying) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::set<std::u32string> kept;
  for (const std::string& name : staying) kept.insert(Fold(name));
  for (const std::string& name : names) {
    Name added{.text = name, .folded = Fold(name)};
    if (name.empty() || kept.contains(added.folded)) continue;
    added.whole_word = ToCharacters(name).size() < kShortestPart;
    names_.push_back(std::move(added));
  }
  for (const std::u32string& stays : kept) {
    bool holds = false;
    for (Name& name : names_) {
      if (stays.find(name.folded) == std::u32string::npos) continue;
      name.shared = holds = true;
    }
    if (holds) staying_.push_back(stays);
  }
}

std::vector<ForgottenNames::Place> ForgottenNames::Find(std::u32string_view characters) const {
  const Folded text = Fold(characters);
  std::vector<Place> kept, places;
  for (const std::u32string& stays : staying_)
    ForEachPlace(text, stays, false, [&](size_t begin, size_t end) { kept.push_back({begin, end}); });
  for (const Name& name : names_) {
    ForEachPlace(text, name.folded, name.whole_word, [&](size_t begin, size_t end) {
      const bool stays = std::any_of(kept.begin(), kept.end(), [&](const Place& place) {
        return place.begin <= begin && end <= place.end;
      });
      if (!stays) places.push_back({begin, end});
    });
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  return places;
}

bool ForgottenNames::IsIn(std::string_view text) const {
  return !names_.empty() && !Find(ToCharacters(text)).empty();
}

std::string ForgottenNames::Without(std::string_view text) const {
  const std::u32string characters = ToCharacters(text);
  std::string without;
  size_t done = 0;
  for (const Place& place : Find(characters)) {
    if (place.end <= done) continue;
    if (place.begin >= done) {
      without += ToUtf8(std::u32string_view(characters).substr(done, place.begin - done));
      without += kForgottenName;
    }
    done = place.end;
  }
  return without + ToUtf8(std::u32string_view(characters).substr(done));
}

std::vector<std::string> ForgottenNames::ByteStrings() const {
  std::set<std::string> strings;
  for (const Name& name : names_) {
    if (name.shared || name.text.size() < kShortestBytes) continue;
    const std::u32string as_is = ToCharacters(name.text);
    for (const std::u32string& form : {as_is, Composed(as_is), TakenApart(as_is)}) {
      for (const std::u32string& written : {form, Lower(form), Upper(form)}) {
        const std::string text = ToUtf8(written);
        strings.insert({text, Escaped(text, true), Escaped(text, false)});
      }
    }
  }
  return {strings.begin(), strings.end()};
}

std::vector<std::string> ForgottenNames::ShortOrShared() const {
  std::vector<std::string> left_out;
  for (const Name& name : names_) {
    if (name.shared || name.text.size() < kShortestBytes) left_out.push_back(name.text);
  }
  return left_out;
}

}  // namespace crossface
