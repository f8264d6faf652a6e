#include "crossface/grouping/copied_faces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "crossface/curation/curation_case_for_test.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/testing/curation_case.h"

namespace crossface {
namespace {

constexpr char kMethod[] = "hybrid";
constexpr int64_t kSecond = 1'000'000;

// Sources are numbered from 1 as they are added.
CopyRecord CopyOf(int64_t one, int64_t other) {
  return {.source_id = one, .other_id = other, .length_us = 90 * kSecond, .votes = 20, .alike = 0.9f};
}

class CopiedFacesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
  }
  void Add(const std::string& name, const std::vector<PlannedTrack>& tracks) {
    AddSource(*gallery_, name, tracks);
  }
  // Somebody who was hardly seen, whose vector is as much a stranger's.
  void AddPoor(const std::string& name, const PlannedTrack& planned) {
    TrackRecord track = TrackOf(planned);
    const std::vector<float> stranger = VectorOf(planned.person + 100, 1);
    std::vector<float>& vector = track.templates[0].vector;
    for (size_t i = 0; i < vector.size(); ++i) vector[i] = (vector[i] + 1.2f * stranger[i]);
    const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0f));
    for (float& value : vector) value /= length;
    track.faces[0].embeddings = track.templates;
    track.quality = 0.1f;
    track.may_form = false;
    track.reason = UnassignedReason::kBlurred;
    const auto source = gallery_->WriteSource(SourceOf(name));
    ASSERT_TRUE(source.ok()) << source.status().message();
    ASSERT_TRUE(gallery_->AppendTracks(*source, {track}, {}).ok());
  }
  // Tracks are numbered from 1 as they are added.
  int64_t PersonOf(int64_t track) const {
    const auto assignments = gallery_->ReadAssignments();
    for (const Assignment& assignment : *assignments)
      if (assignment.track_id == track) return assignment.person_id;
    return -1;
  }
  // How many tracks are copies of another one when this is known of copies.
  int64_t Copied(const std::vector<CopyRecord>& copies) {
    EXPECT_TRUE(gallery_->ReplaceCopies(copies).ok());
    const auto summary = ClusterCase(*gallery_, kMethod, {});
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    return summary->copied_tracks;
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(CopiedFacesTest, KnowsTheFacesAtOnePlaceAndMoment) {
  Add("a.mp4", {{1, 1, 100, 10}, {2, 2, 100, 300}, {3, 3, 500, 10}});
  Add("b.mp4", {{1, 1, 100, 14}, {2, 2, 100, 300}, {3, 3, 900, 10}});
  EXPECT_EQ(Copied({}), 0);
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 2) << "the third is there at other times";
}

TEST_F(CopiedFacesTest, FollowsACopyThatBeginsElsewhere) {
  Add("a.mp4", {{1, 1, 500, 10}, {2, 2, 1500, 10}});
  Add("b.mp4", {{1, 1, 250, 10}, {2, 2, 1250, 10}});
  CopyRecord copy = CopyOf(1, 2);
  copy.start_us = 15 * kSecond;
  copy.other_start_us = 5 * kSecond;
  copy.length_us = 20 * kSecond;
  EXPECT_EQ(Copied({copy}), 1) << "the second stands behind what both have";
}

TEST_F(CopiedFacesTest, TurnsWhatIsMirrored) {
  Add("a.mp4", {{1, 1, 100, 10}, {2, 2, 300, 400}});
  Add("b.mp4", {{1, 1, 100, 570}, {2, 2, 300, 400}});
  CopyRecord copy = CopyOf(1, 2);
  copy.mirrored = true;
  EXPECT_EQ(Copied({copy}), 1);
}

TEST_F(CopiedFacesTest, KnowsNoPlaceInWhatWasCutOutNorOfTwoPhotos) {
  Add("a.mp4", {{1, 1, 100, 10}});
  Add("b.mp4", {{1, 1, 100, 10}});
  CopyRecord cut_out = CopyOf(1, 2), photo = CopyOf(1, 2);
  cut_out.cut_out = CopyRecord::CutOut::kOther;
  photo.kind = CopyRecord::Kind::kStill;
  EXPECT_EQ(Copied({cut_out}), 0);
  EXPECT_EQ(Copied({photo}), 0);
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 1);
}

// One presenter after another before the same pictures on a wall: the wall moves, and is recognised.
TEST_F(CopiedFacesTest, TakesNobodyForSomebodyElse) {
  Add("a.mp4", {{1, 1, 100, 10}});
  Add("b.mp4", {{1, 2, 100, 10}});
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 0);
  EXPECT_EQ(gallery_->ReadPersons()->size(), 2u);
}

TEST_F(CopiedFacesTest, ObeysWhoToldThemApart) {
  Add("a.mp4", {{1, 1, 100, 10}, {2, 2, 300, 10}});
  Add("b.mp4", {{1, 1, 100, 10}, {2, 2, 300, 10}});
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 2);
  CorrectCase(*gallery_, [](const CurationPlanner& planner) { return planner.Split(1, {0}, ""); });
  CorrectCase(*gallery_, [](const CurationPlanner& planner) { return planner.NotSame(1, 3); });
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 1);
}

// Which link of a chain is wrong is not known, so none of it is made.
TEST_F(CopiedFacesTest, BelievesNothingOfAChainThatContradictsTheScreen) {
  Add("a.mp4", {{1, 1, 100, 10}, {2, 1, 100, 570}, {3, 3, 500, 200}});
  Add("b.mp4", {{1, 1, 100, 10}, {2, 3, 500, 200}});
  CopyRecord mirrored = CopyOf(1, 2);
  mirrored.mirrored = true;
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 2);
  EXPECT_EQ(Copied({mirrored}), 1);
  EXPECT_EQ(Copied({CopyOf(1, 2), mirrored}), 1) << "both of a's first two would be b's first";
}

// A poor copy is like nobody enough, and is known by the better one all the same.
TEST_F(CopiedFacesTest, APoorCopyIsWhereTheBetterOneIs) {
  Add("a.mp4", {{1, 1, 100, 10}, {2, 2, 300, 10}});
  AddPoor("b.mp4", {1, 1, 100, 10});
  EXPECT_EQ(Copied({}), 0);
  EXPECT_EQ(PersonOf(3), 0);
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 1);
  EXPECT_EQ(PersonOf(3), PersonOf(1));
  EXPECT_NE(PersonOf(3), 0);
  EXPECT_NE(PersonOf(3), PersonOf(2));
}

// Five that agree are still nobody who can be told.
TEST_F(CopiedFacesTest, CopiesOfNobodyFoundNobody) {
  for (const char* name : {"a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4"}) AddPoor(name, {1, 1, 100, 10});
  std::vector<CopyRecord> copies;
  for (int64_t one = 1; one <= 5; ++one)
    for (int64_t other = one + 1; other <= 5; ++other) copies.push_back(CopyOf(one, other));
  EXPECT_EQ(Copied(copies), 4);
  EXPECT_TRUE(gallery_->ReadPersons()->empty());
}

// Which of them is wrong is not known.
TEST_F(CopiedFacesTest, CopiesThatAreOfDifferentPeopleStayThere) {
  Add("a.mp4", {{1, 1, 100, 10}, {2, 2, 300, 10}, {3, 1, 500, 10}});
  Add("b.mp4", {{1, 1, 100, 10}});
  AddPoor("c.mp4", {1, 1, 100, 10});
  const std::vector<CopyRecord> copies = {CopyOf(1, 2), CopyOf(1, 3), CopyOf(2, 3)};
  EXPECT_EQ(Copied(copies), 2);
  EXPECT_EQ(PersonOf(5), PersonOf(3));
  const int64_t before = PersonOf(3), corrected = PersonOf(2);
  CorrectCase(*gallery_, [&](const CurationPlanner& planner) { return planner.Move({0}, corrected); });
  EXPECT_EQ(Copied(copies), 2);
  EXPECT_EQ(PersonOf(1), corrected);
  EXPECT_EQ(PersonOf(3), before);
  EXPECT_EQ(PersonOf(4), before);
  EXPECT_EQ(PersonOf(5), 0);
}

// As the encodings of one poor look at somebody are.
TEST(FollowCopies, PersonsWhoAreNothingButCopiesOfOneFaceBecomeOne) {
  ClusterProblem problem{.items = 5,
                         .templates = {{.model = "m",
                                        .dimensions = 1,
                                        .rows = {1, 1, 1, 1, 1},
                                        .present = {1, 1, 1, 1, 1},
                                        .mapped = {}}}};
  ClusterAnswer answer{.person_of = {0, 1, 2, -1, 2},
                       .confidence = {0.5f, 0.6f, 0.9f, 0, 0.9f},
                       .reason = std::vector<UnassignedReason>(5),
                       .persons = 3,
                       .cohesion = {0.1f, 0.2f, 0.3f},
                       .suggestions = {}};
  ClusterSuggestion suggestion{.kind = ClusterSuggestion::Kind::kMerge, .person = 0, .other = 1};
  answer.suggestions.push_back(suggestion);
  suggestion.other = 2;
  answer.suggestions.push_back(suggestion);
  ASSERT_TRUE(FollowCopies({{0, 1, 3}}, problem, &answer).ok());
  EXPECT_THAT(answer.person_of, ::testing::ElementsAre(0, 0, 1, 0, 1));
  EXPECT_FLOAT_EQ(answer.confidence[3], 0.6f);
  EXPECT_EQ(answer.persons, 2);
  EXPECT_THAT(answer.cohesion, ::testing::ElementsAre(0.1f, 0.3f));
  ASSERT_EQ(answer.suggestions.size(), 1u) << "whom it asked about are one already";
  EXPECT_EQ(answer.suggestions[0].other, 1);
}

// On the screen beside a track of the person whom its copy is.
TEST(FollowCopies, WhoMustBeApartStaysSo) {
  ClusterProblem problem{
      .items = 3,
      .templates = {{.model = "m", .dimensions = 1, .rows = {1, 1, 1}, .present = {1, 1, 1}, .mapped = {}}}};
  problem.cannot_links = {{1, 2}};
  ClusterAnswer answer{.person_of = {0, 0, -1},
                       .confidence = {1, 1, 0},
                       .reason = std::vector<UnassignedReason>(3),
                       .persons = 1,
                       .cohesion = {},
                       .suggestions = {}};
  ASSERT_TRUE(FollowCopies({{0, 2}}, problem, &answer).ok());
  EXPECT_THAT(answer.person_of, ::testing::ElementsAre(0, 0, -1));
}

TEST_F(CopiedFacesTest, StayWhereTheyAreWhenALargeCaseIsAddedTo) {
  Add("a.mp4", {{1, 1, 100, 10}, {2, 2, 300, 10}});
  AddPoor("b.mp4", {1, 1, 100, 10});
  EXPECT_EQ(Copied({CopyOf(1, 2)}), 1);
  const int64_t person = PersonOf(1);
  Add("c.mp4", {{1, 1}, {2, 5}});
  const auto added = ClusterCase(*gallery_, kMethod, {}, 1);
  ASSERT_TRUE(added.ok()) << added.status().message();
  EXPECT_EQ(added->added, 2);
  EXPECT_EQ(added->copied_tracks, 1);
  EXPECT_EQ(PersonOf(1), person);
  EXPECT_EQ(PersonOf(3), person);
  EXPECT_EQ(PersonOf(4), person);
}

TEST_F(CopiedFacesTest, GroupsAgainOnceCopiesAreKnown) {
  Add("a.mp4", {{1, 1, 100, 10}});
  Add("b.mp4", {{1, 1, 100, 10}});
  const auto groups = [&] {
    const int64_t before = gallery_->ReadTide()->grouping;
    EXPECT_TRUE(ClusterWhatIsNew(*gallery_, kMethod, {}).ok());
    return gallery_->ReadTide()->grouping > before;
  };
  EXPECT_TRUE(groups());
  EXPECT_FALSE(groups());
  ASSERT_TRUE(gallery_->ReplaceCopies({CopyOf(1, 2)}).ok());
  EXPECT_TRUE(groups());
  EXPECT_FALSE(groups());
  ASSERT_TRUE(gallery_->ReplaceCopies({}).ok());
  EXPECT_TRUE(groups());
}

}  // namespace
}  // namespace crossface
