// Sound files that cannot be read, and TIFF variants: named for what they are, and never black.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class UnreadableTest : public ::testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return scratch_.path() / name; }
  fs::path Write(const std::string& name, std::string_view content) const {
    EXPECT_TRUE(WriteFileAtomically(Path(name), content).ok());
    return Path(name);
  }
  std::string Film(const std::string& name, const std::string& options) const {
    EXPECT_EQ(testing::RunCommand(fmt::format(
                  "ffmpeg -v error -y -f lavfi -i testsrc2=s=96x64:r=10:d=3 -pix_fmt yuv420p {} '{}'",
                  options, Path(name).string())),
              0);
    return *ReadFile(Path(name));
  }
  static void ExpectRefused(const fs::path& path, const std::string& words) {
    const ReadSource read = ReadAll(path);
    EXPECT_EQ(read.opened.code(), StatusCode::kUnsupported) << read.opened.message();
    EXPECT_THAT(read.opened.message(), HasSubstr(path.filename().string() + ": "));
    EXPECT_THAT(read.opened.message(), HasSubstr(words));
    EXPECT_THAT(read.opened.message(), Not(HasSubstr("is damaged")));
  }
  static std::string Replaced(std::string bytes, std::string_view from, std::string_view to) {
    size_t times = 0;
    for (size_t at = bytes.find(from); at != std::string::npos;
         at = bytes.find(from, at + to.size()), ++times)
      bytes.replace(at, from.size(), to);
    EXPECT_GE(times, 1u) << from;
    return bytes;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(UnreadableTest, EncryptedFilmsAreCalledSo) {
  const std::string encrypted =
      Film("a.mp4",
           "-c:v libx264 -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb "
           "-encryption_kid a7e61c373e219033c21091fa607bf3b8");
  ExpectRefused(Path("a.mp4"), "encrypted");
  // A scheme of which packets do not tell, as iTunes has one.
  ExpectRefused(Write("b.mp4", Replaced(encrypted, "schm", "xxxx")), "encrypted");
  const std::string plain = Film("c.mp4", "-c:v libx264");
  ExpectRefused(Write("d.mp4", Replaced(plain, "avc1\0\0\0\0", "drmi\0\0\0\0")), "encrypted");
  if (const fs::path shared = testing::SharedFolder() / "data/cases/cenc_encrypted_called_damaged.mp4";
      fs::exists(shared))
    ExpectRefused(shared, "encrypted");
}

TEST_F(UnreadableTest, ScrambledBroadcastsAreCalledSo) {
  std::string stream = Film("a.ts", "-c:v libx264");
  int packets = 0;
  for (size_t at = 0; at + 188 <= stream.size(); at += 188) {
    const int pid = (stream[at + 1] & 0x1F) << 8 | static_cast<uint8_t>(stream[at + 2]);
    if (pid != 0x100) continue;
    stream[at + 3] = static_cast<char>(stream[at + 3] | 0x80);
    for (size_t i = at + 4; i < at + 188; ++i) stream[i] = static_cast<char>(stream[i] ^ 0x5A);
    ++packets;
  }
  ASSERT_GT(packets, 5);
  ExpectRefused(Write("scrambled.ts", stream), "encrypted");
}

TEST_F(UnreadableTest, FormatsWithoutADecoderAreNamed) {
  const std::string mp4 = Film("a.mp4", "-c:v libx264"), mkv = Film("a.mkv", "-c:v libx264"),
                    avi = Film("a.avi", "-c:v mpeg4 -vtag XVID");
  ExpectRefused(Write("b.mp4", Replaced(mp4, "avc1\0\0\0\0", "vvx1\0\0\0\0")),
                "no decoder for its video format 'vvx1'");
  ExpectRefused(Write("b.mkv", Replaced(mkv, "V_MPEG4/ISO/AVC", "V_MPEG4/ISO/XXX")),
                "no decoder for its video format");
  ExpectRefused(Write("b.avi", Replaced(avi, "XVID", "QQ42")), "no decoder for its video format 'QQ42'");
}

cv::Mat TestPicture() {
  cv::Mat picture(90, 341, CV_8UC3);  // eight rows a strip, as JPEG wants them
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x)
      picture.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uint8_t>(x), static_cast<uint8_t>(2 * y), static_cast<uint8_t>(x + y));
  }
  return picture;
}

TEST_F(UnreadableTest, TiffsOfEveryCompressionAreReadRight) {
  constexpr int kLzw = 5, kJpeg = 7, kZip = 8, kPackBits = 32773, kZstd = 50000;
  for (const int compression : {1, kLzw, kJpeg, kZip, kPackBits, kZstd}) {
    const fs::path path = Path(fmt::format("{}.tif", compression));
    ASSERT_TRUE(cv::imwrite(path.string(), TestPicture(), {cv::IMWRITE_TIFF_COMPRESSION, compression}));
    EXPECT_GT(Psnr(FirstBgr(path), TestPicture()), compression == kJpeg ? 30 : 99) << compression;
    EXPECT_TRUE(ReadAll(path).damage.ok()) << compression;
  }
  cv::Mat wide;
  TestPicture().convertTo(wide, CV_16UC3, 257);
  ASSERT_TRUE(cv::imwrite(Path("wide.tif").string(), wide));
  EXPECT_GT(Psnr(FirstBgr(Path("wide.tif")), TestPicture()), 99);
  // Under the number of the older JPEG compression, as in the case of the shared data.
  std::string jpeg = *ReadFile(Path("7.tif"));
  jpeg = Replaced(jpeg, std::string_view("\x03\x01\x03\0\1\0\0\0\x07\0", 10),
                  std::string_view("\x03\x01\x03\0\1\0\0\0\x06\0", 10));
  EXPECT_GT(Psnr(FirstBgr(Write("6.tif", jpeg)), TestPicture()), 30);
}

TEST_F(UnreadableTest, TiffsOfUnknownKindsAreRefusedAndNeverBlack) {
  cv::Mat floats;
  cv::cvtColor(TestPicture(), floats, cv::COLOR_BGR2GRAY);
  floats.convertTo(floats, CV_32FC1, 1 / 255.0);
  ASSERT_TRUE(cv::imwrite(Path("float.tif").string(), floats));
  ExpectRefused(Path("float.tif"), "TIFF of a kind that cannot be read");
  ASSERT_TRUE(cv::imwrite(Path("lzw.tif").string(), TestPicture(), {cv::IMWRITE_TIFF_COMPRESSION, 5}));
  const std::string lzw = *ReadFile(Path("lzw.tif"));
  const std::string_view before("\x03\x01\x03\0\1\0\0\0\x05\0", 10);
  ExpectRefused(
      Write("odd.tif", Replaced(lzw, before, std::string_view("\x03\x01\x03\0\1\0\0\0\x39\x30", 10))),
      "compression 12345");
  // The wrong compression: nothing can be decoded.
  const Status wrong =
      ReadAll(Write("wrong.tif", Replaced(lzw, before, std::string_view("\x03\x01\x03\0\1\0\0\0\x07\0", 10))))
          .opened;
  EXPECT_EQ(wrong.code(), StatusCode::kCorrupt) << wrong.message();
}

// A TIFF with one directory: tags of one value each, and a JPEG picture at byte 16.
std::string TiffAround(const std::string& jpeg, const std::string& mark,
                       const std::vector<std::pair<int, uint32_t>>& tags) {
  const auto number = [](uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
    return text;
  };
  const std::string padded = jpeg + std::string(jpeg.size() % 2, '\0');
  std::string tiff = std::string("II*\0", 4) + number(static_cast<uint32_t>(16 + padded.size()), 4) + mark +
                     std::string(8 - mark.size(), '\0') + padded +
                     number(static_cast<uint32_t>(tags.size()), 2);
  for (const auto& [tag, value] : tags)
    tiff += number(static_cast<uint32_t>(tag), 2) + number(4, 2) + number(1, 4) + number(value, 4);
  return tiff + number(0, 4);
}

TEST_F(UnreadableTest, TheJpegInsideOfACamerasRawPictureIsRead) {
  ASSERT_TRUE(cv::imwrite(Path("p.jpg").string(), TestPicture()));
  const std::string jpeg = *ReadFile(Path("p.jpg"));
  const auto bytes = static_cast<uint32_t>(jpeg.size());
  const std::vector<std::pair<int, uint32_t>> strip = {
      {256, 341}, {257, 90}, {259, 6}, {273, 16}, {279, bytes}};
  // As Canon has it; of a directory that states no size, as Nikon and Sony have it; compression 7 with a
  // colour space that is not the JPEG's.
  for (const auto& [name, tiff] :
       {std::pair("a.CR2", TiffAround(jpeg, std::string("CR\2\0", 4), strip)),
        std::pair("b.NEF", TiffAround(jpeg, "", {{259, 6}, {513, 16}, {514, bytes}})),
        std::pair(
            "c.tif",
            TiffAround(jpeg, "",
                       {{256, 341}, {257, 90}, {259, 7}, {262, 2}, {273, 16}, {277, 1}, {279, bytes}}))}) {
    const fs::path path = Write(name, tiff);
    const ReadSource read = ReadAll(path);
    EXPECT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
    ASSERT_EQ(FirstBgr(path).size(), TestPicture().size()) << name;
    EXPECT_GT(Psnr(FirstBgr(path), FirstBgr(Path("p.jpg"))), 35) << name;
  }
  // Only what the sensor saw.
  ExpectRefused(Write("d.dng", TiffAround("raw data", "",
                                          {{256, 4},
                                           {257, 1},
                                           {258, 14},
                                           {259, 1},
                                           {262, 32803},
                                           {273, 16},
                                           {277, 1},
                                           {278, 1},
                                           {279, 8},
                                           {50706, 0x401}})),
                "raw picture");
}

}  // namespace
}  // namespace crossface
