#include "crossface/server/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string NextOf(const std::function<bool(std::string*)>& stream) {
  std::string next;
  EXPECT_TRUE(stream(&next));
  return next;
}

// A page reads a list, somebody changes it, and only then the page follows: it would never know.
TEST(EventsTest, WhoComesLaterIsToldHowCasesStand) {
  Events events("event: hello\n\n");
  const auto first = events.Follow();
  events.Tell("case", {{"case", "a"}, {"version", "c1"}});
  events.Tell("case", {{"case", "a"}, {"version", "c2"}});
  events.Tell("case", {{"case", "b"}, {"version", "c7"}});
  events.Tell("proxy", {{"case", "a"}, {"source", 1}});
  const std::string told = NextOf(events.Follow());
  EXPECT_THAT(told, ::testing::StartsWith("retry: 1000\nevent: hello\n\n"));
  EXPECT_THAT(told, HasSubstr("\"c2\""));
  EXPECT_THAT(told, HasSubstr("\"c7\""));
  EXPECT_THAT(told, Not(HasSubstr("\"c1\"")));
  EXPECT_THAT(told, Not(HasSubstr("proxy")));
  EXPECT_THAT(NextOf(first), HasSubstr("\"c1\""));
}

// What was told while nobody else is there any more may be old.
TEST(EventsTest, WhoComesAloneIsToldNothingOld) {
  Events events("event: hello\n\n");
  auto first = events.Follow();
  events.Tell("case", {{"case", "a"}, {"version", "c1"}});
  first = nullptr;
  EXPECT_THAT(NextOf(events.Follow()), Not(HasSubstr("c1")));
}

TEST(EventsTest, WhoDoesNotKeepUpIsEndedAndNobodyElse) {
  Events events("");
  const auto slow = events.Follow();
  for (size_t i = 0; i <= Events::kMostWaiting; ++i) events.Tell("proxy", {{"source", i}});
  std::string next;
  EXPECT_FALSE(slow(&next));
  EXPECT_THAT(NextOf(events.Follow()), HasSubstr("retry"));
}

}  // namespace
}  // namespace crossface
