// Made-up fingerprints: what alignment and the search for copies have to find, and what not.
#include "crossface/copies/copy_finder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crossface/copies/made_changes_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

std::vector<CopyPair> Find(const std::vector<Fingerprint>& sources) {
  std::vector<const Fingerprint*> pointers;
  for (const Fingerprint& source : sources) pointers.push_back(&source);
  auto pairs = FindCopies(pointers);
  EXPECT_TRUE(pairs.ok()) << pairs.status().message();
  return *pairs;
}

RC_GTEST_PROP(CopyFinder, FindsAPartAtAnyOffsetMirroredOrCutOutInNoise, ()) {
  MadeChanges made(*rc::gen::arbitrary<uint64_t>());
  const auto first = *rc::gen::inRange<uint32_t>(2, 300);
  const auto length = *rc::gen::inRange<uint32_t>(30, 200);
  const auto later = *rc::gen::inRange<int64_t>(-static_cast<int64_t>(first) + 2, 1000);
  const double noise = *rc::gen::inRange(0, 16) / 100.0;
  const bool mirrored = *rc::gen::arbitrary<bool>();
  const auto view = *rc::gen::inRange<size_t>(0, kViews);
  const bool turned = *rc::gen::arbitrary<bool>();
  const Fingerprint whole = made.Source(600);
  const Fingerprint part = made.Copy(whole, first, first + length, later, noise, mirrored, view);
  const Fingerprint stranger = made.Source(600);
  const auto pairs = Find(turned ? std::vector{part, whole, stranger} : std::vector{whole, part, stranger});
  RC_ASSERT(pairs.size() == 1u);
  const CopyPair& pair = pairs[0];
  RC_ASSERT(pair.a == 0u && pair.b == 1u);
  RC_ASSERT(pair.mirrored == mirrored);
  RC_ASSERT(pair.cut_out == (view == 0 ? CopyPair::CutOut::kNone
                             : turned  ? CopyPair::CutOut::kA
                                       : CopyPair::CutOut::kB));
  RC_ASSERT(pair.b_start_us - pair.a_start_us == (turned ? -later : later) * kTickUs);
  const int64_t start = turned ? pair.b_start_us : pair.a_start_us;
  RC_ASSERT(start == (first - kLagTicks) * kTickUs);
  RC_ASSERT(pair.length_us == (length - 1 + kLagTicks) * kTickUs);
  RC_ASSERT(pair.votes == static_cast<int>(length));
  RC_ASSERT(pair.alike > 1 - noise - 0.1);
}

TEST(CopyFinder, TakesStrangersForNothing) {
  MadeChanges made(7);
  std::vector<Fingerprint> sources;
  for (int i = 0; i < 50; ++i) sources.push_back(made.Source(2000));
  EXPECT_TRUE(Find(sources).empty());
}

TEST(CopyFinder, ACompilationHoldsBothOfItsClipsWhereTheyAre) {
  MadeChanges made(8);
  const Fingerprint one = made.Source(100), two = made.Source(100);
  Fingerprint both = made.Copy(one, 0, 100, 40, 0.05);
  for (const Change& change : made.Copy(two, 0, 100, 300, 0.05).changes) both.changes.push_back(change);
  const auto pairs = Find({one, two, both});
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].a, 0u);
  EXPECT_EQ(pairs[0].b_start_us, 40 * kTickUs);
  EXPECT_EQ(pairs[1].a, 1u);
  EXPECT_EQ(pairs[1].b_start_us, 300 * kTickUs);
}

TEST(CopyFinder, OneChangeOverAndOverIsNoEvidence) {
  // A fade, and a lamp that goes on and off, change the picture the same way for every take on one set.
  MadeChanges made(9);
  const ChangeCode light = made.Code();
  ChangeCode opposite = light;
  for (uint64_t& word : opposite.words) word = ~word;
  opposite.words[0] &= ~uint64_t{1};
  const auto take = [&] {
    Fingerprint source;
    for (uint32_t tick = 2; tick < 80; ++tick) {
      const ChangeCode code = made.Noisy(tick % 2 == 0 ? light : opposite, 0.02);
      source.changes.push_back({tick, {code, code, code}});
    }
    return source;
  };
  EXPECT_TRUE(Find({take(), take()}).empty());
}

TEST(CopyFinder, TooFewMomentsAreNoEvidence) {
  MadeChanges made(10);
  const Fingerprint whole = made.Source(400);
  EXPECT_TRUE(Find({whole, made.Copy(whole, 100, 105, 0, 0)}).empty());
  EXPECT_EQ(Find({whole, made.Copy(whole, 100, 106, 0, 0)}).size(), 1u);
}

TEST(CopyFinder, StillPicturesAreCopiesOrNot) {
  std::mt19937_64 random(11);
  StillCode code;
  for (uint64_t& word : code) word = random();
  code[0] &= ~uint64_t{1};
  StillCode poorer = code, other = code;
  for (size_t i = 0; i < poorer.size(); ++i) poorer[i] ^= uint64_t{3} << (20 + i);  // 32 of 1023 bits
  for (size_t i = 0; i < other.size(); ++i) other[i] ^= (uint64_t{1} << 20) - 1;    // 320
  const std::vector<Fingerprint> stills = {{.still = code}, {.still = Mirrored(poorer)}, {.still = other}};
  const auto pairs = Find(stills);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].b, 1u);
  EXPECT_TRUE(pairs[0].mirrored);
  EXPECT_EQ(pairs[0].kind, CopyPair::Kind::kStill);
}

TEST(CopyFinder, StopsWhenAskedTo) {
  MadeChanges made(12);
  const Fingerprint one = made.Source(100);
  const auto pairs = FindCopies({&one}, {.stop = testing::Stopped()});
  EXPECT_EQ(pairs.status().code(), StatusCode::kInterrupted);
}

}  // namespace
}  // namespace crossface
