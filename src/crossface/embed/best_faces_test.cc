#include "crossface/embed/best_faces.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<size_t> Choose(std::vector<float> quality, std::vector<int64_t> time_us, int k) {
  return ChooseBestFaces(quality, time_us, k);
}

TEST(ChooseBestFaces, TakesTheBestOfEachThirdOfTheTime) {
  EXPECT_THAT(Choose({.1f, .3f, .2f, .5f, .9f, .8f, .1f, .2f, .15f}, {0, 10, 20, 30, 40, 50, 60, 70, 80}, 3),
              ElementsAre(4, 1, 7));
}

TEST(ChooseBestFaces, CountsTimeAndNotFaces) {
  // Eight faces in the first tenth of a second are one moment; the two late ones are others.
  EXPECT_THAT(Choose({.9f, .9f, .9f, .9f, .9f, .9f, .8f, .2f, .3f}, {0, 1, 2, 3, 4, 5, 6, 500, 1000}, 3),
              ElementsAre(0, 8, 7));
}

TEST(ChooseBestFaces, FillsEmptyBinsWithTheNextBest) {
  EXPECT_THAT(Choose({.5f, .7f, .6f, .1f}, {0, 1, 2, 1000}, 3), ElementsAre(1, 2, 3));
}

TEST(ChooseBestFaces, TakesAllOfAShortTrack) {
  EXPECT_THAT(Choose({.2f, .4f}, {0, 40}, 3), ElementsAre(1, 0));
  EXPECT_THAT(Choose({.2f}, {7}, 3), ElementsAre(0));
  EXPECT_THAT(Choose({.2f, .4f, .4f}, {7, 7, 7}, 2), ElementsAre(1, 2));
}

TEST(ChooseBestFaces, OfNothingIsNothing) {
  EXPECT_THAT(Choose({}, {}, 3), IsEmpty());
  EXPECT_THAT(Choose({.5f}, {0}, 0), IsEmpty());
}

TEST(ChooseBestFaces, RefusesWhatIsNotATrack) {
  EXPECT_THROW(Choose({.5f}, {}, 3), std::logic_error);
  EXPECT_THROW(Choose({.5f, .5f}, {2, 1}, 3), std::logic_error);
}

RC_GTEST_PROP(ChooseBestFaces, GivesKDifferentFacesAmongThemTheBest,
              (const std::vector<unsigned char>& values)) {
  std::vector<float> quality;
  std::vector<int64_t> times;
  for (unsigned char value : values) {
    quality.push_back(static_cast<float>(value % 16) / 16);
    times.push_back((times.empty() ? 0 : times.back()) + value / 16);
  }
  const int k = *rc::gen::inRange(1, 6);
  const std::vector<size_t> chosen = ChooseBestFaces(quality, times, k);
  RC_ASSERT(chosen.size() == std::min(values.size(), static_cast<size_t>(k)));
  RC_ASSERT(std::set<size_t>(chosen.begin(), chosen.end()).size() == chosen.size());
  if (!chosen.empty()) RC_ASSERT(quality[chosen[0]] == *std::max_element(quality.begin(), quality.end()));
  for (size_t i = 1; i < chosen.size(); ++i) RC_ASSERT(quality[chosen[i - 1]] >= quality[chosen[i]]);
}

}  // namespace
}  // namespace crossface
