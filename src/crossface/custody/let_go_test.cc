// Old recordings go, and none that anybody may ask for again; evidence stays, whenever the program is killed.
#include "crossface/custody/let_go.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "crossface/curation/curation_plan.h"
#include "crossface/custody/verify.h"
#include "crossface/gallery/recordings.h"
#include "crossface/testing/curation_case.h"
#include "crossface/testing/kill_at_statement.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// 2026-11-30T12:00:00Z.
constexpr int64_t kNow = 1'796'040'000'000'000;
constexpr int64_t kSegmentBytes = 1000;

class LetGoTest : public ::testing::Test {
 protected:
  void SetUp() override { MakeCase(); }
  fs::path folder() const { return scratch_.path() / "case"; }
  static std::string FileOf(const std::string& name) { return "recordings/gate/" + name + ".mkv"; }

  // Seven segments, one a day from the 24th on: who is seen in them is their name.
  void MakeCase() {
    fs::remove_all(folder());
    gallery_ = *Gallery::Open(folder(), Gallery::Mode::kCreate);
    fs::create_directories(folder() / "recordings/gate");
    std::ofstream list(folder() / "recordings.csv");
    list << "stream,file,begin,end,clock,bytes,sha256,gap_ms,ended,address\r\n";
    int day = 24;
    for (const std::string name :
         {"nobody", "stranger", "anna", "confirmed", "corrected", "unscanned", "another"}) {
      const std::string content = name + std::string(kSegmentBytes - name.size(), '.');
      std::ofstream(folder() / FileOf(name)) << content;
      const std::string time = "2026-11-" + std::to_string(day++) + "T12:";
      list << "gate," << FileOf(name) << ',' << time << "00:00.000Z," << time << "01:00.000Z,arrival,"
           << content.size() << ',' << Sha256Hex(content) << ",,full,rtsp://gate\r\n";
      if (name != "unscanned") AddSegment(name, content);
    }
    list.close();
    std::vector<Gallery::NewAssignment> assignments;
    const std::map<std::string, int> person_of = {{"gate/stranger.mkv", 0},
                                                  {"gate/anna.mkv", 1},
                                                  {"gate/confirmed.mkv", 2},
                                                  {"gate/corrected.mkv", 3},
                                                  {"gate/another.mkv", 0}};
    const CurationState state = State();
    for (size_t i = 0; i < state.tracks.size(); ++i)
      assignments.push_back({state.tracks[i].id, person_of.at(state.sources[state.source_of[i]].name), 1});
    ASSERT_TRUE(gallery_->ReplaceGrouping({{0, ""}, {0, "Anna"}, {0, ""}, {0, ""}}, assignments).ok());
    const int64_t confirmed = PersonIn("gate/confirmed.mkv"), corrected = PersonIn("gate/corrected.mkv");
    Correct([&](const CurationPlanner& planner) { return planner.Confirm(confirmed, {}); });
    Correct([&](const CurationPlanner& planner) { return planner.Rename(corrected, "Ben"); });
    Correct([&](const CurationPlanner& planner) {
      return planner.Rename(corrected, "person-000" + std::to_string(corrected));
    });
  }
  void AddSegment(const std::string& name, const std::string& content) {
    SourceRecord source = SourceOf("gate/" + name + ".mkv");
    source.path = (fs::canonical(folder()) / FileOf(name)).string();
    source.sha256 = Sha256Hex(content);
    source.info.bytes = kSegmentBytes;
    const auto id = gallery_->WriteSource(source);
    ASSERT_TRUE(id.ok()) << id.status().message();
    if (name != "nobody") {
      ASSERT_TRUE(gallery_->AppendTracks(*id, {TrackOf({.number = 1, .person = 1})}, {}).ok());
    }
  }
  CurationState State() const { return *CurationState::Read(*gallery_); }
  int64_t PersonIn(const std::string& source) const {
    const CurationState state = State();
    for (size_t i = 0; i < state.tracks.size(); ++i)
      if (state.sources[state.source_of[i]].name == source) return state.owner[i].person;
    return 0;
  }
  template <typename Plan>
  void Correct(const Plan& plan) {
    const CurationState state = State();
    const auto planned = plan(CurationPlanner(state, false));
    ASSERT_TRUE(planned.ok()) << planned.status().message();
    ASSERT_TRUE(CarryOut(*gallery_, *planned).ok());
  }
  LetGoSummary LetGo(const KeepLimits& limits) {
    RunLog log(folder());
    const auto summary = LetRecordingsGo(*gallery_, log, {.limits = limits, .now_us = kNow});
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    EXPECT_TRUE(log.Seal(*gallery_).ok());
    return summary.ok() ? *summary : LetGoSummary();
  }
  std::vector<std::string> Left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder() / "recordings/gate"))
      names.push_back(entry.path().stem().string());
    return names;
  }
  // What verify finds of sources; other files of the case were never exported here.
  std::vector<std::string> MissingSources(std::vector<std::string>* notes = nullptr) const {
    const auto summary = VerifyCase(*gallery_, {});
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    std::vector<std::string> missing;
    for (const Finding& finding : summary->findings)
      if (finding.what.starts_with("gate/")) missing.push_back(finding.what);
    if (notes != nullptr) *notes = summary->notes;
    return missing;
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(LetGoTest, OldOnesGoAndNoneThatCounts) {
  const LetGoSummary summary = LetGo({.days = 1.5});
  EXPECT_EQ(summary.segments, 2);
  EXPECT_EQ(summary.bytes, 2 * kSegmentBytes);
  EXPECT_EQ(summary.kept_for_people, 3);
  EXPECT_EQ(summary.kept_unidentified, 0) << "the one of yesterday is not old";
  EXPECT_THAT(Left(), UnorderedElementsAre("anna", "confirmed", "corrected", "unscanned", "another"));
  // What was found in them stays.
  EXPECT_EQ(State().tracks.size(), 5u);
  std::vector<std::string> notes;
  EXPECT_THAT(MissingSources(&notes), IsEmpty());
  EXPECT_THAT(notes, ::testing::Contains(HasSubstr("gate/stranger.mkv: the film was let go on ")));
  EXPECT_EQ(LetGo({.days = 1.5}).segments, 0);
  EXPECT_EQ(LetGo({.days = 0.5}).kept_unidentified, 1);
}

TEST_F(LetGoTest, TheOldestGoUntilTheRestIsSmallEnough) {
  EXPECT_EQ(LetGo({.bytes = 7 * kSegmentBytes}).segments, 0);
  EXPECT_EQ(LetGo({.bytes = 6 * kSegmentBytes}).segments, 1);
  EXPECT_THAT(Left(),
              UnorderedElementsAre("stranger", "anna", "confirmed", "corrected", "unscanned", "another"));
  const LetGoSummary summary = LetGo({.bytes = 0});
  EXPECT_EQ(summary.segments, 2);
  EXPECT_EQ(summary.kept_for_people, 3);
  EXPECT_EQ(summary.kept_unidentified, 1);
}

TEST_F(LetGoTest, WhoMayBeSomebodyWithANameIsKept) {
  const int64_t stranger = PersonIn("gate/stranger.mkv"), anna = PersonIn("gate/anna.mkv");
  std::vector<Gallery::NewAssignment> assignments;
  std::vector<PersonRecord> persons = *gallery_->ReadPersons();
  std::map<int64_t, int> position;
  for (size_t i = 0; i < persons.size(); ++i) position[persons[i].id] = static_cast<int>(i);
  const auto before = gallery_->ReadAssignments();
  for (const Assignment& one : *before) assignments.push_back({one.track_id, position.at(one.person_id), 1});
  ASSERT_TRUE(gallery_
                  ->ReplaceGrouping(
                      persons, assignments,
                      {{.person = position.at(stranger), .other = position.at(anna), .probability = 0.6f}})
                  .ok());
  const LetGoSummary summary = LetGo({.days = 0});
  EXPECT_EQ(summary.segments, 1);
  EXPECT_EQ(summary.kept_for_people, 4);
}

TEST_F(LetGoTest, WhatIsNotWhatWasRecordedStays) {
  std::ofstream(folder() / FileOf("nobody"), std::ios::app) << "more";
  std::ofstream(folder() / FileOf("stranger")) << std::string(kSegmentBytes, 'x');
  const LetGoSummary summary = LetGo({.days = 1.5});
  EXPECT_EQ(summary.segments, 0);
  EXPECT_EQ(summary.kept_other, 2);
}

TEST_F(LetGoTest, AListThatLeadsElsewhereRemovesNothing) {
  std::ofstream(folder() / "precious") << "x";
  std::ofstream(folder() / "recordings.csv", std::ios::app)
      << "gate,recordings/../precious,2020-01-01T00:00:00.000Z,,,1," << Sha256Hex("x") << ",,full,a\r\n"
      << "gate,precious,2020-01-01T00:00:00.000Z,,,1," << Sha256Hex("x") << ",,full,a\r\n"
      << "gate,recordings/gate/half";
  LetGo({.days = 0});
  EXPECT_TRUE(fs::exists(folder() / "precious"));
}

TEST_F(LetGoTest, AFilmThatIsGoneWithoutEvidenceIsMissing) {
  LetGo({.days = 1.5});
  fs::remove(folder() / FileOf("anna"));
  EXPECT_THAT(MissingSources(), ElementsAre("gate/anna.mkv"));
  // The gallery's word alone is not enough.
  ASSERT_TRUE(NoteLetGo(*gallery_, Sha256Hex("anna" + std::string(kSegmentBytes - 4, '.')),
                        {"2026-11-30T12:00:00Z", "older than 1 days"})
                  .ok());
  EXPECT_THAT(MissingSources(), ElementsAre("gate/anna.mkv"));
}

TEST_F(LetGoTest, KilledAtAnyStatementNothingIsGoneWithoutEvidence) {
  int statement = 1;
  for (bool killed = true; killed; ++statement) {
    gallery_.reset();
    MakeCase();
    gallery_.reset();
    killed = testing::KilledAtStatement(statement, [&] {
      auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
      if (!gallery.ok()) return false;
      RunLog log(folder());
      return LetRecordingsGo(**gallery, log, {.limits = {.days = 1.5}, .now_us = kNow}).ok() &&
             log.Seal(**gallery).ok();
    });
    gallery_ = *Gallery::Open(folder(), Gallery::Mode::kWrite);
    EXPECT_THAT(MissingSources(), IsEmpty()) << statement;
    // Another run ends what this one has begun.
    LetGo({.days = 1.5});
    EXPECT_THAT(Left(), UnorderedElementsAre("anna", "confirmed", "corrected", "unscanned", "another"))
        << statement;
    EXPECT_THAT(MissingSources(), IsEmpty()) << statement;
  }
  EXPECT_GT(statement, 10);
}

TEST_F(LetGoTest, KilledBetweenFilmsNothingIsGoneWithoutEvidence) {
  for (int films = 0; films < 3; ++films) {
    gallery_.reset();
    MakeCase();
    gallery_.reset();
    const pid_t child = ::fork();
    if (child == 0) {
      auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
      RunLog log(folder());
      LetGoOptions options{.limits = {.days = 1.5}, .now_us = kNow};
      int going = 0;
      options.going = [&](const SourceRecord&) {
        if (going++ == films) ::_exit(99);
        return Status();
      };
      LetRecordingsGo(*gallery, log, options).ok();
      ::_exit(0);
    }
    int how = 0;
    ::waitpid(child, &how, 0);
    gallery_ = *Gallery::Open(folder(), Gallery::Mode::kWrite);
    EXPECT_EQ(Left().size(), 7u - static_cast<size_t>(std::min(films, 2)));
    EXPECT_THAT(MissingSources(), IsEmpty()) << films;
  }
}

}  // namespace
}  // namespace crossface
