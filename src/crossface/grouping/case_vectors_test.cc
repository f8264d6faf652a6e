#include "crossface/grouping/case_vectors.h"

#include <gtest/gtest.h>

#include "crossface/gallery/gallery_case_for_test.h"

namespace crossface {
namespace {

class CaseVectorsTest : public GalleryTest {
 protected:
  // Track i has (i, i + 1) of "net"; every third another version of it, every second (-i) of "small".
  std::vector<int64_t> FillWithVectors(Gallery& gallery, int count) {
    const int64_t source = *gallery.WriteSource(MakeSource("a.mp4"));
    std::vector<TrackRecord> tracks;
    for (int i = 0; i < count; ++i) {
      TrackRecord track = MakeTrack(i + 1, 1);
      const auto value = static_cast<float>(i);
      track.templates = {{"net", std::string(64, i % 3 == 2 ? 'b' : 'a'), {value, value + 1}}};
      if (i % 2 == 1) track.templates.push_back({"small", std::string(64, 'c'), {-value}});
      tracks.push_back(track);
    }
    EXPECT_TRUE(gallery.AppendTracks(source, tracks, {}).ok());
    std::vector<int64_t> ids;
    const auto stored = gallery.ReadTracks({});
    for (const TrackRecord& track : *stored) ids.push_back(track.id);
    return ids;
  }
};

TEST_F(CaseVectorsTest, InMemoryAndMappedHaveTheSameRowsInTheTracksOrder) {
  const auto gallery = Open();
  const std::vector<int64_t> ids = FillWithVectors(*gallery, 9000);  // more than are read at once
  std::vector<uint8_t> left_out(ids.size(), 0);
  left_out[4] = 1;
  for (const size_t map_from : {kMapFrom, size_t{0}}) {
    const auto read = ReadCaseVectors(*gallery, ids, left_out, map_from);
    ASSERT_TRUE(read.ok()) << read.status().message();
    ASSERT_EQ(read->models, std::vector<std::string>({"net", "small"}));
    EXPECT_EQ(read->storage.size(), map_from == 0 ? 2u : 0u);
    EXPECT_EQ(read->matrices[0].rows.empty(), map_from == 0);
    ASSERT_EQ(read->warnings.size(), 1u);
    EXPECT_NE(read->warnings[0].find("3000 tracks have vectors of another version of net"),
              std::string::npos);
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto value = static_cast<float>(i);
      const bool has_net = i % 3 != 2 && i != 4, has_small = i % 2 == 1;
      ASSERT_EQ(read->matrices[0].present[i] != 0, has_net) << i;
      ASSERT_EQ(read->matrices[1].present[i] != 0, has_small) << i;
      ASSERT_EQ(read->matrices[0].row(i)[0], has_net ? value : 0) << i;
      ASSERT_EQ(read->matrices[0].row(i)[1], has_net ? value + 1 : 0) << i;
      ASSERT_EQ(read->matrices[1].row(i)[0], has_small ? -value : 0) << i;
    }
  }
}

TEST_F(CaseVectorsTest, OnlyModelsInUseAreRead) {
  const auto gallery = Open();
  const std::vector<int64_t> ids = FillWithVectors(*gallery, 4);
  ASSERT_TRUE(gallery->WriteFact("embedders", "small").ok());
  const auto read = ReadCaseVectors(*gallery, ids, std::vector<uint8_t>(4, 0));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->models, std::vector<std::string>({"small"}));
  EXPECT_TRUE(read->warnings.empty());
}

}  // namespace
}  // namespace crossface
