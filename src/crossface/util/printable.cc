#include "crossface/util/printable.h"

#include "crossface/util/unicode.h"

namespace crossface {

bool SteersTerminal(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || direction || c == 0x2028 || c == 0x2029 || c >= 0x110000;
}

std::string Printable(std::string_view text, std::u32string_view allowed) {
  std::u32string clean = ToCharacters(text);
  for (char32_t& c : clean) {
    if (SteersTerminal(c) && allowed.find(c) == std::u32string_view::npos) c = '?';
  }
  return ToUtf8(clean);
}

}  // namespace crossface
