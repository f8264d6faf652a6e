// Reading some of a gallery's tracks, and its templates without their vectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/gallery/gallery.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;

class ReadSome : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
    // Scanned in the other order of their names.
    for (const std::string name : {"b.mp4", "a.mp4"}) {
      std::vector<TrackRecord> tracks;
      for (int64_t number = 1; number <= 3; ++number) {
        FaceRecord face;
        face.number = 1;
        face.time_us = number;
        face.jpeg = "jpeg";
        face.embeddings = {{"m", "hash", {1, static_cast<float>(number)}}};
        TrackRecord track;
        track.number = number;
        track.faces = {face};
        track.templates = face.embeddings;
        if (number == 2) track.templates.push_back({"n", "hash", {1, 2, 3}});
        tracks.push_back(track);
      }
      ASSERT_TRUE(
          gallery_->AppendTracks(*gallery_->WriteSource({.name = name, .settings = "{}"}), tracks, {}).ok());
    }
  }
  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

// Whoever corrects while the whole case is read for an export waited until it was.
TEST_F(ReadSome, AStopEndsALookAtAllAndNothingAfterIt) {
  std::vector<TrackRecord> many(2000);
  for (size_t i = 0; i < many.size(); ++i) many[i].number = static_cast<int64_t>(i) + 1;
  ASSERT_TRUE(
      gallery_->AppendTracks(*gallery_->WriteSource({.name = "c.mp4", .settings = "{}"}), many, {}).ok());
  std::stop_source stop;
  const auto read = [&] { return gallery_->ReadTracks({}); };
  EXPECT_EQ(gallery_->UnlessStopped(stop.get_token(), read)->size(), 2006u);
  stop.request_stop();
  const auto moment = [&] { return gallery_->AtOneMoment(read); };
  EXPECT_EQ(gallery_->UnlessStopped(stop.get_token(), moment).status().code(), StatusCode::kInterrupted);
  EXPECT_EQ(gallery_->UnlessStopped(stop.get_token(), read).status().code(), StatusCode::kInterrupted);
  EXPECT_EQ(moment()->size(), 2006u);
  ASSERT_TRUE(gallery_->WriteFact("written", "afterwards").ok());
}

TEST_F(ReadSome, GivesTheSameTracksAsReadingAll) {
  const Gallery::TrackParts parts{.faces = true, .embeddings = true, .templates = true};
  const auto all = *gallery_->ReadTracks(parts);
  ASSERT_EQ(all.size(), 6u);
  const auto some = gallery_->ReadTracks(parts, {all[4].id, 12345, all[1].id});
  ASSERT_TRUE(some.ok()) << some.status().message();
  ASSERT_EQ(some->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const TrackRecord &read = (*some)[i], &expected = all[i == 0 ? 1 : 4];
    EXPECT_EQ(read.id, expected.id);
    ASSERT_EQ(read.faces.size(), 1u);
    EXPECT_EQ(read.faces[0].id, expected.faces[0].id);
    ASSERT_EQ(read.faces[0].embeddings.size(), 1u);
    EXPECT_EQ(read.faces[0].embeddings[0].vector, expected.faces[0].embeddings[0].vector);
    ASSERT_EQ(read.templates.size(), 2u);
    EXPECT_THAT(read.templates[1].vector, ElementsAre(1, 2, 3));
  }
  EXPECT_TRUE(gallery_->ReadTracks(parts, {})->empty());
}

TEST_F(ReadSome, TemplateKeysTellWhenAVectorWasReplaced) {
  const TemplateKeys before = *gallery_->ReadTemplateKeys();
  ASSERT_EQ(before.keys.size(), 8u);
  ASSERT_EQ(before.models.size(), 2u);
  int wide = 0;
  for (const auto& key : before.keys) wide += before.models[key.model].dimensions == 3;
  EXPECT_EQ(wide, 2);

  auto tracks = *gallery_->ReadTracks({.templates = true});
  TrackRecord& changed = tracks[2];
  changed.templates = {{"m", "hash", {0, 1}}};
  ASSERT_TRUE(gallery_->WriteVectors(changed.source_id, {changed}, "{}").ok());
  const TemplateKeys after = *gallery_->ReadTemplateKeys();
  ASSERT_EQ(after.keys.size(), before.keys.size());
  for (size_t i = 0; i < after.keys.size(); ++i) {
    EXPECT_EQ(after.keys[i].track_id, before.keys[i].track_id);
    EXPECT_EQ(after.keys[i].row == before.keys[i].row, after.keys[i].track_id != changed.id);
  }
}

}  // namespace
}  // namespace crossface
