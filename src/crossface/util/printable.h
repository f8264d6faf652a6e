// Text of others (names of files, tags) made safe for a terminal. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace crossface {

// Controls a terminal, or turns the direction of reading; true too for bytes that are no UTF-8, as
// ToCharacters gives them.
bool SteersTerminal(char32_t character);

// The text with "?" in the place of such characters, line ends included, but for those that are allowed.
std::string Printable(std::string_view text, std::u32string_view allowed = U"");

}  // namespace crossface
