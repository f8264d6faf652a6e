#include "crossface/util/unicode.h"

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace crossface {
namespace {

struct Pair {
  uint32_t composed, first, second;
};

#include "crossface/util/unicode_pairs.inc"

constexpr char32_t kNoUtf8 = 0x110000;
// Hangul (the Unicode standard, 3.12).
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;

using Parts = std::map<char32_t, std::pair<char32_t, char32_t>>;

const Parts& PartsOf() {
  static const Parts parts = [] {
    Parts made;
    for (const Pair& pair : kComposedPairs) made[pair.composed] = {pair.first, pair.second};
    for (const Pair& pair : kNeverComposedPairs) made[pair.composed] = {pair.first, pair.second};
    return made;
  }();
  return parts;
}

char32_t Compose(char32_t first, char32_t second) {
  static const std::map<std::pair<char32_t, char32_t>, char32_t> wholes = [] {
    std::map<std::pair<char32_t, char32_t>, char32_t> made;
    for (const Pair& pair : kComposedPairs) made[{pair.first, pair.second}] = pair.composed;
    return made;
  }();
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels && second < kVowels + kVowelCount)
    return kSyllables + ((first - kLeads) * kVowelCount + second - kVowels) * kTailCount;
  if (first >= kSyllables && first < kSyllables + kLeadCount * kVowelCount * kTailCount &&
      (first - kSyllables) % kTailCount == 0 && second > kTails && second < kTails + kTailCount)
    return first + second - kTails;
  const auto whole = wholes.find({first, second});
  return whole == wholes.end() ? 0 : whole->second;
}

void TakeApart(char32_t character, std::u32string* out) {
  if (character >= kSyllables && character < kSyllables + kLeadCount * kVowelCount * kTailCount) {
    const char32_t index = character - kSyllables;
    *out += kLeads + index / (kVowelCount * kTailCount);
    *out += kVowels + index / kTailCount % kVowelCount;
    if (index % kTailCount != 0) *out += kTails + index % kTailCount;
    return;
  }
  const auto parts = PartsOf().find(character);
  if (parts == PartsOf().end()) {
    *out += character;
    return;
  }
  TakeApart(parts->second.first, out);
  TakeApart(parts->second.second, out);
}

locale_t UnicodeTables() {
  static const locale_t tables = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return tables;
}

std::u32string Mapped(std::u32string_view characters, wint_t (*map)(wint_t, locale_t)) {
  std::u32string mapped(characters);
  if (UnicodeTables() == nullptr) return mapped;
  for (char32_t& c : mapped) {
    if (c < kNoUtf8) c = static_cast<char32_t>(map(static_cast<wint_t>(c), UnicodeTables()));
  }
  return mapped;
}

// How many bytes the character at the beginning of `text` has; 0 for what is no UTF-8.
size_t Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80                   ? 1
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xC2 && lead < 0xE0 ? 2
                                                      : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool beyond = (lead == 0xED && byte(1) >= 0xA0) || (lead == 0xF4 && byte(1) >= 0x90);
  return overlong || beyond ? 0 : length;
}

}  // namespace

std::u32string ToCharacters(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Length(text);
    const auto lead = static_cast<unsigned char>(text.front());
    if (length == 0) {
      characters += kNoUtf8 + lead;
      text.remove_prefix(1);
      continue;
    }
    char32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    characters += code;
    text.remove_prefix(length);
  }
  return characters;
}

std::string ToUtf8(std::u32string_view characters) {
  std::string text;
  for (const char32_t c : characters) {
    if (c >= kNoUtf8) {
      text += static_cast<char>(c - kNoUtf8);
    } else if (c < 0x80) {
      text += static_cast<char>(c);
    } else {
      const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
      text += static_cast<char>((more == 1 ? 0xC0u : more == 2 ? 0xE0u : 0xF0u) | c >> (6 * more));
      for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80u | (c >> (6 * i) & 0x3Fu));
    }
  }
  return text;
}

std::u32string TakenApart(std::u32string_view characters) {
  std::u32string apart;
  for (const char32_t c : characters) TakeApart(c, &apart);
  return apart;
}

std::u32string Composed(std::u32string_view characters) {
  std::u32string composed;
  for (const char32_t c : TakenApart(characters)) {
    const char32_t whole = composed.empty() ? 0 : Compose(composed.back(), c);
    if (whole != 0) {
      composed.back() = whole;
    } else {
      composed += c;
    }
  }
  return composed;
}

std::u32string Lower(std::u32string_view characters) { return Mapped(characters, &::towlower_l); }

std::u32string Upper(std::u32string_view characters) { return Mapped(characters, &::towupper_l); }

bool GoesOnAWord(char32_t c) {
  if (c >= kNoUtf8 || c >= 0x2E80) return false;  // from there on Chinese, Japanese and the like
  const bool without_blanks = (c >= 0x0E00 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800);
  if (without_blanks) return false;
  const bool mark = c >= 0x0300 && c < 0x0370;
  return mark || (UnicodeTables() != nullptr ? ::iswalnum_l(static_cast<wint_t>(c), UnicodeTables()) != 0
                                             : (c < 0x80 && ::isalnum(static_cast<int>(c)) != 0));
}

}  // namespace crossface
