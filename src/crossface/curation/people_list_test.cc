#include "crossface/curation/people_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/curation/curation_case_for_test.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/testing/curation_case.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PeopleListTest : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
    AddSource(*gallery_, "a.mp4",
              {{1, 1}, {2, 2}, {3, 2}, {.number = 4, .person = 9, .reason = UnassignedReason::kBlurred}});
    AddSource(*gallery_, "b.mp4", {{1, 2}, {2, 3}, {3, 3}});
    ASSERT_TRUE(ClusterCase(*gallery_, "agglomerative", {}).ok());
  }
  std::vector<int64_t> Ids(Page page) {
    std::vector<int64_t> ids;
    const auto list = ListPeople(*gallery_, page);
    for (const ListedPerson& person : list->persons) ids.push_back(person.id);
    return ids;
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(PeopleListTest, AddsUpWhatTheTracksSay) {
  const PeoplePage list = *ListPeople(*gallery_);
  const CurationState state = *CurationState::Read(*gallery_);
  ASSERT_EQ(list.persons.size(), 3u);
  EXPECT_EQ(list.all, 3u);
  for (const ListedPerson& person : list.persons) {
    PersonTotals totals{.person_id = person.id};
    std::set<size_t> sources;
    for (const size_t i : state.TracksOf(person.id)) {
      ++totals.tracks;
      totals.faces += 2;
      totals.screen_us += state.tracks[i].end_us - state.tracks[i].start_us;
      sources.insert(state.source_of[i]);
    }
    totals.sources = static_cast<int64_t>(sources.size());
    totals.portrait = gallery_->BestFacesOfPersons({person.id})->at(person.id);
    EXPECT_EQ(person.totals, totals) << person.id;
    EXPECT_EQ(person.facts, state.persons.at(person.id));
    EXPECT_EQ(ShowPerson(*gallery_, person.facts.name)->person.totals, totals);
  }
  EXPECT_EQ(list.unassigned_tracks, 1);
  EXPECT_THAT(list.unassigned_by_reason, ElementsAre(std::pair(UnassignedReason::kBlurred, 1)));
}

TEST_F(PeopleListTest, PagesHoldEverybodyOnceSeenLongestFirst) {
  EXPECT_THAT(Ids({}), ElementsAre(2, 3, 1));
  EXPECT_THAT(Ids({0, 2}), ElementsAre(2, 3));
  EXPECT_THAT(Ids({2, 2}), ElementsAre(1));
  EXPECT_THAT(Ids({3, 2}), IsEmpty());
  EXPECT_EQ(ListPeople(*gallery_, {3, 2})->all, 3u);
  const PersonAppearances shown = *ShowPerson(*gallery_, "2", {1, 1});
  ASSERT_EQ(shown.appearances.size(), 1u);
  EXPECT_EQ(shown.appearances[0].track, "a.mp4:3");
  EXPECT_EQ(shown.person.totals.tracks, 3);
}

TEST_F(PeopleListTest, CountsTheConfirmedAndNotTheAnchors) {
  const auto correct = [&](const auto& plan) { CorrectCase(*gallery_, plan); };
  correct([](const CurationPlanner& planner) { return planner.Rename(2, "Anna"); });
  EXPECT_EQ(ListPeople(*gallery_)->persons[0].confirmed, 0);
  correct([](const CurationPlanner& planner) { return planner.Confirm(3, {}); });
  const PeoplePage list = *ListPeople(*gallery_);
  EXPECT_EQ(list.persons[0].confirmed, 0);
  EXPECT_EQ(list.persons[1].confirmed, 2);
  EXPECT_EQ(ShowPerson(*gallery_, "3")->person.confirmed, 2);
  EXPECT_TRUE(ShowPerson(*gallery_, "3")->appearances[0].confirmed);
  EXPECT_EQ(ShowPerson(*gallery_, "nobody").status().code(), StatusCode::kInvalidArgument);
}

TEST_F(PeopleListTest, ALookSeesOneMomentWhateverIsWrittenMeanwhile) {
  const auto reader = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kRead);
  const auto names = [&] {
    std::vector<std::string> list;
    const auto people = ListPeople(*reader);
    for (const ListedPerson& person : people->persons) list.push_back(person.facts.name);
    return list;
  };
  const std::vector<std::string> before = names();
  const Status looked = reader->AtOneMoment([&] {
    EXPECT_EQ(reader->ReadPersons()->size(), 3u);
    EXPECT_TRUE(gallery_->RenamePerson(2, "Anna").ok());
    EXPECT_TRUE(gallery_->ReplaceGrouping({{1, "person-0001"}}, {}).ok());
    EXPECT_EQ(names(), before);
    EXPECT_EQ(reader->ReadAssignments()->size(), 7u);
    return Status();
  });
  EXPECT_TRUE(looked.ok());
  EXPECT_THAT(names(), ElementsAre("person-0001"));
}

}  // namespace
}  // namespace crossface
