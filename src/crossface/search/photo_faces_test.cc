// The faces of drawn photos, by fake models, against a case that the same models have scanned.
#include "crossface/search/photo_faces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/scan/scan_case.h"
#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class PhotoFacesTest : public ::testing::Test {
 protected:
  static std::string Photo(const std::vector<testing::DrawnFace>& faces) {
    std::vector<uchar> bytes;
    const testing::DrawnFilm film = {.shots = {{.frames = 1, .faces = faces}}};
    EXPECT_TRUE(cv::imencode(".png", film.Draw(0), bytes));
    return std::string(bytes.begin(), bytes.end());
  }
  // A case with persons 0 and 1.
  std::unique_ptr<Gallery> ScannedCase() {
    EXPECT_TRUE(io::Put("memory://footage/a.png", Photo({{.person = 0, .at = {50, 60}}})).ok());
    EXPECT_TRUE(io::Put("memory://footage/b.png", Photo({{.person = 1, .at = {150, 80}}})).ok());
    auto gallery = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
    const auto found = FindSources({"memory://footage"});
    EXPECT_TRUE(ScanCase(*gallery, found->files, testing::FakeModels(), {}, {}).ok());
    EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(2));
    return gallery;
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
};

TEST_F(PhotoFacesTest, ThoseOfAPhotoOutsideOfTheDiskAreFoundAndKnown) {
  const auto gallery = ScannedCase();
  const auto ensemble = SearchEnsemble::Of(*gallery, *gallery->ReadTemplateKeys());
  ASSERT_TRUE(ensemble.ok()) << ensemble.status().message();
  const std::string bytes =
      Photo({{.person = 3, .at = {20, 40}, .height = 60}, {.person = 1, .at = {180, 50}, .height = 100}});
  ASSERT_TRUE(io::Put("memory://photo.png", bytes).ok());
  const SearchModels models{.models = testing::FakeModels()};
  const auto photo = ReadPhoto("memory://photo.png", models, *ensemble);
  ASSERT_TRUE(photo.ok()) << photo.status().message();
  EXPECT_EQ(photo->sha256, Sha256Hex(bytes));
  ASSERT_THAT(photo->faces, SizeIs(2));
  EXPECT_GT(photo->faces[0].detection.box.height, photo->faces[1].detection.box.height);
  const auto tracks = *gallery->ReadTracks({.templates = true});
  const auto like = [&](size_t face, size_t track) {
    return CosineSimilarity(photo->faces[face].vectors[0], ensemble->VectorsOf(tracks[track].templates)[0]);
  };
  EXPECT_LT(like(0, 0), 0.5f);
  EXPECT_GT(like(0, 1), 0.95f) << "person 1 is in b.png";
  EXPECT_LT(like(1, 0), 0.5f);
  EXPECT_LT(like(1, 1), 0.5f);
}

TEST_F(PhotoFacesTest, APhotoThatCannotBeReadToItsEndIsRefused) {
  const auto gallery = ScannedCase();
  const auto ensemble = SearchEnsemble::Of(*gallery, *gallery->ReadTemplateKeys());
  ASSERT_TRUE(ensemble.ok()) << ensemble.status().message();
  ASSERT_TRUE(io::Put("memory://photo.png", Photo({{.person = 1, .at = {180, 50}}})).ok());
  int64_t most = 0;
  memory_.set_faults({.before_read = [&](const std::string&, int64_t read, int64_t) {
    most = std::max(most, read);
    return Status();
  }});
  const SearchModels models{.models = testing::FakeModels()};
  ASSERT_TRUE(ReadPhoto("memory://photo.png", models, *ensemble).ok());
  ASSERT_GT(most, 2);
  for (int64_t failing = 1; failing <= most; ++failing) {
    memory_.set_faults({.before_read = [&](const std::string& place, int64_t read, int64_t) {
      return read == failing ? Status(StatusCode::kIo, place + ": the line is down") : Status();
    }});
    const auto photo = ReadPhoto("memory://photo.png", models, *ensemble);
    EXPECT_EQ(photo.status().code(), StatusCode::kIo) << failing;
    EXPECT_THAT(photo.status().message(), HasSubstr("the line is down"));
  }
}

}  // namespace
}  // namespace crossface
