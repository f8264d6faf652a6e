// Text as people write one word in many ways: characters of UTF-8, upper and lower case by the C library's
// tables whatever the user's locale is, and the two forms that accented letters come in (a Mac's file names
// take them apart). Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace crossface {

// Bytes that are no UTF-8 become characters from 0x110000 on, and bytes again on the way back.
std::u32string ToCharacters(std::string_view text);
std::string ToUtf8(std::u32string_view characters);

// Letters and their marks as one character where Unicode has one (NFC); taken apart (NFD). The order of
// several marks is left as it is.
std::u32string Composed(std::u32string_view characters);
std::u32string TakenApart(std::u32string_view characters);

std::u32string Lower(std::u32string_view characters);
std::u32string Upper(std::u32string_view characters);

// A letter, mark or digit of a script that puts blanks between words: beside one, another is the same word.
bool GoesOnAWord(char32_t character);

}  // namespace crossface
