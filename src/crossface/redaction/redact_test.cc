// Copies of drawn films with faces hidden, by fake detectors: no footage, no networks.
#include "crossface/redaction/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <opencv2/imgcodecs.hpp>

#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/scan_case.h"
#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::Each;
using ::testing::HasSubstr;

constexpr char kFilm[] = "memory://films/a.y4m";

// Two people of whom one comes late, one leaves early, and a cut.
testing::DrawnFilm Film(int scene = 0) {
  return {.shots = {{.frames = 25,
                     .faces = {{.person = 0, .at = {40, 60}, .step = {3, 1}},
                               {.person = 1, .at = {220, 90}, .step = {-1, 0}, .first = 9, .last = 20}}},
                    {.frames = 15, .faces = {{.person = 1, .at = {100, 100}, .step = {4, 0}}}}},
          .scene = scene};
}

class RedactTest : public ::testing::Test {
 protected:
  RedactTest() {
    EXPECT_TRUE(io::Put(kFilm, Film().AsYuv4Mpeg()).ok());
    Scan(kFilm);
  }
  void Scan(const std::string& place) {
    const auto found = FindSources({place});
    ASSERT_TRUE(found.ok()) << found.status().message();
    const auto summary = ScanCase(*gallery_, found->files, testing::FakeModels(), {.threads = 2}, {});
    ASSERT_TRUE(summary.ok()) << summary.status().message();
    ASSERT_EQ(summary->scanned, 1);
  }
  RedactOptions Options(const std::string& place, const std::string& output) const {
    RedactOptions options{.path = place, .output = scratch_.path() / output, .threads = 2};
    options.make_finder = []() -> Result<std::unique_ptr<FaceFinder>> { return testing::FakeFinder(); };
    return options;
  }
  Result<RedactSummary> Run(const RedactOptions& options) const {
    const auto state = CurationState::Read(*gallery_);
    EXPECT_TRUE(state.ok()) << state.status().message();
    return Redact(*gallery_, *state, options);
  }
  // How many faces each frame shows.
  static std::vector<size_t> FacesOf(const fs::path& path) {
    auto reader = OpenSource(path);
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    std::vector<size_t> faces;
    while (reader.ok()) {
      const auto frame = (*reader)->Next();
      EXPECT_TRUE(frame.ok());
      if (!frame.ok() || !*frame) break;
      faces.push_back(testing::FindDrawnFaces(*(*frame)->picture->Bgr()).size());
    }
    return faces;
  }
  void ExpectNothingLeft() const {
    for (const auto& entry : fs::directory_iterator(scratch_.path()))
      EXPECT_EQ(entry.path().filename(), "case") << entry.path();
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
  std::unique_ptr<Gallery> gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
};

TEST_F(RedactTest, NoFaceThatTheDetectorTellsIsLeftInAnyFrame) {
  const std::vector<size_t> before = FacesOf(kFilm);
  ASSERT_EQ(before.size(), 40u);
  ASSERT_THAT(before, Each(::testing::Ge(1u)));
  for (const HideMethod method : {HideMethod::kFill, HideMethod::kBlur}) {
    RedactOptions options = Options(kFilm, "copy.mp4");
    options.method = method;
    const auto summary = Run(options);
    ASSERT_TRUE(summary.ok()) << summary.status().message();
    EXPECT_EQ(summary->frames, 40);
    EXPECT_EQ(summary->frames_changed, 40);
    EXPECT_THAT(FacesOf(options.output), ::testing::AllOf(::testing::SizeIs(40), Each(0u)));
    fs::remove(options.output);
  }
}

TEST_F(RedactTest, APictureToo) {
  std::vector<uchar> bytes;
  ASSERT_TRUE(cv::imencode(".png", Film().Draw(12), bytes));
  const std::string photo = "memory://films/photo.png";
  ASSERT_TRUE(io::Put(photo, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).ok());
  Scan(photo);
  RedactOptions options = Options(photo, "copy.png");
  options.source = 1;
  const auto summary = Run(options);
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  EXPECT_EQ(summary->frames_changed, 1);
  EXPECT_THAT(FacesOf(photo), ::testing::ElementsAre(2u));
  EXPECT_THAT(FacesOf(options.output), ::testing::ElementsAre(0u));
}

TEST_F(RedactTest, OtherBytesThanWereScannedAreRefused) {
  ASSERT_TRUE(io::Put(kFilm, Film(1).AsYuv4Mpeg()).ok());
  const auto refused = Run(Options(kFilm, "copy.mp4"));
  EXPECT_EQ(refused.status().code(), StatusCode::kMismatch);
  EXPECT_THAT(refused.status().message(), HasSubstr("is not what was scanned"));
  ExpectNothingLeft();
}

TEST_F(RedactTest, BytesThatChangeMeanwhileAreRefused) {
  std::atomic<int> looks = 0;
  std::stop_source stop;
  RedactOptions options = Options(kFilm, "copy.mp4");
  options.make_finder = [&]() -> Result<std::unique_ptr<FaceFinder>> {
    return testing::FakeFinder([&] {
      if (++looks == 60) EXPECT_TRUE(io::Put(kFilm, Film(1).AsYuv4Mpeg()).ok());
    });
  };
  const auto refused = Run(options);
  EXPECT_GE(looks, 60);
  EXPECT_EQ(refused.status().code(), StatusCode::kMismatch) << refused.status().message();
  ExpectNothingLeft();
}

TEST_F(RedactTest, AFailingOrStoppedOneLeavesNothing) {
  memory_.set_faults({.before_read = [](const std::string& place, int64_t, int64_t offset) {
    return offset > (3 << 20) && offset % (1 << 20) != 0
               ? Status(StatusCode::kIo, place + ": the line is down")
               : Status();
  }});
  const auto failed = Run(Options(kFilm, "copy.mp4"));
  EXPECT_FALSE(failed.ok());
  ExpectNothingLeft();
  memory_.set_faults({});
  std::atomic<int> looks = 0;
  std::stop_source stop;
  RedactOptions options = Options(kFilm, "copy.mp4");
  options.make_finder = [&]() -> Result<std::unique_ptr<FaceFinder>> {
    return testing::FakeFinder([&] {
      if (++looks == 30) stop.request_stop();
    });
  };
  options.stop = stop.get_token();
  EXPECT_EQ(Run(options).status().code(), StatusCode::kInterrupted);
  ExpectNothingLeft();
}

}  // namespace
}  // namespace crossface
