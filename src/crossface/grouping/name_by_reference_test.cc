// Persons who are called after references: by groupings of made tracks and made references.
#include "crossface/grouping/name_by_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/curation/curation_plan.h"
#include "crossface/curation/curation_state.h"
#include "crossface/custody/forget.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/grouping/reference_photo_for_test.h"
#include "crossface/testing/curation_case.h"

namespace crossface {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NameByReferenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
    AddThreePeople(*gallery_);
    Cluster();
  }
  void Cluster() {
    const auto summary = ClusterCase(*gallery_, "hybrid", {});
    ASSERT_TRUE(summary.ok()) << summary.status().message();
    warnings_ = summary->warnings;
  }
  void Enrol(const std::vector<ReferenceFace>& faces) {
    const Status added = gallery_->AddReferences(faces);
    ASSERT_TRUE(added.ok()) << added.message();
    Cluster();
  }
  std::vector<std::string> Names() const {
    const auto persons = *gallery_->ReadPersons();
    std::vector<std::string> names;
    names.reserve(persons.size());
    for (const PersonRecord& person : persons) names.push_back(person.name);
    return names;
  }
  bool IsByReference(size_t place) const { return gallery_->ReadPersons()->at(place).by_reference; }
  template <typename Plan>
  Status Do(Plan make_plan) {
    const CurationState state = *CurationState::Read(*gallery_);
    const auto plan = make_plan(CurationPlanner(state, false));
    return plan.ok() ? CarryOut(*gallery_, *plan) : plan.status();
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
  std::vector<std::string> warnings_;
};

TEST_F(NameByReferenceTest, WhoIsLikeAReferenceIsCalledSoUntilItGoes) {
  Enrol({PhotoOf("Ada", 2), PhotoOf("Nobody here", 77)});
  EXPECT_THAT(Names(), ElementsAre("person-0001", "Ada (by reference)", "person-0003"));
  EXPECT_TRUE(IsByReference(1));
  Cluster();
  EXPECT_THAT(Names(), ElementsAre("person-0001", "Ada (by reference)", "person-0003"));
  EXPECT_EQ(*gallery_->RemoveReferences("ADA"), 1);
  Cluster();
  EXPECT_THAT(Names(), ElementsAre("person-0001", "person-0002", "person-0003"));
  EXPECT_FALSE(IsByReference(1));
}

TEST_F(NameByReferenceTest, ConfirmingTakesTheMarkAwayAndUndoGivesItBack) {
  Enrol({PhotoOf("Ada", 2)});
  ASSERT_TRUE(Do([](const auto& planner) { return planner.Confirm(2, {}); }).ok());
  EXPECT_THAT(Names(), ElementsAre("person-0001", "Ada", "person-0003"));
  Cluster();
  EXPECT_THAT(Names(), ElementsAre("person-0001", "Ada", "person-0003"));
  EXPECT_FALSE(IsByReference(1));
  ASSERT_TRUE(Do([](const auto& planner) { return planner.Undo(1); }).ok());
  EXPECT_THAT(Names(), ElementsAre("person-0001", "Ada (by reference)", "person-0003"));
  EXPECT_TRUE(IsByReference(1));
}

TEST_F(NameByReferenceTest, ANameOfTheUsersStaysAndTheLikenessIsTold) {
  ASSERT_TRUE(Do([](const auto& planner) { return planner.Rename(2, "Bea"); }).ok());
  Enrol({PhotoOf("Ada", 2)});
  EXPECT_THAT(Names(), ElementsAre("person-0001", "Bea", "person-0003"));
  EXPECT_THAT(warnings_, Contains(HasSubstr("Bea, whom you named, is like the references of Ada")));
}

TEST_F(NameByReferenceTest, WhoIsRenamedIsTheUsers) {
  Enrol({PhotoOf("Ada", 2)});
  ASSERT_TRUE(Do([](const auto& planner) { return planner.Rename(2, "Ada Lovelace"); }).ok());
  Cluster();
  EXPECT_THAT(Names(), ElementsAre("person-0001", "Ada Lovelace", "person-0003"));
}

TEST_F(NameByReferenceTest, AMergeKeepsTheNameThatTheUserGave) {
  Enrol({PhotoOf("Ada", 3)});
  ASSERT_TRUE(Do([](const auto& planner) { return planner.Rename(1, "Bea"); }).ok());
  ASSERT_TRUE(Do([](const auto& planner) { return planner.Merge({3, 1}); }).ok());
  EXPECT_THAT(Names(), ElementsAre("person-0002", "Bea"));
  EXPECT_FALSE(IsByReference(1));
}

TEST_F(NameByReferenceTest, OfTwoPersonsWhoAreLikeThemOneIsNamedAndTheOtherIsAQuestion) {
  // What the user took apart by mistake: a track of person 3 stands alone.
  ASSERT_TRUE(Do([&](const auto& planner) {
                const CurationState state = *CurationState::Read(*gallery_);
                std::vector<size_t> own;
                for (size_t i = 0; i < state.tracks.size(); ++i)
                  if (state.owner[i].person == 3) own.push_back(i);
                return planner.Split(3, {own.front()}, "");
              }).ok());
  Enrol({PhotoOf("Ada", 3)});
  const auto names = Names();
  ASSERT_EQ(names.size(), 4u);
  EXPECT_EQ(std::count(names.begin(), names.end(), "Ada (by reference)"), 1);
  const auto suggestions = *gallery_->ReadSuggestions();
  EXPECT_THAT(suggestions, Contains(::testing::Truly([](const SuggestionRecord& each) {
                return each.kind == SuggestionRecord::Kind::kMerge &&
                       std::minmax(each.person_id, each.other_id) == std::minmax<int64_t>(3, 4);
              })));
}

TEST_F(NameByReferenceTest, TwoWhoAreSeenTogetherAreNoQuestion) {
  // The reference is like both, who are on the screen together.
  ReferenceFace both = PhotoOf("Ada", 1);
  const std::vector<float> other = VectorOf(2, 900);
  float length = 0;
  for (size_t i = 0; i < other.size(); ++i) {
    both.vectors[0].vector[i] += other[i];
    length += both.vectors[0].vector[i] * both.vectors[0].vector[i];
  }
  for (float& value : both.vectors[0].vector) value /= std::sqrt(length);
  Enrol({both});
  const auto suggestions = *gallery_->ReadSuggestions();
  for (const SuggestionRecord& each : suggestions)
    EXPECT_NE(std::minmax(each.person_id, each.other_id), std::minmax<int64_t>(1, 2));
}

TEST_F(NameByReferenceTest, VectorsOfAnotherModelSayNothingAndItIsTold) {
  Enrol({PhotoOf("Ada", 2, 900, "another version")});
  EXPECT_THAT(Names(), ElementsAre("person-0001", "person-0002", "person-0003"));
  EXPECT_THAT(warnings_, Contains(HasSubstr("the references of Ada have no vector of the models in use")));
}

TEST_F(NameByReferenceTest, ACaseWithoutTracksKeepsWhoIsEnrolled) {
  auto empty = *Gallery::Open(scratch_.path() / "empty", Gallery::Mode::kCreate);
  ASSERT_TRUE(empty->AddReferences({PhotoOf("Ada", 2), PhotoOf("ada", 2, 901)}).ok());
  ASSERT_TRUE(ClusterCase(*empty, "hybrid", {}).ok());
  AddSource(*empty, "a.mp4", {{1, 1}, {2, 2}});
  ASSERT_TRUE(ClusterCase(*empty, "hybrid", {}).ok());
  const auto persons = *empty->ReadPersons();
  EXPECT_THAT(persons, Contains(::testing::Field(&PersonRecord::name, "Ada (by reference)")));
}

TEST_F(NameByReferenceTest, WhoeverIsForgottenIsForgottenHereToo) {
  Enrol({PhotoOf("Ada", 2), PhotoOf("Bob", 3)});
  const CurationState state = *CurationState::Read(*gallery_);
  const auto forgotten = Forget(*gallery_, state, PlanForgetPerson(state, 2), nullptr);
  ASSERT_TRUE(forgotten.ok()) << forgotten.status().message();
  EXPECT_THAT(forgotten->found_in, IsEmpty());
  const auto left = *gallery_->ReadReferences();
  EXPECT_THAT(left, ElementsAre(::testing::Field(&ReferenceFace::name, "Bob")));
}

}  // namespace
}  // namespace crossface
