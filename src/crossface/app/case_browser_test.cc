#include "crossface/app/case_browser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "crossface/app/case_service.h"
#include "crossface/testing/curation_case.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Two people in two sources; in b.mp4 both are on the screen at once, and somebody blurred.
class CaseBrowserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
    ASSERT_TRUE(gallery.ok()) << gallery.status().message();
    AddSource(**gallery, "a.mp4", {{.number = 1, .person = 1}, {.number = 2, .person = 2}});
    AddSource(**gallery, "b.mp4",
              {{.number = 1, .person = 1, .first_frame = 50},
               {.number = 2, .person = 2, .first_frame = 50, .x = 300},
               {.number = 3, .person = 3, .reason = UnassignedReason::kBlurred}});
    gallery->reset();
    Group();
  }
  std::filesystem::path folder() const { return scratch_.path() / "case"; }
  void Group() {
    IdentifyAnswer answer;
    ASSERT_TRUE(CaseService(folder()).Group({}, {}, &answer).status.ok());
  }
  Status Correct(const Correction& correction, const CorrectionOptions& options = {}) {
    CorrectionAnswer answer;
    return CaseService(folder()).Correct(correction, options, {}, &answer).status;
  }
  std::vector<std::string> NamesOf(const PeopleAsked& asked) {
    const auto people = browser_.People(asked, {});
    EXPECT_TRUE(people.ok()) << people.status().message();
    std::vector<std::string> names;
    for (const ShownPerson& row : people->people.rows) names.push_back(row.person.name);
    return names;
  }

  testing::ScratchFolder scratch_;
  const CaseBrowser browser_{scratch_.path() / "case"};
};

TEST_F(CaseBrowserTest, TheVersionTurnsWithCorrectionsAndGroupingsAndWhatIsOlderIsRefused) {
  const std::string first = *browser_.Version();
  EXPECT_EQ(*browser_.Version(), first);
  ASSERT_TRUE(Correct(RenamePerson{"1", "Anna"}, {.based_on = first}).ok());
  const std::string second = *browser_.Version();
  EXPECT_NE(second, first);
  EXPECT_EQ(Correct(RenamePerson{"2", "Berta"}, {.based_on = first}).code(), StatusCode::kMismatch);
  EXPECT_EQ(Correct(RenamePerson{"2", "Berta"}, {.dry_run = true, .based_on = first}).code(),
            StatusCode::kMismatch);
  EXPECT_EQ(*browser_.Version(), second);
  EXPECT_THAT(*browser_.CorrectionsSince(first), SizeIs(1));
  EXPECT_THAT(*browser_.CorrectionsSince(second), SizeIs(0));
  Group();
  EXPECT_NE(*browser_.Version(), second);
  EXPECT_EQ(browser_.CorrectionsSince("yesterday").status().code(), StatusCode::kInvalidArgument);
}

TEST_F(CaseBrowserTest, ListsFollowCorrectionsAtOnce) {
  ASSERT_TRUE(Correct(RenamePerson{"1", "Zoë"}).ok());
  ASSERT_TRUE(Correct(RenamePerson{"2", "anna"}).ok());
  EXPECT_THAT(NamesOf({.sort = PeopleAsked::Sort::kName}), ElementsAre("anna", "Zoë"));
  EXPECT_THAT(NamesOf({.text = "ZOË"}), ElementsAre("Zoë"));
  // Letters, not pieces of how they are kept.
  EXPECT_THAT(NamesOf({.text = "7"}), ElementsAre());
  ASSERT_TRUE(Correct(IgnorePerson{"anna"}).ok());
  EXPECT_THAT(NamesOf({}), ElementsAre("Zoë"));
  EXPECT_THAT(NamesOf({.ignored = PeopleAsked::Which::kYes}), ElementsAre("anna"));
  ASSERT_TRUE(Correct(UndoCorrections{.all = true}).ok());
  EXPECT_THAT(NamesOf({.named = PeopleAsked::Which::kYes}), ElementsAre());
  EXPECT_THAT(NamesOf({.named = PeopleAsked::Which::kNo}), SizeIs(2));
}

TEST_F(CaseBrowserTest, PortraitsAndFirstMomentsAreThoseOfThePersonAsItIsNow) {
  const auto expect = [&](const std::string& when) {
    for (const bool again : {false, true}) {
      const auto people = browser_.People(
          again ? PeopleAsked{.first_seen = true} : PeopleAsked{.sort = PeopleAsked::Sort::kFirstSeen}, {});
      ASSERT_TRUE(people.ok()) << people.status().message();
      for (const ShownPerson& row : people->people.rows) {
        EXPECT_EQ(row.portrait, *browser_.Portrait(row.person.id)) << when << again;
        const auto seen = *browser_.Appearances(row.person.id, {});
        ASSERT_TRUE(row.first_seen) << when;
        int64_t first_us = std::numeric_limits<int64_t>::max();
        for (const ShownAppearance& each : seen.rows) {
          if (each.source_id == row.first_seen->source_id)
            first_us = std::min(first_us, each.appearance.start_us);
        }
        EXPECT_EQ(row.first_seen->start_us, first_us) << when;
      }
    }
  };
  expect("at first");
  ASSERT_TRUE(Correct(MergePersons{{"2", "1"}}, {.override_earlier = true}).ok());
  expect("merged");
  ASSERT_TRUE(Correct(MoveTracks{{"a.mp4:1"}, "nobody"}, {.override_earlier = true}).ok());
  expect("moved");
}

TEST_F(CaseBrowserTest, APersonIsShownWithSourcesCompanyAndWhatIsConfirmed) {
  const auto shown = browser_.Person(1);
  ASSERT_TRUE(shown.ok()) << shown.status().message();
  EXPECT_THAT(shown->sources, SizeIs(2));
  ASSERT_THAT(shown->together, SizeIs(1));
  EXPECT_EQ(shown->together[0].who.id, 2);
  EXPECT_EQ(shown->together[0].moments, 1);
  EXPECT_NE(shown->person.portrait, 0);
  const auto seen = browser_.Appearances(1, {});
  ASSERT_TRUE(seen.ok());
  ASSERT_THAT(seen->rows, SizeIs(2));
  EXPECT_FALSE(seen->rows[0].appearance.confirmed);
  ASSERT_TRUE(Correct(ConfirmTracks{"1", {"a.mp4:1"}}).ok());
  const auto after = browser_.Appearances(1, {});
  EXPECT_TRUE(after->rows[0].appearance.confirmed);
  EXPECT_FALSE(after->rows[1].appearance.confirmed);
  EXPECT_TRUE(browser_.Face(after->rows[0].face)->confirmed);
  EXPECT_EQ(browser_.Person(99).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(browser_.Appearances(99, {}).status().code(), StatusCode::kNotFound);
}

TEST_F(CaseBrowserTest, FacesOfNobodyAreListedByWhy) {
  const auto blurred = browser_.Faces({.reason = UnassignedReason::kBlurred}, {});
  ASSERT_TRUE(blurred.ok());
  EXPECT_EQ(blurred->total, 2);
  ASSERT_THAT(blurred->rows, SizeIs(2));
  EXPECT_EQ(blurred->rows[0].track, "b.mp4:3");
  EXPECT_EQ(blurred->rows[0].listed.reason, UnassignedReason::kBlurred);
  const auto best = browser_.Faces({.best = true}, {});
  ASSERT_THAT(best->rows, SizeIs(1));
  EXPECT_EQ(best->rows[0].listed.face.number, 2) << "the better one";
  EXPECT_EQ(browser_.Faces({.reason = UnassignedReason::kSmall}, {})->total, 0);
  const auto second = browser_.Faces({.person = 1}, {.first = 1, .most = 2});
  EXPECT_EQ(second->total, 4);
  ASSERT_THAT(second->rows, SizeIs(2));
  EXPECT_EQ(second->rows[0].listed.face.number, 2);
}

TEST_F(CaseBrowserTest, TracksGoToNobodyWhateverAnybodyIsCalled) {
  ASSERT_TRUE(Correct(RenamePerson{"2", "nobody"}).ok());
  ASSERT_TRUE(Correct(MoveTracks{.tracks = {"a.mp4:1"}, .to_nobody = true}).ok());
  EXPECT_EQ(browser_.Faces({.best = true}, {})->total, 2);
  EXPECT_EQ(browser_.Appearances(2, {})->total, 2);
}

TEST_F(CaseBrowserTest, ASourceIsMarkedWhereShotsBeginAndWhereNothingMoves) {
  const int64_t id = browser_.Sources("a.mp4", {})->rows.at(0).source.id;
  const auto unknown = browser_.Marks(id);
  ASSERT_TRUE(unknown.ok()) << unknown.status().message();
  EXPECT_FALSE(unknown->still_known);
  EXPECT_THAT(unknown->shots, SizeIs(0)) << "both tracks are of the first shot";
  {
    const auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    SourceRecord source = SourceOf("shots.mp4");
    const int64_t shots = *(*gallery)->WriteSource(source);
    std::vector<TrackRecord> tracks = {TrackOf({.number = 1, .person = 1, .first_frame = 100}),
                                       TrackOf({.number = 2, .person = 2, .first_frame = 125})};
    tracks[1].shot = 1;
    ASSERT_TRUE((*gallery)->AppendTracks(shots, tracks, {}).ok());
    // It moves up to 5 s, and from 20 s to the end.
    Fingerprint fingerprint;
    for (uint32_t tick = 2; tick <= 360; ++tick) {
      if (tick <= 20 || tick > 80) fingerprint.changes.push_back({.tick = tick, .views = {}});
    }
    ASSERT_TRUE((*gallery)->WriteFingerprint(shots, source.sha256, fingerprint).ok());
  }
  const auto marks = browser_.Marks(browser_.Sources("shots.mp4", {})->rows.at(0).source.id);
  ASSERT_TRUE(marks.ok()) << marks.status().message();
  ASSERT_THAT(marks->shots, SizeIs(1));
  EXPECT_EQ(marks->shots[0].start_us, 4'400'000);
  EXPECT_EQ(marks->shots[0].end_us, 5'000'000);
  EXPECT_TRUE(marks->still_known);
  ASSERT_THAT(marks->still, SizeIs(1));
  EXPECT_EQ(marks->still[0].start_us, 5'000'000);
  EXPECT_NEAR(static_cast<double>(marks->still[0].end_us), 20'000'000, 500'000);
  EXPECT_FALSE(marks->exact);
  EXPECT_EQ(browser_.Marks(id + 1000).status().code(), StatusCode::kNotFound);
}

TEST_F(CaseBrowserTest, WhatAScanHasMarkedIsToldToTheFrame) {
  int64_t id = 0;
  {
    const auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    id = *(*gallery)->BeginScan(SourceOf("marked.mp4"));
    const SourceMarks first{.cuts_us = {4'400'000}, .dark = {{4'000'000, 4'400'000}}};
    ASSERT_TRUE((*gallery)->AppendTracks(id, {}, {}, first).ok());
    ASSERT_TRUE((*gallery)->AppendTracks(id, {}, {}, {.still = {{5'000'000, 9'000'000}}}).ok());
  }
  const auto marks = browser_.Marks(id);
  ASSERT_TRUE(marks.ok()) << marks.status().message();
  EXPECT_TRUE(marks->exact && marks->still_known);
  ASSERT_THAT(marks->shots, SizeIs(1));
  EXPECT_EQ(marks->shots[0].start_us, 4'400'000);
  EXPECT_EQ(marks->shots[0].end_us, 4'400'000);
  ASSERT_THAT(marks->dark, SizeIs(1));
  EXPECT_EQ(marks->dark[0].start_us, 4'000'000);
  ASSERT_THAT(marks->still, SizeIs(1));
  EXPECT_EQ(marks->still[0].end_us, 9'000'000);
}

TEST_F(CaseBrowserTest, AQuestionComesWithWhatSpeaksForAndAgainst) {
  {
    const auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    const auto tracks = *(*gallery)->ReadTracks({});
    std::vector<Gallery::NewAssignment> assignments;
    assignments.reserve(tracks.size());
    for (const TrackRecord& track : tracks)
      assignments.push_back({.track_id = track.id, .person = static_cast<int>(assignments.size() % 2)});
    using Kind = SuggestionRecord::Kind;
    ASSERT_TRUE((*gallery)
                    ->ReplaceGrouping({{.id = 1, .name = "One"}, {.id = 2, .name = "Two"}}, assignments,
                                      {{.kind = Kind::kMerge, .person = 0, .other = 1, .probability = 0.4f}})
                    .ok());
  }
  const auto page = browser_.Suggestions({});
  ASSERT_TRUE(page.ok()) << page.status().message();
  ASSERT_THAT(page->suggestions.rows, SizeIs(1));
  const ShownSuggestion& shown = page->suggestions.rows[0];
  ASSERT_THAT(shown.scores.models, SizeIs(1));
  EXPECT_EQ(shown.scores.models[0].model, "arcface_ms1m");
  ASSERT_TRUE(shown.scores.models[0].log_odds && shown.scores.log_odds);
  EXPECT_LT(shown.scores.models[0].cosine, 0.5);
  EXPECT_LT(*shown.scores.log_odds, 0) << "two strangers";
  EXPECT_EQ(shown.shared_sources, 2);
  EXPECT_EQ(shown.together, 1);
}

TEST_F(CaseBrowserTest, WhereASourceLiesIsKnownAsSoonAsItIsNoted) {
  const auto before = browser_.Sources("", {});
  ASSERT_THAT(before->rows, SizeIs(2));
  const int64_t id = before->rows[0].source.id;
  {
    const auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    SourceRecord moved = before->rows[0].source;
    moved.path = "/elsewhere/a.mp4";
    ASSERT_TRUE((*gallery)->WritePlaces({moved}).ok());
  }
  EXPECT_EQ(browser_.FindSource(id)->path, "/elsewhere/a.mp4");
  EXPECT_EQ(browser_.FindSource(id + 1000).status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace crossface
