#include "crossface/custody/forgotten_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crossface {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ForgottenNames, AreFoundHoweverTheyAreWritten) {
  const ForgottenNames names({"Zoë Müller"}, {});
  for (const char* text :
       {"Zoë Müller", "to zoë müller.", "ZOË MÜLLER", "Zoe\xCC\x88 Mu\xCC\x88ller", "xZoë Müllerx"})
    EXPECT_TRUE(names.IsIn(text)) << text;
  for (const char* text : {"", "Zoe Muller", "Zoë", "Zoë  Müller"}) EXPECT_FALSE(names.IsIn(text)) << text;
  EXPECT_EQ(names.Without("rename Zoe\xCC\x88 Mu\xCC\x88ller to ZOË MÜLLER\xff"),
            "rename (forgotten) to (forgotten)\xff");
}

TEST(ForgottenNames, ShortOnesAreWholeWordsOfAnyScript) {
  const ForgottenNames names({"Li", "Я", "李", "Eva", "É"}, {});
  for (const char* text : {"Li", "rename li to Bo", "\"LI\"", "people/Li/faces", "Li_00-00.jpg", "от Я до",
                           "小李飞刀", "EVA.", "É", "E\xCC\x81"})
    EXPECT_TRUE(names.IsIn(text)) << text;
  for (const char* text : {"Lisa", "Ali", "Яна", "Evan", "Li\xCC\x81", "Lie", "E", "Lié"})
    EXPECT_FALSE(names.IsIn(text)) << text;
  EXPECT_EQ(names.Without("Li, Lisa and 李雷"), "(forgotten), Lisa and (forgotten)雷");
}

TEST(ForgottenNames, WhatIsPartOfANameThatStaysStays) {
  const ForgottenNames names({"Li", "Maximiliane", "Bob"}, {"Li Wei", "maximiliane.mp4", "BOB"});
  EXPECT_EQ(names.Without("Li met Li Wei in Maximiliane.mp4, Maximiliane and Bob"),
            "(forgotten) met Li Wei in Maximiliane.mp4, (forgotten) and Bob");
  EXPECT_FALSE(names.IsIn("LI WEI"));
  EXPECT_THAT(names.ByteStrings(), IsEmpty());
  EXPECT_THAT(names.ShortOrShared(), ElementsAre("Li", "Maximiliane"));
}

TEST(ForgottenNames, AccentsMakeAnotherLetter) {
  const ForgottenNames names({"Chloe"}, {});
  EXPECT_TRUE(names.IsIn("Chloe"));
  EXPECT_FALSE(names.IsIn("Chloë"));
  EXPECT_FALSE(names.IsIn("Chloe\xCC\x88"));
}

TEST(ForgottenNames, LongOnesAreByteStringsInAllTheirWays) {
  const auto strings = ForgottenNames({"Zoë Müller"}, {}).ByteStrings();
  for (const char* text : {"Zoë Müller", "zoë müller", "ZOË MÜLLER", "Zoe\xCC\x88 Mu\xCC\x88ller",
                           "Zo\\u00eb M\\u00fcller", "Zo%C3%AB%20M%C3%BCller"})
    EXPECT_THAT(strings, Contains(text));
}

TEST(ForgottenNames, NoNameIsInNothing) {
  const ForgottenNames names({""}, {"Ada"});
  EXPECT_TRUE(names.empty());
  EXPECT_FALSE(names.IsIn("Ada"));
  EXPECT_EQ(names.Without("Ada"), "Ada");
}

}  // namespace
}  // namespace crossface
