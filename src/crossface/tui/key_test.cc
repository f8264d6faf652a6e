#include "crossface/tui/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/tui/picture.h"
#include "crossface/tui/text_field.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Key Typed(char32_t character) { return {Key::kCharacter, character}; }

TEST(KeyParser, KnowsKeysHoweverTheirBytesArrive) {
  const std::string all = "a\xC3\xA9\x1b[A\x1bOB\x1b[5~\x1b[1;5C\r\t\x7f\x15";
  const auto expected =
      ElementsAre(Typed('a'), Typed(0xE9), Key{Key::kUp}, Key{Key::kDown}, Key{Key::kPageUp},
                  Key{Key::kRight}, Key{Key::kEnter}, Key{Key::kTab}, Key{Key::kBackspace}, Key{Key::kClear});
  EXPECT_THAT(KeyParser().Feed(all), expected);
  KeyParser slow;
  std::vector<Key> keys;
  for (const char byte : all) {
    for (const Key& key : slow.Feed({&byte, 1})) keys.push_back(key);
  }
  EXPECT_THAT(keys, expected);
  EXPECT_FALSE(slow.unfinished());
}

TEST(KeyParser, ALoneEscapeIsAKeyOnceNothingFollows) {
  KeyParser parser;
  EXPECT_THAT(parser.Feed("\x1b"), IsEmpty());
  EXPECT_TRUE(parser.unfinished());
  EXPECT_THAT(parser.Flush(), ElementsAre(Key{Key::kEscape}));
  EXPECT_THAT(parser.Feed("\x1bx"), ElementsAre(Key{Key::kEscape}, Typed('x')));
}

TEST(KeyParser, AnswersOfTheTerminalAreNoKeys) {
  KeyParser parser;
  EXPECT_THAT(parser.Feed("q\x1b_Gi=31;OK\x1b\\\x1b[?62;4;22cw"), ElementsAre(Typed('q'), Typed('w')));
  EXPECT_TRUE(HasAnswered(parser.answers()));
  EXPECT_EQ(GraphicsOf(parser.answers()), Graphics::kKitty);
}

TEST(Graphics, AreWhatTheTerminalSaysThatItCan) {
  EXPECT_FALSE(HasAnswered("\x1b_Gi=31;OK\x1b\\"));
  EXPECT_EQ(GraphicsOf("\x1b[?62;4;22c"), Graphics::kSixel);
  EXPECT_EQ(GraphicsOf("\x1b[?62;22;4c"), Graphics::kSixel);
  EXPECT_EQ(GraphicsOf("\x1b[?64;14;24c"), Graphics::kCells) << "another number that has a 4";
  EXPECT_EQ(GraphicsOf("\x1b[?4c"), Graphics::kCells) << "a kind of terminal, not what it can";
  EXPECT_EQ(GraphicsOf(""), Graphics::kCells);
}

TEST(TextField, IsEditedByCharactersNotBytes) {
  TextField field("Zoë");
  field.Press({Key::kBackspace});
  field.Press(Typed(U'é'));
  field.Press({Key::kHome});
  field.Press(Typed('a'));
  field.Press({Key::kRight});
  field.Press({Key::kDelete});
  EXPECT_EQ(field.text(), "aZé");
  EXPECT_FALSE(field.Press({Key::kUp}));
  EXPECT_TRUE(field.Press({Key::kClear}));
  field.Press(Typed('x'));
  EXPECT_EQ(field.text(), "x");
}

}  // namespace
}  // namespace crossface
