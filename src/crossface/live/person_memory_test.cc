#include "crossface/live/person_memory.h"

#include <gtest/gtest.h>

#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

// A look at somebody, as a track's faces tell it: of a drawn person, good enough unless it is said otherwise.
class PersonMemoryTest : public ::testing::Test {
 protected:
  PersonMemoryTest() : models_(testing::FakeModels()), memory_(*PersonMemory::Of(models_.embedders)) {}

  TrackRecord LookAt(int person) const {
    cv::Mat picture(64, 48, CV_8UC3, cv::Scalar(testing::kPersonColours[static_cast<size_t>(person)]));
    TrackRecord track{.quality = 0.9f, .may_form = true, .evidence = 0.9f};
    const FacePicture face{picture, cv::Rect2f(0, 0, 48, 64), {}};
    for (const auto& embedder : models_.embedders) {
      const auto embedded = *embedder->Embed({&face, 1});
      track.templates.push_back({embedder->name(), embedder->sha256(), embedded[0].unit});
    }
    return track;
  }
  TrackRecord BlurredLookAt(int person) const {
    TrackRecord track = LookAt(person);
    track.may_form = false;
    track.reason = UnassignedReason::kBlurred;
    return track;
  }
  // Half of one and half of another: like both, and surely neither.
  TrackRecord LookBetween(int one, int other) const {
    TrackRecord track = LookAt(one);
    const TrackRecord second = LookAt(other);
    for (size_t m = 0; m < track.templates.size(); ++m) {
      const std::vector<std::vector<float>> both = {track.templates[m].vector, second.templates[m].vector};
      track.templates[m].vector = MakeTemplate(both, std::vector<float>{1, 1});
    }
    return track;
  }

  ScanModels models_;
  std::unique_ptr<PersonMemory> memory_;
};

TEST_F(PersonMemoryTest, AnUnknownFaceIsSomebodyNewAtOnceAndWhenItComesBack) {
  const LivePerson first = memory_->Judge(1, LookAt(0), {}, false);
  EXPECT_EQ(first.name, "new-0001");
  EXPECT_TRUE(first.is_new);
  EXPECT_EQ(memory_->Judge(2, LookAt(1), {}, false).name, "new-0002");
  memory_->Close(1);
  const LivePerson again = memory_->Judge(3, LookAt(0), {}, false);
  EXPECT_EQ(again.name, "new-0001");
  EXPECT_GT(again.confidence, 0.9);
  EXPECT_EQ(memory_->people_seen(), 2);
}

TEST_F(PersonMemoryTest, AFaceThatCannotTellHasNoNameAndTheReason) {
  memory_->Judge(1, LookAt(0), {}, true);
  const LivePerson person = memory_->Judge(2, BlurredLookAt(0), {}, true);
  EXPECT_EQ(person.name, "");
  EXPECT_EQ(person.reason, "blurred");
  EXPECT_EQ(memory_->Judge(2, LookAt(0), {}, true).name, "new-0001") << "a better look tells";
  EXPECT_EQ(memory_->Judge(2, BlurredLookAt(0), {}, true).name, "new-0001")
      << "a worse one takes nothing back";
}

TEST_F(PersonMemoryTest, WhoSharesAFrameIsSomebodyElse) {
  memory_->Judge(1, LookAt(0), {}, false);
  EXPECT_EQ(memory_->Judge(2, LookAt(0), {1}, false).name, "new-0002");
}

TEST_F(PersonMemoryTest, ATrackThatGoesOnKeepsItsPerson) {
  memory_->Judge(1, LookAt(0), {}, false);
  memory_->GoOn(1, 2);
  memory_->Close(1);
  EXPECT_EQ(memory_->Judge(2, BlurredLookAt(0), {}, false).name, "new-0001");
}

// A case of Anna, and of Bob, who is of no interest.
class CaseMemoryTest : public PersonMemoryTest {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
    SourceRecord source{.name = "a.mp4", .sha256 = std::string(64, 'a'), .state = SourceState::kScanning};
    source.id = *gallery_->BeginScan(source);
    std::vector<TrackRecord> tracks = {LookAt(0), LookAt(1)};
    for (size_t i = 0; i < tracks.size(); ++i) {
      tracks[i].number = static_cast<int64_t>(i) + 1;
      tracks[i].faces.push_back(
          {.number = 1, .detection = {.box = {0, 0, 48, 64}, .score = 0.9f}, .quality = 0.9f});
    }
    ASSERT_TRUE(gallery_->AppendTracks(source.id, tracks, {.next_track = 3}).ok());
    const auto ids = *gallery_->TracksOfSources({source.id});
    persons_ =
        *gallery_->ReplaceGrouping({{.name = "Anna"}, {.name = "Bob", .ignored = true}},
                                   {{.track_id = ids[0], .person = 0}, {.track_id = ids[1], .person = 1}});
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
  std::vector<int64_t> persons_;
};

TEST_F(CaseMemoryTest, ItsPersonsAreNamedAndRenamed) {
  memory_->Judge(1, LookAt(2), {}, false);
  ASSERT_TRUE(memory_->Load(*gallery_).ok());
  const LivePerson anna = memory_->Judge(2, LookAt(0), {}, false);
  EXPECT_EQ(anna.name, "Anna");
  EXPECT_EQ(anna.id, persons_[0]);
  EXPECT_FALSE(anna.is_new);
  EXPECT_TRUE(memory_->Judge(3, LookAt(1), {}, false).ignored);
  EXPECT_EQ(memory_->Judge(4, LookAt(2), {}, false).name, "new-0001") << "known since before";

  ASSERT_TRUE(gallery_->RenamePerson(persons_[0], "Anna K").ok());
  ASSERT_TRUE(memory_->Load(*gallery_).ok());
  EXPECT_EQ(memory_->Judge(2, LookAt(0), {}, false).name, "Anna K");
  EXPECT_EQ(memory_->people_seen(), 3);
}

TEST_F(CaseMemoryTest, WhoIsLikeTwoOfThemIsNeither) {
  ASSERT_TRUE(memory_->Load(*gallery_).ok());
  for (int look = 1; look <= 2; ++look) {
    const LivePerson person = memory_->Judge(1, LookBetween(0, 1), {}, false);
    EXPECT_EQ(person.name, "");
    EXPECT_EQ(person.reason, "in doubt");
  }
  EXPECT_EQ(memory_->Judge(1, LookBetween(0, 1), {}, true).name, "new-0001") << "nothing better will come";
}

TEST_F(CaseMemoryTest, ABetterLookCorrectsWhoSomebodyWasTakenFor) {
  EXPECT_EQ(memory_->Judge(1, LookAt(0), {}, false).name, "new-0001");
  ASSERT_TRUE(memory_->Load(*gallery_).ok());
  EXPECT_EQ(memory_->Judge(1, LookAt(0), {}, false).name, "Anna");
  EXPECT_EQ(memory_->Judge(2, LookAt(3), {}, false).name, "new-0002");
  EXPECT_EQ(memory_->people_seen(), 2) << "new-0001 was nobody but Anna";
}

TEST_F(PersonMemoryTest, OfMoreNewPersonsThanHaveRoomTheOldestAreForgotten) {
  auto small = *PersonMemory::Of(models_.embedders, {.new_persons = 3});
  for (int person = 0; person < 5; ++person) {
    small->Judge(person + 1, LookAt(person), {}, true);
    small->Close(person + 1);
  }
  EXPECT_EQ(small->people_seen(), 3);
  EXPECT_EQ(small->Judge(10, LookAt(4), {}, true).name, "new-0005");
  EXPECT_EQ(small->Judge(11, LookAt(0), {}, true).name, "new-0006");
}

TEST_F(PersonMemoryTest, WhoIsEnrolledIsCalledSoAndNobodyElse) {
  testing::ScratchFolder scratch;
  const auto gallery = *Gallery::Open(scratch.path() / "case", Gallery::Mode::kCreate);
  const TrackRecord look = LookAt(1);
  ASSERT_TRUE(gallery
                  ->AddReferences({{.name = "Ada",
                                    .photo = "ada.jpg",
                                    .quality = 0.9f,
                                    .evidence = 0.9f,
                                    .vectors = look.templates}})
                  .ok());
  ASSERT_TRUE(memory_->Load(*gallery).ok());
  const LivePerson ada = memory_->Judge(1, LookAt(1), {}, false);
  EXPECT_EQ(ada.name, "Ada (by reference)");
  EXPECT_FALSE(ada.is_new);
  EXPECT_EQ(ada.id, 0);
  EXPECT_EQ(memory_->Judge(2, LookAt(0), {}, false).name, "new-0001");
  EXPECT_EQ(*gallery->RemoveReferences("ada"), 1);
  ASSERT_TRUE(memory_->Load(*gallery).ok());
  EXPECT_NE(memory_->Judge(3, LookAt(1), {}, false).name, "Ada (by reference)");
}

}  // namespace
}  // namespace crossface
