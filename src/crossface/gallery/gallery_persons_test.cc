// What the gallery keeps of persons: who is whose, names, corrections, suggestions, folders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/gallery/gallery_case_for_test.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(GalleryTest, PersonsKeepTheirIdsAndNoIdIsUsedTwice) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 4);
  const auto first = *gallery->ReplaceGrouping(
      {{}, {}}, {{tracks[0], 0, 0.9f}, {tracks[1], 1, 0.8f}, {tracks[2], -1, 0.1f}});
  EXPECT_THAT(first, ElementsAre(1, 2));
  const auto persons = *gallery->ReadPersons();
  EXPECT_EQ(persons[0].name, "person-0001");
  EXPECT_EQ(persons[1].name, "person-0002");
  const auto assignments = *gallery->ReadAssignments();
  ASSERT_EQ(assignments.size(), 4u);  // tracks that the grouping does not name are unassigned
  EXPECT_EQ(assignments[0].person_id, 1);
  EXPECT_EQ(assignments[0].confidence, 0.9f);
  EXPECT_EQ(assignments[2].person_id, 0);
  EXPECT_EQ(assignments[2].confidence, 0.1f);
  EXPECT_EQ(assignments[3].person_id, 0);

  ASSERT_TRUE(gallery->RenamePerson(1, "Anna Doe").ok());
  const auto second =
      *gallery->ReplaceGrouping({{}, {1, "Anna Doe"}}, {{tracks[3], 0, 1}, {tracks[0], 1, 1}});
  EXPECT_THAT(second, ElementsAre(3, 1));
  ASSERT_TRUE(gallery->ReplaceGrouping({}, {}).ok());
  EXPECT_TRUE(gallery->ReadPersons()->empty());
  EXPECT_THAT(*gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}}), ElementsAre(4));
}

TEST_F(GalleryTest, AnUnassignedTrackHasAReasonAndOneThatIsNotGroupedYetThatOfItsScan) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 4);  // of which the scan found every second one turned away
  const auto reasons = [&] {
    std::vector<UnassignedReason> list;
    const auto assignments = *gallery->ReadAssignments();
    for (const Assignment& assignment : assignments) list.push_back(assignment.reason);
    return list;
  };
  using enum UnassignedReason;
  EXPECT_THAT(reasons(), ElementsAre(kNone, kTurnedAway, kNone, kTurnedAway));
  ASSERT_TRUE(
      gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}, {tracks[1], 0, 1}, {tracks[2], -1, 0, kAlone}})
          .ok());
  EXPECT_THAT(reasons(), ElementsAre(kNone, kNone, kAlone, kTurnedAway));
  ASSERT_TRUE(gallery
                  ->WriteCorrection({1, "2026-11-23T10:00:00Z", "move", "{}"},
                                    {.assignments = {{.track_id = tracks[1], .reason = kInDoubt},
                                                     {.track_id = tracks[2], .person_id = 1}}})
                  .ok());
  EXPECT_THAT(reasons(), ElementsAre(kNone, kInDoubt, kNone, kTurnedAway));
  EXPECT_THROW((void)gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1, kAlone}}), std::logic_error);
}

TEST_F(GalleryTest, FailedGroupingLeavesTheOldOne) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 1);
  ASSERT_TRUE(gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}}).ok());
  EXPECT_EQ(gallery->ReplaceGrouping({{77, "nobody"}}, {}).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(gallery->ReplaceGrouping({{0, "a/b"}}, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}, {tracks[0], -1, 1}}).ok());
  EXPECT_THROW((void)gallery->ReplaceGrouping({{}}, {{tracks[0], 1, 1}}), std::logic_error);
  EXPECT_EQ(gallery->ReadPersons()->size(), 1u);
  EXPECT_EQ(gallery->ReadAssignments()->front().person_id, 1);
}

TEST_F(GalleryTest, NamesAreUniqueWhateverTheirCase) {
  auto gallery = Open();
  ASSERT_TRUE(gallery->ReplaceGrouping({{}, {}}, {}).ok());
  ASSERT_TRUE(gallery->RenamePerson(1, "Żaneta Å").ok());
  const Status taken = gallery->RenamePerson(2, "żaneta å");
  EXPECT_EQ(taken.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(taken.message(), HasSubstr("taken"));
  EXPECT_TRUE(gallery->RenamePerson(1, "ŻANETA å").ok());
  EXPECT_EQ(gallery->RenamePerson(9, "x").code(), StatusCode::kNotFound);
  EXPECT_EQ(gallery->RenamePerson(1, "Person-0009").code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(gallery->RenamePerson(1, "person-0001").ok());
  // Two persons can exchange their names in one grouping.
  ASSERT_TRUE(gallery->ReplaceGrouping({{1, "Ada"}, {2, "Bea"}}, {}).ok());
  ASSERT_TRUE(gallery->ReplaceGrouping({{1, "Bea"}, {2, "Ada"}}, {}).ok());
  EXPECT_EQ(gallery->ReadPersons()->front().name, "Bea");
}

TEST(CheckPersonNameTest, TakesNamesOfAllScriptsAndRefusesWhatFileSystemsDoNotTake) {
  for (const char* name :
       {"Anna", "person-0001", "María José", "Олена", "محمد", "李小龍", "O'Neill, J. (2nd)", "=1+1", "a.b"}) {
    EXPECT_TRUE(CheckPersonName(name).ok()) << name;
  }
  for (const std::string name : {"",
                                 ".",
                                 "..",
                                 ".hidden",
                                 "dot.",
                                 " a",
                                 "a ",
                                 "a/b",
                                 "a\\b",
                                 "a:b",
                                 "a*",
                                 "a?",
                                 "a\"b",
                                 "a<b",
                                 "a>b",
                                 "a|b",
                                 "a\nb",
                                 "con",
                                 "NUL",
                                 "Lpt1.txt",
                                 "com0",
                                 "\xff",
                                 "a\xe2\x80\xae"
                                 "b",
                                 "a\x7f",
                                 "a\xc2\x85"}) {
    EXPECT_EQ(CheckPersonName(name).code(), StatusCode::kInvalidArgument) << name;
  }
  EXPECT_FALSE(CheckPersonName(std::string("a\0b", 3)).ok());
  EXPECT_TRUE(CheckPersonName(std::string(100, 'x')).ok());
  EXPECT_FALSE(CheckPersonName(std::string(101, 'x')).ok());
}

TEST_F(GalleryTest, CorrectionsAreAppendedTogetherWithWhatTheyChange) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 3);
  ASSERT_TRUE(
      gallery->ReplaceGrouping({{}, {}}, {{tracks[0], 0, 0.9f}, {tracks[1], 1, 0.8f}, {tracks[2], -1, 0}})
          .ok());
  EXPECT_EQ(*gallery->NextCorrectionId(), 1);
  // Two persons exchange their names, a third is new, one track changes hands, another becomes nobody's.
  ASSERT_TRUE(gallery
                  ->WriteCorrection({1, "t1", "move", "{\"a\":1}"},
                                    {.persons = {{1, "Anna"}, {2, "Bob"}, {3, "Eve", true}},
                                     .assignments = {{tracks[1], 3, 1.0f}, {tracks[0], 0, 0.0f}}})
                  .ok());
  ASSERT_TRUE(
      gallery->WriteCorrection({2, "t2", "rename", "{}"}, {.persons = {{1, "Bob"}, {2, "Anna"}}}).ok());
  EXPECT_THAT(*gallery->ReadPersons(),
              ElementsAre(PersonRecord{1, "Bob", false}, PersonRecord{2, "Anna", false},
                          PersonRecord{3, "Eve", true}));
  auto assignments = *gallery->ReadAssignments();
  EXPECT_EQ(assignments[0].person_id, 0);
  EXPECT_EQ(assignments[0].first_person_id, 1);
  EXPECT_EQ(assignments[1].person_id, 3);
  EXPECT_EQ(assignments[1].first_person_id, 2);

  // A refused one leaves nothing, neither in the list nor in the grouping.
  const Status taken =
      gallery->WriteCorrection({3, "t3", "rename", "{}"}, {.persons = {{3, "anna"}}, .removed = {1}});
  EXPECT_EQ(taken.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(gallery->ReadPersons()->size(), 3u);
  EXPECT_EQ(gallery->ReadCorrections()->size(), 2u);
  EXPECT_THROW((void)gallery->WriteCorrection({9, "t", "rename", "{}"}, {}), std::logic_error);
  EXPECT_EQ(gallery->ReadCorrections()->at(0).body, "{\"a\":1}");

  // A person who was removed comes back under the old number; one who never was does not.
  ASSERT_TRUE(gallery->WriteCorrection({3, "t4", "merge", "{}"}, {.removed = {2}}).ok());
  EXPECT_TRUE(gallery->ReplaceGrouping({{2, "Anna"}}, {}).ok());
  EXPECT_EQ(gallery->ReplaceGrouping({{7, "Nobody"}}, {}).status().code(), StatusCode::kNotFound);
}

TEST_F(GalleryTest, ExportedFilesMoveWithTheirPersonsFolder) {
  auto gallery = Open();
  ASSERT_TRUE(gallery->WriteExportedFolders({{1, "people/a", ""}, {2, "people/ö", "people/c"}}).ok());
  ASSERT_TRUE(gallery
                  ->WriteExportedFiles(
                      {{"people/a/x.jpg", 7}, {"people/a.b", 0}, {"people/ö/y.jpg", 8}, {"z.csv", 0}}, {})
                  .ok());
  ASSERT_TRUE(gallery->WriteExportedFolders({{1, "people/long name", "people/x"}, {2, "people/c", ""}}).ok());
  EXPECT_THAT(*gallery->ReadExportedFolders(), ElementsAre(ExportedFolder{1, "people/long name", "people/x"},
                                                           ExportedFolder{2, "people/c", ""}));
  EXPECT_THAT(*gallery->ReadExportedFiles(),
              ElementsAre(ExportedFile{"people/a.b", 0}, ExportedFile{"people/c/y.jpg", 8},
                          ExportedFile{"people/long name/x.jpg", 7}, ExportedFile{"z.csv", 0}));
  ASSERT_TRUE(gallery->WriteExportedFiles({{"z.csv", 9}}, {"people/a.b", "people/c/y.jpg"}).ok());
  EXPECT_THAT(*gallery->ReadExportedFiles(),
              ElementsAre(ExportedFile{"people/long name/x.jpg", 7}, ExportedFile{"z.csv", 9}));
}

TEST_F(GalleryTest, SuggestionsAndCohesionAreThoseOfTheLastGroupingAndAreForgottenWithThePerson) {
  auto gallery = Open();
  const std::vector<int64_t> tracks = Fill(*gallery, 4);
  using Kind = SuggestionRecord::Kind;
  const std::vector<Gallery::NewAssignment> grouping = {
      {tracks[0], 0, 0.9f}, {tracks[1], 0, 0.9f}, {tracks[2], 1, 0.8f}, {tracks[3], -1, 0}};
  ASSERT_TRUE(gallery
                  ->ReplaceGrouping({{0, "Anna", false, false, 0.25f}, {0, "Ben"}}, grouping,
                                    {{Kind::kMixture, 0, -1, {tracks[1]}, 0.5f, 2},
                                     {.person = 1, .other = 0, .probability = 0.25f, .gain = 1}})
                  .ok());
  auto suggestions = *gallery->ReadSuggestions();
  ASSERT_EQ(suggestions.size(), 2u);
  EXPECT_EQ(suggestions[0], (SuggestionRecord{1, Kind::kMixture, 1, 0, {tracks[1]}, 0.5f, 2, false}));
  EXPECT_EQ(suggestions[1], (SuggestionRecord{2, Kind::kMerge, 2, 1, {}, 0.25f, 1, false}));
  EXPECT_EQ(gallery->ReadCohesion()->at(1), 0.25f);
  EXPECT_FALSE(gallery->ReadCohesion()->contains(2));

  ASSERT_TRUE(gallery->SettleSuggestions({2}).ok());
  EXPECT_FALSE(gallery->ReadSuggestions()->at(0).settled);
  EXPECT_TRUE(gallery->ReadSuggestions()->at(1).settled);
  ASSERT_TRUE(gallery->SettleSuggestions({}).ok());
  EXPECT_FALSE(gallery->ReadSuggestions()->at(1).settled);

  // Nothing is known of a person with another track until the old ones are back.
  const auto move = [&](int64_t id, int64_t person) {
    return gallery->WriteCorrection({id, "t", "move", "{}"}, {.assignments = {{tracks[3], person, 1}}});
  };
  ASSERT_TRUE(move(1, 1).ok());
  EXPECT_FALSE(gallery->ReadCohesion()->contains(1));
  ASSERT_TRUE(move(2, 0).ok());
  EXPECT_EQ(gallery->ReadCohesion()->at(1), 0.25f);
  // Nor is it lost with a person who comes back.
  ASSERT_TRUE(gallery->WriteCorrection({3, "t", "x", "{}"}, {.removed = {1}}).ok());
  ASSERT_TRUE(
      gallery
          ->WriteCorrection({4, "t", "x", "{}"},
                            {.persons = {{1, "Anna"}}, .assignments = {{tracks[0], 1, 1}, {tracks[1], 1, 1}}})
          .ok());
  EXPECT_EQ(gallery->ReadCohesion()->at(1), 0.25f);

  ASSERT_TRUE(gallery->Forget({.persons = {2}}).ok());
  ASSERT_EQ(gallery->ReadSuggestions()->size(), 1u);
  ASSERT_TRUE(gallery->Forget({.persons = {1}}).ok());
  EXPECT_TRUE(gallery->ReadSuggestions()->empty());
  EXPECT_TRUE(gallery->CheckIntegrity()->empty());

  ASSERT_TRUE(gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}}, {}).ok());
  EXPECT_FALSE(gallery->ReadCohesion()->contains(1));
}

}  // namespace
}  // namespace crossface
