#include "crossface/scan/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "crossface/testing/curation_case.h"
#include "crossface/testing/drawn_film.h"
#include "crossface/testing/memory_store.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

// Galleries before schema 6 have a source for every file; later ones one for every content.
TEST(FindDuplicates, TellsSourcesOfTheSameBytesAsIdentical) {
  const testing::ScratchFolder scratch;
  auto gallery = *Gallery::Open(scratch.path() / "case", Gallery::Mode::kCreate);
  SourceRecord a = SourceOf("a.mp4"), b = SourceOf("b.mp4"), c = SourceOf("c.mp4");
  b.sha256 = a.sha256;
  for (SourceRecord* source : {&b, &a, &c}) {
    source->id = *gallery->WriteSource(*source);
    ASSERT_TRUE(gallery->WriteFingerprint(source->id, source->sha256, {}).ok());
  }
  const auto summary = FindDuplicates(*gallery, {});
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  const auto copies = *gallery->ReadCopies();
  ASSERT_EQ(copies.size(), 1u);
  EXPECT_EQ(copies[0].kind, CopyRecord::Kind::kIdentical);
  EXPECT_EQ(copies[0].source_id, b.id);
  EXPECT_EQ(copies[0].other_id, a.id);
  EXPECT_EQ(copies[0].length_us, 90'000'000);
}

// A case with sources that were scanned, as it says, before fingerprints were kept.
class DrawnCopiesTest : public ::testing::Test {
 protected:
  void Add(const std::string& name, const testing::DrawnFilm& film) {
    const std::string bytes = film.AsYuv4Mpeg();
    SourceRecord source = SourceOf(name);
    source.path = "memory://" + name;
    source.sha256 = Sha256Hex(bytes);
    source.info.bytes = static_cast<int64_t>(bytes.size());
    source.info.width = film.size.width, source.info.height = film.size.height;
    ASSERT_TRUE(io::Put(source.path, bytes).ok());
    const auto id = gallery_->WriteSource(source);
    ASSERT_TRUE(id.ok()) << id.status().message();
    ids_[name] = *id;
  }
  // Of a scene; half as large: other bytes throughout.
  static testing::DrawnFilm Film(int scene, bool small = false) {
    return {.shots = {{.frames = 90}, {.frames = 110}},
            .scene = scene,
            .size = small ? cv::Size(160, 120) : cv::Size(320, 240)};
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
  std::unique_ptr<Gallery> gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
  std::map<std::string, int64_t> ids_;
};

TEST_F(DrawnCopiesTest, FindsTheSmallerCopyAndNobodyElse) {
  Add("first.y4m", Film(1));
  Add("other.y4m", Film(2));
  Add("smaller.y4m", Film(1, true));
  const auto summary = FindDuplicates(*gallery_, {.threads = 2});
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  EXPECT_EQ(summary->decoded, 3);
  const auto copies = *gallery_->ReadCopies();
  ASSERT_FALSE(copies.empty());
  for (const CopyRecord& copy : copies) {
    EXPECT_EQ(copy.source_id, ids_["first.y4m"]);
    EXPECT_EQ(copy.other_id, ids_["smaller.y4m"]);
    EXPECT_EQ(copy.kind, CopyRecord::Kind::kVideo);
    EXPECT_FALSE(copy.mirrored);
  }
}

TEST_F(DrawnCopiesTest, WhatCannotBeReadOrHasChangedIsLeftOutWithItsReason) {
  Add("first.y4m", Film(1));
  Add("gone.y4m", Film(2));
  Add("changed.y4m", Film(3));
  Add("smaller.y4m", Film(1, true));
  memory_.store().Remove("memory://gone.y4m");
  ASSERT_TRUE(io::Put("memory://changed.y4m", Film(1).AsYuv4Mpeg()).ok());
  const auto summary = FindDuplicates(*gallery_, {.threads = 2});
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  std::vector<std::string> names;
  for (const auto& [name, reason] : summary->left_out) names.push_back(name);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("gone.y4m", "changed.y4m"));
  const auto copies = *gallery_->ReadCopies();
  for (const CopyRecord& copy : copies) EXPECT_EQ(copy.other_id, ids_["smaller.y4m"]);
  EXPECT_GT(summary->pairs, 0);
}

TEST_F(DrawnCopiesTest, WhatCouldNotBeReadToItsEndIsNotKeptAsIfItHadBeen) {
  Add("first.y4m", Film(1));
  Add("smaller.y4m", Film(1, true));
  // It can be hashed, which takes blocks of a MiB.
  memory_.set_faults({.before_read = [](const std::string& place, int64_t, int64_t offset) {
    const bool fails = place.ends_with("first.y4m") && offset > (8 << 20) && offset % (1 << 20) != 0;
    return fails ? Status(StatusCode::kIo, place + ": the line is down") : Status();
  }});
  const auto summary = FindDuplicates(*gallery_, {});
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  ASSERT_EQ(summary->left_out.size(), 1u);
  EXPECT_THAT(summary->left_out[0].second, ::testing::HasSubstr("the line is down"));
  EXPECT_EQ(gallery_->ReadFingerprints()->size(), 1u);
  memory_.set_faults({});
  const auto again = FindDuplicates(*gallery_, {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->decoded, 1);
  EXPECT_GT(again->pairs, 0);
}

TEST_F(DrawnCopiesTest, StoppedItSaysSoAndGoesOnWithWhatIsDecoded) {
  Add("first.y4m", Film(1));
  Add("smaller.y4m", Film(1, true));
  // Both are hashed and decoded.
  std::stop_source stop;
  memory_.set_faults(testing::DuringReads(4, 20, [&] { stop.request_stop(); }));
  const auto stopped = FindDuplicates(*gallery_, {.stop = stop.get_token()});
  ASSERT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  memory_.set_faults({});
  const size_t kept = gallery_->ReadFingerprints()->size();
  const auto finished = FindDuplicates(*gallery_, {});
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->decoded, 2 - static_cast<int64_t>(kept));
  EXPECT_GT(finished->pairs, 0);
}

}  // namespace
}  // namespace crossface
