#include "crossface/util/text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace crossface {
namespace {

TEST(Text, LeavesValidUtf8AsItIs) {
  for (const std::string text : {"", "a.mp4", "50%FF.mp4", "Zeugin übt.mp4", "видео", "映像.mkv", "📹.webm"}) {
    EXPECT_EQ(EscapeInvalidUtf8(text), text);
  }
}

TEST(Text, EscapesWhatIsNoUtf8) {
  EXPECT_EQ(EscapeInvalidUtf8("gr\xFC\xDF.mp4"), "gr%FC%DF.mp4");    // Latin-1
  EXPECT_EQ(EscapeInvalidUtf8("\xC0\xAF"), "%C0%AF");                // overlong
  EXPECT_EQ(EscapeInvalidUtf8("\xED\xA0\x80"), "%ED%A0%80");         // a surrogate
  EXPECT_EQ(EscapeInvalidUtf8("\xF4\x90\x80\x80"), "%F4%90%80%80");  // past U+10FFFF
  EXPECT_EQ(EscapeInvalidUtf8("x\xE6\x98"), "x%E6%98");              // cut short
  EXPECT_EQ(EscapeInvalidUtf8("\xE6\x98\xA0\xE6"), "\xE6\x98\xA0%E6");
}

TEST(Text, WhatIsEscapedOnceStaysAsItIs) {
  EXPECT_TRUE(rc::check("for any bytes", [](const std::string& bytes) {
    const std::string once = EscapeInvalidUtf8(bytes);
    RC_ASSERT(EscapeInvalidUtf8(once) == once);
    RC_ASSERT(once.size() >= bytes.size());
  }));
}

TEST(Text, TrimTakesBlanksAndNulsOffTheEnds) {
  EXPECT_EQ(Trim(std::string_view(" Canon \0\0", 9)), "Canon");
  EXPECT_EQ(Trim(" a b\n"), "a b");
  EXPECT_EQ(Trim(" \t"), "");
}

}  // namespace
}  // namespace crossface
