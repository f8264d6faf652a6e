#include "crossface/util/unicode.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

std::string Apart(std::string_view text) { return ToUtf8(TakenApart(ToCharacters(text))); }
std::string Whole(std::string_view text) { return ToUtf8(Composed(ToCharacters(text))); }

TEST(Unicode, AnyBytesComeBackAsTheyWere) {
  for (const std::string text : {"", "Ada", "Zoë", "李雷", "Ж", "\xF0\x9F\x98\x80", "a\xff\xC3",
                                 "\xED\xA0\x80", "\xC0\x80", "\xF5\x80\x80\x80", "\xE0\x80\x80"})
    EXPECT_EQ(ToUtf8(ToCharacters(text)), text);
  EXPECT_EQ(ToCharacters("é李\xff"), (std::u32string{0xE9, 0x674E, 0x1100FF}));
}

TEST(Unicode, LettersAndMarksAreTakenApartAndPutTogether) {
  EXPECT_EQ(Apart("Zoë"), "Zoe\xCC\x88");
  EXPECT_EQ(Whole("Zoe\xCC\x88"), "Zoë");
  EXPECT_EQ(Apart("ế"), "e\xCC\x82\xCC\x81");
  EXPECT_EQ(Whole("e\xCC\x82\xCC\x81"), "ế");
  EXPECT_EQ(Whole(Apart("각가")), "각가");
  EXPECT_EQ(Apart("각").size(), 9u);
  EXPECT_EQ(Whole(Apart("й ü Å が")), "й ü Å が");
  EXPECT_EQ(Whole("Ada \xff"), "Ada \xff");
}

TEST(Unicode, CasesOfEveryScript) {
  EXPECT_EQ(ToUtf8(Upper(ToCharacters("zoë жук"))), "ZOË ЖУК");
  EXPECT_EQ(ToUtf8(Lower(ToCharacters("ZOË ЖУК\xff"))), "zoë жук\xff");
}

TEST(Unicode, WhatGoesOnAWord) {
  for (const char32_t c : U"aZ9éЖ\u0301") {
    EXPECT_TRUE(c == 0 || GoesOnAWord(c)) << static_cast<uint32_t>(c);
  }
  for (const char32_t c : U" _-./\"李ก") {
    EXPECT_FALSE(c != 0 && GoesOnAWord(c)) << static_cast<uint32_t>(c);
  }
  EXPECT_FALSE(GoesOnAWord(0x1100FF));
}

}  // namespace
}  // namespace crossface
