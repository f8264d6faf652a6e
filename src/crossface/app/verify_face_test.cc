// Every face of a scan stands the test against its footage, however that is turned, stretched and timed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <opencv2/imgproc.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/source_media.h"
#include "crossface/media/file/source.h"
#include "crossface/scan/scan_case.h"
#include "crossface/scan/track_builder.h"
#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/testing.h"
#include "crossface/util/jpeg.h"

namespace crossface {
namespace {

using testing::DrawnFilm;

class VerifyFaceTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(footage()); }
  std::filesystem::path footage() const { return scratch_.path() / "footage"; }
  std::filesystem::path folder() const { return scratch_.path() / "case"; }

  // By one of the developers' films.
  void Make(const std::string& name, const std::string& clip, const std::string& options) const {
    const auto from = testing::SharedFolder() / "data/videos" / clip;
    ASSERT_EQ(testing::RunCommand(fmt::format("ffmpeg -nostdin -v error -y -i '{}' {} '{}'", from.string(),
                                              options, (footage() / name).string())),
              0);
  }
  // Faces by source that were verified, and how many of them have been measured again after their pictures
  // were cut.
  struct Verified {
    std::map<std::string, int> faces;
    int moved = 0;
  };
  Verified VerifyAll() const {
    Verified verified;
    const auto gallery = Gallery::Open(folder(), Gallery::Mode::kRead);
    EXPECT_TRUE(gallery.ok()) << gallery.status().message();
    std::map<int64_t, SourceRecord> sources;
    const auto all_sources = *(*gallery)->ReadSources();
    for (const SourceRecord& source : all_sources) sources[source.id] = source;
    const auto tracks = *(*gallery)->ReadTracks({.faces = true});
    const CaseBrowser browser(folder());
    int number = 0;
    for (const TrackRecord& track : tracks) {
      const SourceRecord& source = sources.at(track.source_id);
      for (const FaceRecord& face : track.faces) {
        const cv::Size frame(source.info.width, source.info.height);
        const bool moved =
            AreaOfPicture(*(*gallery)->ReadFacePicture(face.id)) != PictureArea(face.detection.box, frame);
        verified.moved += moved;
        if (!moved && ++number % 4 != 0) continue;
        const auto answer = VerifyFace(browser, face.id, {});
        EXPECT_TRUE(answer.ok() && answer->same && answer->difference == 0)
            << source.name << " track " << track.number << " face " << face.number << ": "
            << (answer.ok() ? fmt::format("{}", fmt::join(answer->told, "; ")) : answer.status().message());
        ++verified.faces[source.name];
      }
    }
    return verified;
  }

  testing::ScratchFolder scratch_;
};

TEST_F(VerifyFaceTest, DrawnFacesThatWereMeasuredAgainStandTheTest) {
  // So large that their surroundings are shrunk, and the box of the second look is another one.
  const DrawnFilm film{
      .shots = {{.frames = 30,
                 .faces = {{.person = 0, .at = {101, 20}, .step = {3, 1}, .height = 551},
                           {.person = 1, .at = {700, 330}, .step = {-1, 0}, .height = 197}}}},
      .size = {1280, 720}};
  std::ofstream(footage() / "drawn.y4m") << film.AsYuv4Mpeg();
  auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
  ASSERT_TRUE(gallery.ok());
  const auto found = FindSources({footage()});
  ASSERT_TRUE(
      ScanCase(**gallery, found->files, testing::FakeModels(), {.threads = 2}, ScanCallbacksCase{}).ok());
  gallery->reset();
  const Verified verified = VerifyAll();
  EXPECT_GT(verified.moved, 0);
  EXPECT_GT(verified.faces.at("drawn.y4m"), 4);
}

TEST_F(VerifyFaceTest, FacesOfTurnedStretchedUnevenReorderedFilmsAndOfPicturesStandTheTest) {
  CROSSFACE_NEEDS_SHARED("data/videos/asl_help.mkv");
  CROSSFACE_NEEDS_SHARED("data/videos/grid_bbaf2n.mpg");
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  Make("upright.mp4", "asl_help.mkv", "-t 1 -vf transpose=1 -c:v libx264 -bf 3");
  ASSERT_EQ(
      testing::RunCommand(fmt::format(
          "cd '{}' && ffmpeg -nostdin -v error -i upright.mp4 -c copy -metadata:s:v rotate=90 turned.mp4 "
          "&& rm upright.mp4",
          footage().string())),
      0);
  Make("stretched.mkv", "asl_help.mkv", "-t 1 -vf scale=320:480,setsar=2 -c:v libx264");
  Make("uneven.mkv", "asl_help.mkv", "-t 1.5 -vf \"select='not(eq(mod(n,5),2))'\" -vsync vfr -c:v libx264");
  Make("old.mpg", "grid_bbaf2n.mpg", "-t 1.5 -c copy");
  Make("still.jpg", "asl_help.mkv", "-ss 0.5 -frames:v 1");
  IdentifyAnswer answer;
  const Ending ending =
      CaseService(folder()).Identify({.sources = {footage()}, .settings = {.threads = 2}}, {}, {}, &answer);
  ASSERT_TRUE(ending.status.ok()) << ending.status.message();
  const Verified verified = VerifyAll();
  EXPECT_GT(verified.moved, 0);
  std::vector<std::string> names;
  for (const auto& [name, faces] : verified.faces) names.push_back(name);
  EXPECT_THAT(names,
              ::testing::ElementsAre("old.mpg", "still.jpg", "stretched.mkv", "turned.mp4", "uneven.mkv"));
}

TEST_F(VerifyFaceTest, APictureThatSaysItIsFromElsewhereIsNotBelieved) {
  const DrawnFilm film{.shots = {{.frames = 12, .faces = {{.person = 0, .at = {40, 60}}}}}};
  std::ofstream(footage() / "drawn.y4m") << film.AsYuv4Mpeg();
  auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
  ASSERT_TRUE(gallery.ok());
  const auto found = FindSources({footage()});
  ASSERT_TRUE(
      ScanCase(**gallery, found->files, testing::FakeModels(), {.threads = 2}, ScanCallbacksCase{}).ok());
  // The same track once more, but its first face's picture is of another corner of that very frame.
  SourceRecord source = (*gallery)->ReadSources()->at(0);
  auto tracks = *(*gallery)->ReadTracks({.faces = true, .embeddings = true, .templates = true});
  ASSERT_FALSE(tracks.empty());
  TrackRecord track = tracks.front();
  const int64_t pts = track.faces.front().pts;
  const auto frame = ReadFrame(source, {.pts = pts}, {});
  ASSERT_TRUE(frame.ok());
  for (FaceRecord& face : track.faces) face.jpeg = *(*gallery)->ReadFacePicture(face.id);
  track.faces.front().jpeg = CutPicture(DecodeJpeg(frame->picture), {220, 20, 90, 90});
  track.number = 100;
  ASSERT_TRUE((*gallery)->AppendTracks(source.id, {track}, {}).ok());
  const auto now = *(*gallery)->ReadTracks({.faces = true});
  gallery->reset();
  const auto answer = VerifyFace(CaseBrowser(folder()), now.back().faces.front().id, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->same);
  EXPECT_THAT(answer->told, ::testing::Contains(::testing::HasSubstr("where the face is not")));
}

}  // namespace
}  // namespace crossface
