// Text from file names and container tags, which may be in any encoding, made safe for CSV and JSON. Pure,
// thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace crossface {

// The text with every byte that is not part of valid UTF-8 written as %XX (upper-case hexadecimal). Valid
// text, a percent sign included, comes back as it is.
std::string EscapeInvalidUtf8(std::string_view text);

// A path as messages show it.
std::string DisplayPath(const std::filesystem::path& path);

// The text with A to Z as a to z, whatever the locale. For words of machines: unicode.h has names of people.
std::string LowerAscii(std::string_view text);

// The text without white space and NUL bytes at its ends.
std::string_view Trim(std::string_view text);

}  // namespace crossface
