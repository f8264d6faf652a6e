// Films of high dynamic range that are made out of ordinary ones, against these.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <opencv2/imgproc.hpp>

#include "crossface/media/read/frame_reader.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using testing::RunCommand;
using testing::ScratchFolder;

constexpr int kPlain = 12, kSide = 32;

// Squares of greys and of colours of skin, cloth, leaves and sky, kPlain in all, none of them brighter than
// the light from which on highlights are compressed; in the last row standard white, which is.
cv::Mat Chart() {
  const cv::Vec3b colours[] = {{0, 0, 0},      {40, 40, 40},  {90, 90, 90},  {150, 150, 150},
                               {88, 108, 160}, {60, 82, 130}, {36, 48, 78},  {120, 140, 168},
                               {30, 30, 160},  {40, 140, 40}, {160, 60, 40}, {150, 110, 80}};
  cv::Mat chart(4 * kSide, 4 * kSide, CV_8UC3, cv::Scalar::all(255));
  for (int i = 0; i < kPlain; ++i)
    chart(cv::Rect(i % 4 * kSide, i / 4 * kSide, kSide, kSide)).setTo(colours[i]);
  return chart;
}

cv::Vec3b Middle(const cv::Mat& chart, int square) {
  return chart.at<cv::Vec3b>(square / 4 * kSide + kSide / 2, square % 4 * kSide + kSide / 2);
}

// As a camera of hybrid log-gamma would have it whose standard white has 203 of 1,000 cd/m2: the primaries of
// Rec. ITU-R BT.2087, then BT.2100's inverse system gamma and its curve. Red, green, blue of 16 bits.
cv::Mat HybridLogGamma(const cv::Mat& chart) {
  const cv::Matx33d to_bt2020(0.6274, 0.3293, 0.0433, 0.0691, 0.9195, 0.0114, 0.0164, 0.0880, 0.8956);
  cv::Mat film(chart.size(), CV_16UC3);
  film.forEach<cv::Vec3w>([&](cv::Vec3w& to, const int* at) {
    const auto& bgr = chart.at<cv::Vec3b>(at[0], at[1]);
    cv::Vec3d light(bgr[2], bgr[1], bgr[0]);
    for (int i = 0; i < 3; ++i) light[i] = .203 * std::pow(light[i] / 255, 2.4);
    light = to_bt2020 * light;
    const double shown = .2627 * light[0] + .6780 * light[1] + .0593 * light[2];
    for (int i = 0; i < 3; ++i) {
      const double scene = shown > 0 ? light[i] * std::pow(shown, 1 / 1.2 - 1) : 0;
      const double number = scene <= 1 / 12.0 ? std::sqrt(3 * scene)
                                              : 0.17883277 * std::log(12 * scene - 0.28466892) + 0.55991073;
      to[i] = cv::saturate_cast<uint16_t>(65535 * number);
    }
  });
  return film;
}

struct Kind {
  const char *transfer, *primaries, *format;
};

class DisplayColoursTest : public ::testing::Test {
 protected:
  fs::path Film(const Kind& kind) const {
    const bool log_gamma = std::string_view(kind.transfer) == "arib-std-b67";
    const cv::Mat pixels = log_gamma ? HybridLogGamma(Chart()) : Chart();
    const fs::path raw = scratch_.path() / "chart.raw";
    fs::path film = scratch_.path() / "film.mkv";
    std::ofstream(raw, std::ios::binary)
        .write(reinterpret_cast<const char*>(pixels.data),
               static_cast<std::streamsize>(pixels.total() * pixels.elemSize()));
    const std::string matrix = std::string_view(kind.primaries) == "bt709" ? "bt709" : "bt2020nc";
    const std::string from = log_gamma ? "rgb48le" : "bgr24";
    // The quantizer's films by zimg, whose hybrid log-gamma has the system gamma channel by channel.
    const std::string filter =
        log_gamma ? fmt::format(
                        "format=gbrp16le,setparams=range=pc:colorspace=gbr:color_primaries=bt2020:"
                        "color_trc={},zscale=m={}:r=tv,format={}",
                        kind.transfer, matrix, kind.format)
                  : fmt::format(
                        "format=gbrp,setparams=range=pc:colorspace=gbr:color_primaries=bt709:"
                        "color_trc=bt709,zscale=t=linear:npl=203,format=gbrpf32le,"
                        "zscale=p={}:t={}:m={}:r=tv:npl=203,format={}",
                        kind.primaries, kind.transfer, matrix, kind.format);
    EXPECT_EQ(
        RunCommand(fmt::format("ffmpeg -v error -y -f rawvideo -pix_fmt {} -s {}x{} -r 5 -i '{}' -vf '{}' "
                               "-c:v ffv1 -color_primaries {} -color_trc {} -colorspace {} '{}'",
                               from, pixels.cols, pixels.rows, raw.string(), filter, kind.primaries,
                               kind.transfer, matrix, film.string())),
        0);
    return film;
  }

  ScratchFolder scratch_;
};

TEST_F(DisplayColoursTest, HighDynamicRangeLooksAsTheOrdinaryFilmItWasMadeOf) {
  for (const Kind& kind :
       {Kind{"smpte2084", "bt2020", "yuv420p10le"}, Kind{"smpte2084", "bt2020", "yuv444p12le"},
        Kind{"smpte2084", "smpte432", "yuv420p10le"}, Kind{"smpte2084", "bt709", "yuv420p10le"},
        Kind{"smpte2084", "bt2020", "yuv420p"}, Kind{"arib-std-b67", "bt2020", "yuv420p10le"},
        Kind{"arib-std-b67", "bt2020", "yuv420p"}}) {
    SCOPED_TRACE(fmt::format("{} {} {}", kind.transfer, kind.primaries, kind.format));
    const cv::Mat shown = FirstBgr(Film(kind));
    ASSERT_EQ(shown.size(), Chart().size());
    const int tolerance = std::string_view(kind.format) == "yuv420p" ? 9 : 4;
    for (int square = 0; square < kPlain; ++square) {
      const cv::Vec3b wanted = Middle(Chart(), square), found = Middle(shown, square);
      for (int channel = 0; channel < 3; ++channel)
        EXPECT_NEAR(found[channel], wanted[channel], tolerance) << "square " << square << ", " << channel;
    }
    const cv::Vec3b white = Middle(shown, 14);
    EXPECT_GT(white[1], 220);
    EXPECT_LT(white[1], 245);
    EXPECT_NEAR(white[0], white[2], 2);
  }
}

TEST_F(DisplayColoursTest, LumaIsThatOfWhatIsShown) {
  for (const char* const format : {"yuv420p10le", "yuv420p"}) {
    SCOPED_TRACE(format);
    auto reader = OpenSource(Film({"smpte2084", "bt2020", format}));
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    const auto frame = (*reader)->Next();
    ASSERT_TRUE(frame.ok() && *frame);
    const auto luma = (*frame)->picture->Luma(4 * kSide);
    ASSERT_TRUE(luma.ok()) << luma.status().message();
    for (int grey = 0; grey < 4; ++grey)
      EXPECT_NEAR(luma->at<uint8_t>(kSide / 2, grey * kSide + kSide / 2), Middle(Chart(), grey)[1], 9);
  }
}

// Nobody who describes a film so means light by its numbers.
TEST_F(DisplayColoursTest, OrdinaryFilmsAreLeftAsTheyAre) {
  const fs::path plain = scratch_.path() / "plain.mkv", named = scratch_.path() / "named.mkv";
  ASSERT_EQ(
      RunCommand(fmt::format("ffmpeg -v error -y -f lavfi -i testsrc2=s=96x64:r=5:d=0.2 -pix_fmt yuv420p10le "
                             "-c:v ffv1 -colorspace bt709 '{}'",
                             plain.string())),
      0);
  ASSERT_EQ(
      RunCommand(fmt::format("ffmpeg -v error -y -f lavfi -i testsrc2=s=96x64:r=5:d=0.2 -pix_fmt yuv420p10le "
                             "-c:v ffv1 -colorspace bt709 -color_trc bt2020-10 -color_primaries bt709 '{}'",
                             named.string())),
      0);
  EXPECT_EQ(Psnr(FirstBgr(plain), FirstBgr(named)), 100);
}

}  // namespace
}  // namespace crossface
