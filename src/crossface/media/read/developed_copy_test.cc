// Cameras' raw pictures that are no TIFF files, put together as their makers do: real ones cannot be made
// here.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/media/file/camera_raw.h"
#include "crossface/media/metadata/metadata_pieces.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using namespace std::literals;

class DevelopedCopyTest : public ::testing::Test {
 protected:
  fs::path Write(const std::string& name, std::string_view bytes) const {
    EXPECT_TRUE(WriteFileAtomically(scratch_.path() / name, bytes).ok());
    return scratch_.path() / name;
  }
  // A photo that says that it lies on its side, when and where it was taken, and by what; with a thumbnail.
  std::string Photo() const {
    const fs::path path = scratch_.path() / "photo.jpg", thumbnail = scratch_.path() / "thumbnail.jpg";
    cv::Mat picture(120, 160, CV_8UC3, cv::Scalar(20, 90, 200));
    cv::circle(picture, {50, 40}, 30, {200, 30, 30}, cv::FILLED);
    cv::imwrite(path.string(), picture);
    cv::resize(picture, picture, {}, 0.25, 0.25);
    cv::imwrite(thumbnail.string(), picture);
    EXPECT_EQ(
        testing::RunCommand(fmt::format(
            "exiftool -q -n -overwrite_original -Make=ACME -Model=R1 -DateTimeOriginal='2024:05:06 07:08:09' "
            "-Orientation=6 '-ThumbnailImage<={}' '{}'",
            thumbnail.string(), path.string())),
        0);
    return *ReadFile(path);
  }
  std::string Thumbnail() const {
    std::vector<uint8_t> bytes;
    cv::imencode(".jpg", cv::Mat(30, 40, CV_8UC3, cv::Scalar(1, 2, 3)), bytes);
    return {bytes.begin(), bytes.end()};
  }
  static std::string Sensor() {
    std::string bytes;
    for (unsigned i = 0, x = 1; i < 50'000; ++i)
      bytes += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
    return bytes;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(DevelopedCopyTest, TheLargestIsShownWithWhatTheCameraSays) {
  const std::string photo = Photo();
  const MetadataPieces pieces = FindMetadataPieces(photo);
  ASSERT_EQ(pieces.exif.size(), 1u);
  const std::string& tiff = pieces.exif[0];
  const auto box = [](const std::string& type, const std::string& payload) {
    std::string size;
    for (int shift = 24; shift >= 0; shift -= 8) size += static_cast<char>((payload.size() + 8) >> shift);
    return size + type + payload;
  };
  std::vector<uint8_t> bytes;
  cv::imencode(".jpg", cv::imread((scratch_.path() / "photo.jpg").string(), cv::IMREAD_IGNORE_ORIENTATION),
               bytes);
  const std::string bare(bytes.begin(), bytes.end());
  const std::string thumbnail = Thumbnail(), sensor = Sensor(), nothing(100, '\0');
  const auto joined = [](std::initializer_list<std::string_view> parts) {
    std::string whole;
    for (const std::string_view part : parts) whole += part;
    return whole;
  };
  const std::string_view olympus = tiff.starts_with("II") ? "IIRO" : "MMOR", behind = tiff;
  const std::string canon = joined({box("ftyp", "crx \0\0\0\1crx isom"s), box("moov", box("CMT1", tiff)),
                                    box("mdat", joined({thumbnail, bare, sensor}))});
  for (const auto& [name, content] :
       {std::pair("a.raf"s, joined({"FUJIFILMCCD-RAW 0201FF393103", nothing, photo, sensor})),
        std::pair("a.orf"s, joined({olympus, behind.substr(4), thumbnail, bare, sensor})),
        std::pair("a.cr3"s, canon), std::pair("a.rw2"s, joined({"IIU\0\x18\0\0\0"sv, sensor, photo})),
        std::pair("a.x3f"s, joined({"FOVb", sensor, photo})),
        std::pair("a.mrw"s, joined({"\0MRM"sv, thumbnail, photo, sensor})),
        std::pair("a.crw"s, joined({"II\x1a\0\0\0HEAPCCDR"sv, sensor, photo}))}) {
    EXPECT_TRUE(IsRawPicture(content)) << name;
    for (const std::string& file : {name, "misnamed.bin"s}) {
      const ReadSource read = ReadAll(Write(file, content), {}, true);
      ASSERT_TRUE(read.opened.ok()) << name << ": " << read.opened.message();
      EXPECT_TRUE(read.damage.ok()) << read.damage.message();
      EXPECT_EQ(read.hashes.size(), 1u) << name;
      EXPECT_EQ(read.info.codec, "raw");
      EXPECT_EQ(cv::Size(read.info.width, read.info.height), cv::Size(120, 160)) << name << ": not turned";
      EXPECT_EQ(read.info.device, "ACME R1") << name;
      EXPECT_EQ(read.info.created, "2024-05-06T07:08:09") << name;
      EXPECT_EQ(read.info.parts, 1) << name;
    }
  }
}

TEST_F(DevelopedCopyTest, WithoutOneItIsToldWhatToDo) {
  for (const std::string& content : {"FUJIFILMCCD-RAW 0201"s + Sensor(), "IIRO"s, "FOVb\xFF\xD8\xFF"s}) {
    const Status status = OpenSource(Write("a.raf", content)).status();
    EXPECT_EQ(status.code(), StatusCode::kUnsupported) << status.message();
    EXPECT_THAT(status.message(),
                ::testing::HasSubstr("a.raf: is a camera's raw picture without a developed copy"));
  }
  const Status large = OpenSource(Write("a.raf", "FOVb"s + Photo()), {.max_pixels = 1000}).status();
  EXPECT_EQ(large.code(), StatusCode::kUnsupported);
  EXPECT_THAT(large.message(), ::testing::HasSubstr("19200 pixels"));
}

}  // namespace
}  // namespace crossface
