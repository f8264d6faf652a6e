#include "crossface/app/case_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "crossface/app/json.h"
#include "crossface/app/json_document.h"
#include "crossface/testing/curation_case.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Told : Observer {
  void OnWork(const WorkProgress& progress) override { work.emplace_back(progress.name); }
  void OnWarning(const std::string& text) override { warnings.push_back(text); }
  void OnGrouped(const ClusterSummary& answer) override { persons = answer.persons; }
  std::vector<std::string> work, warnings;
  int64_t persons = -1;
};

// Two people in two sources; in b.mp4 both are on the screen at once.
class CaseServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gallery = Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
    ASSERT_TRUE(gallery.ok()) << gallery.status().message();
    AddSource(**gallery, "a.mp4", {{.number = 1, .person = 1}, {.number = 2, .person = 2}});
    AddSource(**gallery, "b.mp4",
              {{.number = 1, .person = 1, .first_frame = 50},
               {.number = 2, .person = 2, .first_frame = 50, .x = 300}});
  }

  CaseService service() const { return CaseService(scratch_.path() / "case"); }
  Watch watch() { return {.observer = &told_, .stop = stop_.get_token()}; }

  void Group() {
    IdentifyAnswer answer;
    const Ending ending = service().Group({}, watch(), &answer);
    ASSERT_TRUE(ending.status.ok()) << ending.status.message();
    const Ending exported = service().Export(watch(), &answer);
    ASSERT_TRUE(exported.status.ok()) << exported.status.message();
  }
  PeopleAnswer People() const {
    PeopleAnswer people;
    const Ending ending = service().People(&people);
    EXPECT_TRUE(ending.status.ok()) << ending.status.message();
    return people;
  }

  testing::ScratchFolder scratch_;
  Told told_;
  std::stop_source stop_;
};

TEST_F(CaseServiceTest, ACorrectionIsTakenBackWhereAGroupingHasGivenItsTracksToSomebodyElse) {
  Group();
  CorrectionAnswer answer;
  const auto to_second =
      service().Correct(MoveTracks{.tracks = {"a.mp4:1"}, .to = "2"}, {}, watch(), &answer);
  ASSERT_TRUE(to_second.status.ok()) << to_second.status.message();
  {
    auto gallery = *Gallery::Open(service().case_folder(), Gallery::Mode::kWrite);
    const auto persons = *gallery->ReadPersons();
    const auto tracks = *gallery->ReadTracks({});
    ASSERT_THAT(persons, SizeIs(2));
    ASSERT_THAT(tracks, SizeIs(4));
    ASSERT_TRUE(
        gallery
            ->ReplaceGrouping(
                {persons[0], persons[1], {}},
                {{tracks[0].id, 2, 1}, {tracks[1].id, 1, 1}, {tracks[2].id, 0, 1}, {tracks[3].id, 1, 1}})
            .ok());
  }
  ASSERT_THAT(People().persons, SizeIs(3));
  ASSERT_TRUE(service().Correct(UndoCorrections{}, {}, watch(), &answer).status.ok());
  const PeopleAnswer people = People();
  ASSERT_THAT(people.persons, SizeIs(2));
  for (const PersonAnswer& person : people.persons) EXPECT_EQ(person.tracks, 2) << person.id;
}

TEST_F(CaseServiceTest, GroupsTellsAndAnswersTheSameAsItsJson) {
  Group();
  EXPECT_EQ(told_.persons, 2);
  EXPECT_THAT(told_.work, ::testing::Contains("export"));
  const PeopleAnswer people = People();
  ASSERT_THAT(people.persons, SizeIs(2));
  const json document = json::parse(Document(service().case_folder(), ToJson(people), {}));
  EXPECT_EQ(document, json::parse(JsonDocument(service().case_folder(), people, {})));
  EXPECT_EQ(document["exit"], 0);
  EXPECT_EQ(document["case"], service().case_folder().string());
  ASSERT_THAT(document["persons"], SizeIs(2));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(document["persons"][i]["name"], people.persons[i].name);
    EXPECT_EQ(document["persons"][i]["tracks"], 2);
    EXPECT_EQ(document["persons"][i]["sources"], 2);
  }
}

TEST_F(CaseServiceTest, WhoIsOnTheScreenTogetherIsOneOnlyWhenTheUserInsistsAndUndoTakesItBack) {
  Group();
  const PeopleAnswer before = People();
  const MergePersons merge{{before.persons[0].name, before.persons[1].name}};
  CorrectionAnswer answer;
  Ending ending = service().Correct(merge, {}, watch(), &answer);
  EXPECT_EQ(ending.code, kExitUsage);
  EXPECT_EQ(ending.status.remedy(), Remedy::kOverride);
  EXPECT_THAT(ending.status.message(), HasSubstr("on the screen together"));
  EXPECT_THAT(ending.status.message(), ::testing::Not(HasSubstr("--")));
  EXPECT_FALSE(answer.event);
  EXPECT_THAT(People().persons, SizeIs(2));

  ending = service().Correct(merge, {.dry_run = true, .override_earlier = true}, watch(), &answer);
  EXPECT_TRUE(ending.status.ok()) << ending.status.message();
  EXPECT_THAT(People().persons, SizeIs(2));
  ending = service().Correct(merge, {.override_earlier = true}, watch(), &answer);
  EXPECT_TRUE(ending.status.ok()) << ending.status.message();
  EXPECT_THAT(People().persons, SizeIs(1));

  ending = service().Correct(UndoCorrections{}, {}, watch(), &answer);
  EXPECT_TRUE(ending.status.ok()) << ending.status.message();
  EXPECT_THAT(People().persons, SizeIs(2));
  HistoryAnswer history;
  EXPECT_TRUE(service().History(&history).status.ok());
  ASSERT_THAT(history.entries, SizeIs(2));
  EXPECT_EQ(history.entries[0].standing, "undone");
}

TEST_F(CaseServiceTest, EveryCorrectionIsCalledWhatTheLogCallsIt) {
  Group();
  const PeopleAnswer people = People();
  CorrectionAnswer answer;
  const Ending ending = service().Correct(RenamePerson{people.persons[0].name, "Anna"}, {}, watch(), &answer);
  ASSERT_TRUE(ending.status.ok()) << ending.status.message();
  ASSERT_TRUE(answer.event);
  EXPECT_EQ(answer.event->verb, VerbOf(RenamePerson{}));
  PersonDetailAnswer anna;
  EXPECT_TRUE(service().Person("anna", &anna).status.ok());
  EXPECT_EQ(anna.person.name, "Anna");
  EXPECT_THAT(anna.appearances, SizeIs(2));
  EXPECT_TRUE(std::filesystem::is_directory(service().case_folder() / "people" / "Anna"));
}

TEST_F(CaseServiceTest, AStopEndsWorkAsInterruptedAndTheCaseIsWhole) {
  Group();
  stop_.request_stop();
  IdentifyAnswer answer;
  const Ending ending = service().Group({}, watch(), &answer);
  EXPECT_EQ(ending.code, kExitInterrupted);
  EXPECT_EQ(ending.status.code(), StatusCode::kInterrupted);
  EXPECT_FALSE(answer.group);
  EXPECT_THAT(People().persons, SizeIs(2));
}

TEST_F(CaseServiceTest, TablesComeToWhatPeopleComeTo) {
  Group();
  SourcesAnswer sources;
  ASSERT_TRUE(service().Sources(&sources).status.ok());
  ASSERT_THAT(sources.sources, SizeIs(2));
  EXPECT_EQ(sources.sources[0].name, "a.mp4");
  AppearancesAnswer tracks;
  ASSERT_TRUE(service().Appearances(&tracks).status.ok());
  ASSERT_THAT(tracks.appearances, SizeIs(4));
  std::vector<FaceAnswer> faces;
  const auto collect = [&](const std::vector<FaceAnswer>& some) {
    faces.insert(faces.end(), some.begin(), some.end());
  };
  ASSERT_TRUE(service().Faces(collect, watch()).status.ok());
  for (const PersonAnswer& person : People().persons) {
    int64_t screen_us = 0, count = 0;
    for (const AppearanceAnswer& track : tracks.appearances) {
      if (track.whose.person_id != person.id) continue;
      EXPECT_EQ(track.whose.person, person.name);
      screen_us += track.end_us - track.start_us;
      count += track.faces;
    }
    EXPECT_EQ(screen_us, person.screen_us);
    EXPECT_EQ(count, person.faces);
    EXPECT_EQ(count, std::count_if(faces.begin(), faces.end(), [&](const FaceAnswer& face) {
                return face.whose.person_id == person.id;
              }));
  }
  const AppearanceAnswer& last = tracks.appearances.back();
  EXPECT_EQ(last.source, "b.mp4");
  EXPECT_EQ(last.track, 2);
  EXPECT_EQ(faces.back().source, "b.mp4");
  EXPECT_EQ(faces.back().face, last.faces);
  EXPECT_GE(faces.back().time_us, last.start_us);
  EXPECT_LE(faces.back().time_us, last.end_us);
}

TEST_F(CaseServiceTest, ATableOfFacesCanBeStopped) {
  stop_.request_stop();
  const auto collect = [](const std::vector<FaceAnswer>&) { FAIL() << "it went on"; };
  EXPECT_EQ(service().Faces(collect, watch()).code, kExitInterrupted);
}

TEST_F(CaseServiceTest, LooksGoOnBesideSomebodyWhoWrites) {
  Group();
  const auto writer = Gallery::Open(service().case_folder(), Gallery::Mode::kWrite);
  ASSERT_TRUE(writer.ok());
  EXPECT_THAT(People().persons, SizeIs(2));
  CorrectionAnswer answer;
  const Ending refused = service().Correct(UndoCorrections{}, {}, watch(), &answer);
  EXPECT_FALSE(refused.status.ok());
  EXPECT_FALSE(answer.event);
}

TEST_F(CaseServiceTest, ForgettingAsksToBeMeant) {
  Group();
  const std::string person = People().persons[0].name;
  ForgetAnswer answer;
  EXPECT_TRUE(service().Forget({.what = person, .dry_run = true}, watch(), &answer).status.ok());
  ASSERT_TRUE(answer.plan);
  EXPECT_EQ(answer.plan->tracks.size(), 2u);
  const Ending refused = service().Forget({.what = person}, watch(), &answer);
  EXPECT_EQ(refused.status.remedy(), Remedy::kConfirm);
  EXPECT_THAT(People().persons, SizeIs(2));
  EXPECT_TRUE(service().Forget({.what = person, .confirmed = true}, watch(), &answer).status.ok());
  EXPECT_THAT(People().persons, SizeIs(1));
}

TEST_F(CaseServiceTest, AFolderThatIsNoCaseIsToldAndStaysAsItIs) {
  const CaseService nowhere(scratch_.path() / "nowhere");
  PeopleAnswer people;
  const Ending ending = nowhere.People(&people);
  EXPECT_FALSE(ending.status.ok());
  EXPECT_FALSE(std::filesystem::exists(nowhere.case_folder()));
  const json document = json::parse(Document(nowhere.case_folder(), json::object(), ending));
  EXPECT_EQ(document["error"]["message"], ending.status.message());
  EXPECT_EQ(document["exit"], static_cast<int>(ending.code));
}

}  // namespace
}  // namespace crossface
