#include "crossface/search/search_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdlib>

#include "crossface/curation/curation_state.h"
#include "crossface/custody/forget.h"
#include "crossface/custody/verify.h"
#include "crossface/testing/curation_case.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

// The same cases in every run, unless somebody asks for others.
[[maybe_unused]] const int kSeeded = ::setenv("RC_PARAMS", "seed=20261123 max_success=25", 0);

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kFirst[] = "arcface_ms1m", kSecond[] = "arcface_foamliu";

PhotoFace PhotoOf(const CaseSearcher& searcher, int person, int look = 1000) {
  PhotoFace face;
  face.quality = 0.8f;
  for (const auto& model : searcher.ensemble().models())
    face.vectors.push_back(VectorOf(model.name == kFirst ? person : person + 500, look));
  return face;
}

class SearchCaseTest : public ::testing::Test {
 protected:
  void SetUp() override { Create(); }
  void Create() {
    gallery_.reset();
    std::filesystem::remove_all(folder());
    gallery_ = std::move(*Gallery::Open(folder(), Gallery::Mode::kCreate));
  }
  // Tracks of both models; without the second where `person` is negative.
  void Add(const std::string& name, const std::vector<int>& persons, const std::vector<float>& quality = {}) {
    std::vector<TrackRecord> tracks;
    for (size_t i = 0; i < persons.size(); ++i) {
      const int person = std::abs(persons[i]);
      const auto number = static_cast<int64_t>(i) + 1;
      TrackRecord track = TrackOf({number, person});
      if (persons[i] >= 0)
        track.templates.push_back({kSecond, "b", VectorOf(person + 500, static_cast<int>(number))});
      if (!quality.empty()) track.quality = quality[i];
      tracks.push_back(std::move(track));
    }
    SourceRecord source = SourceOf(name);
    source.tracks = 0;
    ASSERT_TRUE(gallery_->AppendTracks(*gallery_->WriteSource(source), tracks, {}).ok());
  }
  // As another program that only reads: the lock stays with whoever has it.
  static SearchOptions WithIndex() { return {.exact_tracks = 0}; }
  CaseSearcher Open(const SearchOptions& options = {}) {
    auto searcher = CaseSearcher::Open(*reader_, options);
    EXPECT_TRUE(searcher.ok()) << searcher.status().message();
    return std::move(*searcher);
  }
  void CloseWriter() {
    gallery_.reset();
    reader_ = std::move(*Gallery::Open(folder(), Gallery::Mode::kRead));
  }
  void OpenWriter() {
    reader_.reset();
    gallery_ = std::move(*Gallery::Open(folder(), Gallery::Mode::kWrite));
  }
  static std::vector<std::string> Names(const std::vector<SearchHit>& hits) {
    std::vector<std::string> names;
    for (const SearchHit& hit : hits) names.push_back(hit.source + ":" + std::to_string(hit.track));
    return names;
  }
  std::filesystem::path folder() const { return scratch_.path() / "case"; }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_, reader_;
};

TEST_F(SearchCaseTest, RanksTheTracksOfThePersonFirstWithWhereTheyAre) {
  Add("b.mp4", {1, 2, 3});
  Add("a.mp4", {4, 1});
  const auto tracks = *gallery_->ReadTracks({});
  ASSERT_TRUE(gallery_->ReplaceGrouping({{0, "Ada", true}}, {{tracks[1].id, 0, 0.9f}}).ok());
  CloseWriter();
  const CaseSearcher searcher = Open();
  EXPECT_TRUE(searcher.exact());
  EXPECT_EQ(searcher.compared_tracks(), 5);
  EXPECT_EQ(searcher.other_tracks(), 0);
  const auto hits = *searcher.Search(PhotoOf(searcher, 1), 3);
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_TRUE(hits[0].likely);
  EXPECT_TRUE(hits[1].likely);
  EXPECT_FALSE(hits[2].likely);
  EXPECT_THAT(Names({hits[0], hits[1]}), ::testing::UnorderedElementsAre("b.mp4:1", "a.mp4:2"));
  const SearchHit& known = hits[0].source == "a.mp4" ? hits[0] : hits[1];
  const SearchHit& unknown = hits[0].source == "a.mp4" ? hits[1] : hits[0];
  EXPECT_EQ(known.person, "Ada");
  EXPECT_TRUE(known.ignored);
  EXPECT_EQ(known.face, 2) << "the better of its two";
  EXPECT_EQ(known.time_us, known.start_us + 80'000);
  EXPECT_THAT(known.picture, HasSubstr("ignored/Ada/faces/a_"));
  EXPECT_EQ(unknown.person_id, 0);
  EXPECT_THAT(unknown.picture, HasSubstr("unassigned/faces/b_"));
}

TEST_F(SearchCaseTest, AStrangerGetsNoLikelyHit) {
  Add("a.mp4", {1, 2, 3, 4, 5, 6, 7, 8});
  CloseWriter();
  const CaseSearcher searcher = Open();
  for (int person = 100; person < 140; ++person) {
    const auto hits = *searcher.Search(PhotoOf(searcher, person), 8);
    ASSERT_EQ(hits.size(), 8u);
    for (const SearchHit& hit : hits) EXPECT_FALSE(hit.likely) << person;
  }
}

TEST_F(SearchCaseTest, TheProbabilityHasThePriorThatIsPromisedAndStrangersGrowWithTheCase) {
  Add("a.mp4", {1, 2});
  CloseWriter();
  const CaseSearcher two = Open();
  // A likelihood ratio as large as the number of tracks is an even bet.
  EXPECT_NEAR(two.Judge(static_cast<float>(std::log(2.0))).probability, 0.5, 1e-6);
  EXPECT_NEAR(two.Judge(static_cast<float>(std::log(18.0))).probability, 0.9, 1e-6);
  EXPECT_DOUBLE_EQ(two.Judge(5).expected_strangers, 2 * two.ensemble().scorer().FalseMatchRateAt(5));
  EXPECT_FALSE(two.Judge(0.1f).likely);
  EXPECT_TRUE(two.Judge(15).likely);
}

TEST_F(SearchCaseTest, TheIndexGivesWhatTheExactScanGives) {
  EXPECT_TRUE(rc::check([&] {
    Create();
    const int sources = *rc::gen::inRange(1, 4);
    for (int s = 0; s < sources; ++s) {
      const auto persons = *rc::gen::container<std::vector<int>>(
          static_cast<size_t>(*rc::gen::inRange(1, 60)), rc::gen::inRange(-3, 25));
      std::vector<float> quality;
      for (size_t i = 0; i < persons.size(); ++i)
        quality.push_back(static_cast<float>(*rc::gen::inRange(0, 101)) / 100);
      Add(std::string(1, static_cast<char>('a' + s)) + ".mp4", persons, quality);
    }
    CloseWriter();
    const CaseSearcher exact = Open(), indexed = Open(WithIndex());
    RC_ASSERT(exact.exact() && !indexed.exact());
    RC_ASSERT(exact.compared_tracks() == indexed.compared_tracks());
    for (int question = 0; question < 3; ++question) {
      const PhotoFace face = PhotoOf(exact, *rc::gen::inRange(0, 30));
      const auto expected = *exact.Search(face, 12), found = *indexed.Search(face, 12);
      RC_ASSERT(Names(found) == Names(expected));
      for (size_t i = 0; i < found.size(); ++i) RC_ASSERT(found[i].log_odds == expected[i].log_odds);
    }
  }));
}

TEST_F(SearchCaseTest, FollowsTheGalleryFromSearchToSearch) {
  Add("a.mp4", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CloseWriter();
  EXPECT_EQ(Open(WithIndex()).index_state(), SearchIndex::State::kBuilt);
  EXPECT_EQ(Open(WithIndex()).index_state(), SearchIndex::State::kLoaded);

  OpenWriter();
  Add("b.mp4", {20});
  CloseWriter();
  CaseSearcher searcher = Open(WithIndex());
  EXPECT_EQ(searcher.index_state(), SearchIndex::State::kUpdated);
  EXPECT_THAT(Names(*searcher.Search(PhotoOf(searcher, 20), 1)), ElementsAre("b.mp4:1"));
  EXPECT_EQ(Open(WithIndex()).index_state(), SearchIndex::State::kLoaded);

  OpenWriter();
  const auto sources = *gallery_->ReadSources();
  ASSERT_EQ(sources[1].name, "b.mp4");
  ASSERT_TRUE(gallery_->ClearScan(sources[1].id).ok());
  CloseWriter();
  searcher = Open(WithIndex());
  EXPECT_EQ(searcher.index_state(), SearchIndex::State::kUpdated);
  const auto of_20 = *searcher.Search(PhotoOf(searcher, 20), 20);
  for (const SearchHit& hit : of_20) EXPECT_EQ(hit.source, "a.mp4");

  // Another vector for a track that is in the index.
  OpenWriter();
  auto tracks = *gallery_->ReadTracks({.templates = true});
  TrackRecord changed = tracks[4];
  changed.templates = {{kFirst, "b", VectorOf(30, 1)}, {kSecond, "b", VectorOf(530, 1)}};
  ASSERT_TRUE(gallery_->WriteVectors(changed.source_id, {changed}, "{}").ok());
  CloseWriter();
  searcher = Open(WithIndex());
  EXPECT_EQ(searcher.index_state(), SearchIndex::State::kBuilt);
  EXPECT_THAT(Names(*searcher.Search(PhotoOf(searcher, 30), 1)), ElementsAre("a.mp4:5"));

  // Other models, as reembed leaves it.
  OpenWriter();
  ASSERT_TRUE(gallery_->WriteFact("embedders", kFirst).ok());
  CloseWriter();
  searcher = Open(WithIndex());
  EXPECT_EQ(searcher.index_state(), SearchIndex::State::kBuilt);
  EXPECT_EQ(searcher.ensemble().models().size(), 1u);
  EXPECT_THAT(Names(*searcher.Search(PhotoOf(searcher, 3), 1)), ElementsAre("a.mp4:3"));
}

TEST_F(SearchCaseTest, ADamagedIndexIsMadeAnewSilently) {
  Add("a.mp4", {1, 2, 3, 4, 5});
  CloseWriter();
  const auto expected = Names(*Open().Search(PhotoOf(Open(), 2), 5));
  Open(WithIndex());
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder() / TemplateIndex::kFolder))
    files.push_back(entry.path());
  ASSERT_EQ(files.size(), 2u);
  for (const auto& file : files) {
    const std::string sound = *ReadFile(file);
    ASSERT_TRUE(WriteFileAtomically(file, sound.substr(0, sound.size() / 2)).ok());
    const std::vector<Finding> findings = VerifyCase(*reader_, {})->findings;
    EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
      return finding.what.starts_with("search/") && finding.kind == Finding::Kind::kChanged;
    }));
    const CaseSearcher searcher = Open(WithIndex());
    EXPECT_EQ(searcher.index_state(), SearchIndex::State::kBuilt);
    EXPECT_THAT(searcher.warnings(), IsEmpty());
    EXPECT_EQ(Names(*searcher.Search(PhotoOf(searcher, 2), 5)), expected);
    EXPECT_EQ(Open(WithIndex()).index_state(), SearchIndex::State::kLoaded);
  }
  const auto verified = *VerifyCase(*reader_, {});
  for (const Finding& finding : verified.findings)
    EXPECT_FALSE(finding.what.starts_with("search/")) << finding.what;
}

TEST_F(SearchCaseTest, WithoutAPlaceForTheIndexItServesFromMemoryAndSaysSo) {
  Add("a.mp4", {1, 2, 3});
  CloseWriter();
  ASSERT_TRUE(WriteFileAtomically(folder() / "search", "a file where the folder should be").ok());
  CaseSearcher searcher = Open(WithIndex());
  ASSERT_EQ(searcher.warnings().size(), 1u);
  EXPECT_THAT(Names(*searcher.Search(PhotoOf(searcher, 3), 1)), ElementsAre("a.mp4:3"));

  // Somebody else is writing to the case.
  std::filesystem::remove(folder() / "search");
  const auto writer = Gallery::Open(folder(), Gallery::Mode::kWrite);
  searcher = Open(WithIndex());
  ASSERT_EQ(searcher.warnings().size(), 1u);
  EXPECT_THAT(searcher.warnings()[0], HasSubstr("another crossface"));
  EXPECT_FALSE(std::filesystem::exists(folder() / "search"));
  EXPECT_THAT(Names(*searcher.Search(PhotoOf(searcher, 2), 1)), ElementsAre("a.mp4:2"));
}

TEST_F(SearchCaseTest, ForgettingLeavesNothingInTheIndex) {
  Add("a.mp4", {1, 2, 3});
  Add("b.mp4", {1, 4});
  CloseWriter();
  Open(WithIndex());
  ASSERT_TRUE(std::filesystem::exists(folder() / TemplateIndex::kFolder));
  OpenWriter();
  const CurationState state = *CurationState::Read(*gallery_);
  const auto forgotten = Forget(*gallery_, state, PlanForgetSource(state, state.sources[0].id), nullptr);
  ASSERT_TRUE(forgotten.ok()) << forgotten.status().message();
  EXPECT_THAT(forgotten->found_in, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder() / TemplateIndex::kFolder));
  CloseWriter();
  const CaseSearcher searcher = Open(WithIndex());
  EXPECT_EQ(searcher.compared_tracks(), 2);
  const auto of_1 = *searcher.Search(PhotoOf(searcher, 1), 10);
  for (const SearchHit& hit : of_1) EXPECT_EQ(hit.source, "b.mp4");
}

TEST_F(SearchCaseTest, TracksOfOtherVersionsAreCountedNotCompared) {
  Add("a.mp4", {1, 2, 3});
  TrackRecord other = TrackOf({1, 9});
  other.templates[0].model_sha256 = "another version";
  ASSERT_TRUE(gallery_->AppendTracks(*gallery_->WriteSource(SourceOf("b.mp4")), {other}, {}).ok());
  CloseWriter();
  const CaseSearcher searcher = Open();
  EXPECT_EQ(searcher.compared_tracks(), 3);
  EXPECT_EQ(searcher.other_tracks(), 1);
  const auto of_9 = *searcher.Search(PhotoOf(searcher, 9), 10);
  for (const SearchHit& hit : of_9) EXPECT_EQ(hit.source, "a.mp4");
}

TEST_F(SearchCaseTest, ModelsThatDoNotFitTheCaseAreToldWithWhatToDo) {
  Add("a.mp4", {1, 2, 3});
  CloseWriter();
  const CaseSearcher searcher = Open();
  const auto other = SearchModels::Load(*reader_, searcher.ensemble(), testing::Models().folder(), "cpu");
  EXPECT_EQ(other.status().code(), StatusCode::kMismatch);
  EXPECT_EQ(other.status().remedy(), Remedy::kReembed);
  const auto none = SearchModels::Load(*reader_, searcher.ensemble(), scratch_.path() / "none", "cpu");
  EXPECT_EQ(none.status().code(), StatusCode::kModelMissing);
  EXPECT_EQ(none.status().remedy(), Remedy::kInstallModels);
}

TEST_F(SearchCaseTest, AnEmptyCaseSaysSo) {
  CloseWriter();
  const auto searcher = CaseSearcher::Open(*reader_, {});
  EXPECT_EQ(searcher.status().code(), StatusCode::kNotFound);
}

TEST_F(SearchCaseTest, SeveralFacesOfOnePersonAreWeightedByQuality) {
  PhotoFace good{.quality = 0.9f, .clear = true, .vectors = {{1, 0}, {}}};
  PhotoFace poor{.quality = 0.3f, .vectors = {{0, 1}, {0, 1}}};
  const PhotoFace both = CombineFaces({poor, good});
  EXPECT_NEAR(both.vectors[0][0] / both.vectors[0][1], 3, 1e-4);
  EXPECT_THAT(both.vectors[1], ElementsAre(0, 1));
  EXPECT_EQ(both.quality, 0.9f);
  EXPECT_TRUE(both.clear);
}

}  // namespace
}  // namespace crossface
