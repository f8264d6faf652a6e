#include "crossface/embed/track_consistency.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace crossface {
namespace {

// A unit vector `degrees` away from the first axis; cos 45 is what one person's pictures have, cos 90
// strangers'.
std::vector<float> At(double degrees) {
  const double radians = degrees * std::acos(-1.0) / 180;
  return {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians)), 0.0f};
}

std::optional<size_t> Change(const std::vector<std::vector<float>>& vectors,
                             const std::vector<float>& quality) {
  return FindIdentityChange("arcface_ms1m", vectors, quality);
}

TEST(FindIdentityChange, FindsTheFirstFaceOfTheOtherPerson) {
  EXPECT_EQ(Change({At(0), At(20), At(95), At(100), At(110)}, {.9f, .9f, .9f, .9f, .9f}), 2u);
  EXPECT_EQ(Change({At(0), At(90)}, {.9f, .9f}), 1u);
  EXPECT_EQ(Change({At(0), At(10), At(5), At(100)}, {.9f, .9f, .9f, .9f}), 3u);
}

TEST(FindIdentityChange, LeavesOnePersonWhole) {
  EXPECT_EQ(Change({At(0), At(40), At(10), At(50)}, {.9f, .9f, .9f, .9f}), std::nullopt);
  EXPECT_EQ(Change({At(0)}, {.9f}), std::nullopt);
  EXPECT_EQ(Change({}, {}), std::nullopt);
}

TEST(FindIdentityChange, DoesNotListenToPoorFaces) {
  EXPECT_EQ(Change({At(0), At(90)}, {.9f, .1f}), std::nullopt);
  // A poor face amid good ones neither makes a change nor hides one.
  EXPECT_EQ(Change({At(0), At(90), At(10), At(5)}, {.9f, .05f, .9f, .9f}), std::nullopt);
  // On which side of a change a poor face falls is anybody's guess.
  const auto change = Change({At(0), At(50), At(90), At(95)}, {.9f, .05f, .9f, .9f});
  EXPECT_TRUE(change == 1u || change == 2u);
}

TEST(FindIdentityChange, PassesOverFacesWithoutAVector) {
  EXPECT_EQ(Change({At(0), {}, At(90)}, {.9f, .9f, .9f}), 2u);
  EXPECT_EQ(Change({At(0), At(90), At(95)}, {.9f, 0, .9f}), 2u);
}

TEST(FindIdentityChange, NeedsACalibratedModel) {
  const std::vector<std::vector<float>> vectors = {At(0), At(90)};
  const std::vector<float> quality = {.9f, .9f};
  EXPECT_EQ(FindIdentityChange("vgg_face", vectors, quality), std::nullopt);
  EXPECT_THROW(FindIdentityChange("arcface_ms1m", vectors, std::vector<float>{.9f}), std::logic_error);
}

}  // namespace
}  // namespace crossface
