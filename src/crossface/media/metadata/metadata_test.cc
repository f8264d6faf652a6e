#include "crossface/media/metadata/metadata.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <exiv2/exiv2.hpp>
#include <opencv2/imgcodecs.hpp>

#include "crossface/media/read/frame_reader.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

TEST(Metadata, WritesDatesAsIso8601) {
  EXPECT_EQ(NormaliseDate("2018-10-05T14:40:45.000000Z"), "2018-10-05T14:40:45Z");
  EXPECT_EQ(NormaliseDate("2019-07-24T11:25:40+0300"), "2019-07-24T11:25:40+03:00");
  EXPECT_EQ(NormaliseDate("2019-07-24T11:25:40-03:30"), "2019-07-24T11:25:40-03:30");
  EXPECT_EQ(NormaliseDate("2012-09-10 20:52:00"), "2012-09-10T20:52:00");
  EXPECT_EQ(NormaliseDate("2023:09:22 16:34:05"), "2023-09-22T16:34:05");
  EXPECT_EQ(NormaliseDate("2023-09-22T16:34:05.120Z"), "2023-09-22T16:34:05.12Z");
  EXPECT_EQ(NormaliseDate("2020-08-28"), "2020-08-28");
}

TEST(Metadata, IgnoresWhatIsNoDate) {
  for (const char* text :
       {"", "0000:00:00 00:00:00", "1904-01-01T00:00:00.000000Z", "1970-01-01T00:00:00Z", "2020", "yesterday",
        "2020-13-01", "2020-00-10", "    :  :     :  :  ", "2020-01-01T25:00:00"}) {
    EXPECT_EQ(NormaliseDate(text), "") << text;
  }
}

TEST(Metadata, ReadsIso6709) {
  const auto paris = ParseIso6709("+48.8584+002.2945/");
  ASSERT_TRUE(paris);
  EXPECT_DOUBLE_EQ(paris->latitude, 48.8584);
  EXPECT_DOUBLE_EQ(paris->longitude, 2.2945);
  const auto everest = ParseIso6709("+27.5916+086.5640+8850CRSWGS_84/");
  ASSERT_TRUE(everest);
  EXPECT_DOUBLE_EQ(everest->longitude, 86.564);
  const auto minutes = ParseIso6709("-4052.5-07359.0/");  // degrees and minutes
  ASSERT_TRUE(minutes);
  EXPECT_NEAR(minutes->latitude, -(40 + 52.5 / 60), 1e-12);
  EXPECT_NEAR(minutes->longitude, -(73 + 59.0 / 60), 1e-12);
  const auto seconds = ParseIso6709("+405230-0735901/");
  ASSERT_TRUE(seconds);
  EXPECT_NEAR(seconds->latitude, 40 + 52.0 / 60 + 30.0 / 3600, 1e-12);
  EXPECT_NEAR(seconds->longitude, -(73 + 59.0 / 60 + 1.0 / 3600), 1e-12);
  for (const char* text :
       {"", "/", "48.8+2.2/", "+91.0+002.0/", "+48.0+181.0/", "+4+2/", "+48.85", "+48.8.1+002.0/"}) {
    EXPECT_FALSE(ParseIso6709(text)) << text;
  }
}

TEST(Metadata, WritesAndReadsAnyPosition) {
  EXPECT_TRUE(rc::check("ISO 6709 in decimal degrees", [] {
    const double latitude = *rc::gen::inRange(-900'000, 900'001) / 1e4,
                 longitude = *rc::gen::inRange(-1'800'000, 1'800'001) / 1e4;
    char text[40];
    std::snprintf(text, sizeof text, "%+08.4f%+09.4f/", latitude, longitude);
    const auto position = ParseIso6709(text);
    RC_ASSERT(position.has_value());
    RC_ASSERT(std::abs(position->latitude - latitude) < 1e-9);
    RC_ASSERT(std::abs(position->longitude - longitude) < 1e-9);
  }));
}

TEST(Metadata, ReadsHeightsAndTakesNoFixForNone) {
  EXPECT_EQ(ParseIso6709("+32.0929+034.8620+028.516/")->altitude, 28.516);
  EXPECT_EQ(ParseIso6709("+27.5916+086.5640-12CRSWGS_84/")->altitude, -12);
  EXPECT_EQ(ParseIso6709("+48.8584+002.2945/")->altitude, std::nullopt);
  EXPECT_FALSE(ParseIso6709("+00.0000+000.0000/"));
}

TEST(Metadata, WritesTimecodesOneWay) {
  EXPECT_EQ(NormaliseTimecode("12:59:21:18"), "12:59:21:18");
  EXPECT_EQ(NormaliseTimecode(" 01:02:03;04 "), "01:02:03;04");
  EXPECT_EQ(NormaliseTimecode("01:02:03.04"), "01:02:03;04");
  EXPECT_EQ(NormaliseTimecode("01;02;03;04"), "01:02:03;04");
  for (const char* text :
       {"", "1:02:03:04", "24:00:00:00", "12:60:00:00", "12:00:00", "12:00:00:001", "aa:bb:cc:dd"})
    EXPECT_EQ(NormaliseTimecode(text), "") << text;
}

TEST(Metadata, AddsTimeToDates) {
  EXPECT_EQ(DateAfter("2019-07-24T11:25:40+03:00", 1'500'000), "2019-07-24T11:25:41.500+03:00");
  EXPECT_EQ(DateAfter("2019-12-31T23:59:59.9Z", 100'000), "2020-01-01T00:00:00.000Z");
  EXPECT_EQ(DateAfter("2020-02-28T23:00:00-03:30", 3'600'000'000), "2020-02-29T00:00:00.000-03:30");
  EXPECT_EQ(DateAfter("2012-09-10T20:52:00", 0), "2012-09-10T20:52:00.000");
  EXPECT_EQ(DateAfter("2020-08-28", 5), "");
  EXPECT_EQ(DateAfter("", 5), "");
}

TEST(Metadata, NamesDevicesOnce) {
  EXPECT_EQ(DeviceName("Apple", "iPhone 6"), "Apple iPhone 6");
  EXPECT_EQ(DeviceName("Canon", "Canon EOS 5D"), "Canon EOS 5D");
  EXPECT_EQ(DeviceName("", "EOS"), "EOS");
  EXPECT_EQ(DeviceName(" SONY ", ""), "SONY");
  EXPECT_EQ(DeviceName("", ""), "");
}

struct Expected {
  const char *file, *created, *created_from;
  double latitude, longitude;  // NaN for none
  const char* device;
};

// As exiftool and ffprobe show them.
TEST(Metadata, ReadsRealContainers) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  const double none = std::nan("");
  const Expected kExpected[] = {
      {"gps_quicktime.mov", "2019-07-24T11:25:40+03:00", "com.apple.quicktime.creationdate", 32.0929, 34.8620,
       "Apple iPhone 6"},
      {"hevc_livephoto.mov", "2023-09-22T18:34:05+02:00", "com.apple.quicktime.creationdate", 52.4597,
       13.3220, "Apple iPad mini"},
      {"gps_mp4.mp4", "2017-02-22T08:20:28Z", "creation_time", 51.4169, -0.0806, ""},
      {"issue515.mp4", "2020-11-20T14:04:36Z", "creation_time", 52.3693, 6.6761, ""},
      {"made_gps_creation.mp4", "2024-03-05T10:20:30Z", "creation_time", 48.8584, 2.2945, ""},
      {"canon_mjpeg.avi", "2012-09-10T20:52:00", "creation_time", none, none, ""},
      {"kodak.avi", "2020-08-28", "date", none, none, ""},
      {"exiv2_640x360.mov", "", "", none, none, ""},
      {"made_ok.mp4", "", "", none, none, ""}};
  for (const Expected& expected : kExpected) {
    const auto reader = OpenSource(testing::SharedFolder() / "data/media_odd" / expected.file);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    const SourceInfo& info = (*reader)->info();
    EXPECT_EQ(info.created, expected.created) << expected.file;
    EXPECT_EQ(info.created_from, expected.created_from) << expected.file;
    EXPECT_EQ(info.device, expected.device) << expected.file;
    ASSERT_EQ(info.latitude.has_value(), !std::isnan(expected.latitude)) << expected.file;
    ASSERT_EQ(info.longitude.has_value(), !std::isnan(expected.longitude)) << expected.file;
    if (info.latitude) {
      EXPECT_NEAR(*info.latitude, expected.latitude, 1e-9) << expected.file;
      EXPECT_NEAR(*info.longitude, expected.longitude, 1e-9) << expected.file;
    }
  }
}

class ExifTest : public ::testing::Test {
 protected:
  std::filesystem::path WritePhoto(const Exiv2::ExifData& exif) {
    const std::filesystem::path path = scratch_.path() / "photo.jpg";
    cv::Mat picture(40, 60, CV_8UC3, cv::Scalar(20, 20, 20));
    picture(cv::Rect(0, 0, 30, 20)).setTo(cv::Scalar(0, 0, 250));  // stored top left: red
    cv::imwrite(path.string(), picture);
    const auto image = Exiv2::ImageFactory::open(path.string());
    image->setExifData(exif);
    image->writeMetadata();
    return path;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(ExifTest, IsReadFromPhotos) {
  Exiv2::ExifData exif;
  exif["Exif.Image.Make"] = "NIKON";
  exif["Exif.Image.Model"] = "D90";
  exif["Exif.Image.DateTime"] = "2021:01:01 00:00:00";
  exif["Exif.Photo.DateTimeOriginal"] = "2020:06:07 08:09:10";
  exif["Exif.Photo.OffsetTimeOriginal"] = "+02:00";
  exif["Exif.GPSInfo.GPSLatitude"] = "33/1 52/1 1050/100";
  exif["Exif.GPSInfo.GPSLatitudeRef"] = "S";
  exif["Exif.GPSInfo.GPSLongitude"] = "151/1 12/1 3600/100";
  exif["Exif.GPSInfo.GPSLongitudeRef"] = "E";
  const auto reader = OpenSource(WritePhoto(exif));
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  const SourceInfo& info = (*reader)->info();
  EXPECT_EQ(info.device, "NIKON D90");
  EXPECT_EQ(info.created, "2020-06-07T08:09:10+02:00");
  EXPECT_EQ(info.created_from, "Exif.Photo.DateTimeOriginal");
  ASSERT_TRUE(info.latitude && info.longitude);
  EXPECT_NEAR(*info.latitude, -(33 + 52.0 / 60 + 10.5 / 3600), 1e-9);
  EXPECT_NEAR(*info.longitude, 151.21, 1e-9);
}

TEST_F(ExifTest, OrientationTurnsThePicture) {
  Exiv2::ExifData exif;
  exif["Exif.Image.Orientation"] =
      uint16_t{6};  // turn clockwise: what is stored at the top left is at the top right
  const auto reader = OpenSource(WritePhoto(exif));
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_EQ((*reader)->info().width, 40);
  EXPECT_EQ((*reader)->info().height, 60);
  EXPECT_EQ((*reader)->info().rotation, 90);
  const auto frame = (*reader)->Next();
  ASSERT_TRUE(frame.ok() && *frame);
  const auto bgr = (*frame)->picture->Bgr();
  ASSERT_TRUE(bgr.ok());
  ASSERT_EQ(bgr->size(), cv::Size(40, 60));
  EXPECT_GT(bgr->at<cv::Vec3b>(10, 30)[2], 200);
  EXPECT_LT(bgr->at<cv::Vec3b>(10, 8)[2], 60);
  EXPECT_LT(bgr->at<cv::Vec3b>(50, 30)[2], 60);
  EXPECT_FALSE((*reader)->info().mirrored);
}

TEST_F(ExifTest, AMirroredPictureIsToldToBeOne) {
  Exiv2::ExifData exif;
  exif["Exif.Image.Orientation"] = uint16_t{2};
  const auto mirrored = OpenSource(WritePhoto(exif));
  ASSERT_TRUE(mirrored.ok()) << mirrored.status().message();
  EXPECT_EQ((*mirrored)->info().rotation, 0);
  EXPECT_TRUE((*mirrored)->info().mirrored);
  exif["Exif.Image.Orientation"] = uint16_t{7};  // mirrored, then turned clockwise
  const auto turned = OpenSource(WritePhoto(exif));
  ASSERT_TRUE(turned.ok()) << turned.status().message();
  EXPECT_EQ((*turned)->info().rotation, 90);
  EXPECT_TRUE((*turned)->info().mirrored);
}

TEST_F(ExifTest, DamagedDataIsNoReasonToLoseThePicture) {
  Exiv2::ExifData exif;
  exif["Exif.Image.Make"] = "NIKON";
  const std::filesystem::path path = WritePhoto(exif);
  std::string bytes = *ReadFile(path);
  const size_t marker = bytes.find("Exif");
  ASSERT_NE(marker, std::string::npos);
  for (size_t i = marker + 6; i < marker + 40; ++i) bytes[i] = '\xFF';
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  const auto reader = OpenSource(path);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_EQ((*reader)->info().width, 60);
  EXPECT_EQ((*reader)->info().device, "");
}

}  // namespace
}  // namespace crossface
