// Field by field against exiftool (Debian's libimage-exiftool-perl), on real and odd files, and on damaged
// ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <exiv2/exiv2.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <random>

#include "crossface/media/metadata/metadata.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// What exiftool says of a file, by "Group:Tag"; dates of QuickTime as the UTC that they are.
std::map<std::string, std::string> AskExiftool(const fs::path& file) {
  const auto run = RunSubprocess({"exiftool", "-json", "-G1", "-n", "-api", "QuickTimeUTC=1", "-api",
                                  "TimeZone=UTC", "-q", "-q", file.string()});
  EXPECT_TRUE(run.ok()) << "tools/setup.sh --tests installs exiftool: " << run.status().message();
  std::map<std::string, std::string> fields;
  if (!run.ok()) return fields;
  const json answer = json::parse(run->text, nullptr, false);
  EXPECT_TRUE(answer.is_array() && !answer.empty()) << file << run->text;
  if (!answer.is_array() || answer.empty()) return fields;
  for (const auto& [key, value] : answer[0].items())
    fields[key] = value.is_string() ? value.get<std::string>() : value.dump();
  return fields;
}

std::string First(const std::map<std::string, std::string>& fields,
                  std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = fields.find(name);
    if (found != fields.end() && !found->second.empty()) return found->second;
  }
  return "";
}

// The same fields of both, as text.
using Fields = std::map<std::string, std::string>;

std::string Degrees(const std::string& number) {
  return number.empty() ? "" : fmt::format("{:.5f}", std::stod(number));
}

// One way to write a zone, so that "Z" and "+00:00" are equal.
std::string Date(const std::string& text) {
  std::string date = NormaliseDate(text);
  if (date.ends_with("+00:00")) date.replace(date.size() - 6, 6, "Z");
  return date;
}

Fields FromExiftool(const fs::path& file) {
  auto fields = AskExiftool(file);
  Fields shown;
  for (const char* name :
       {"Keys:CreationDate", "Composite:SubSecDateTimeOriginal", "ExifIFD:DateTimeOriginal",
        "QuickTime:CreateDate", "Track1:TrackCreateDate", "RIFF:DateTimeOriginal", "RIFF:DateCreated",
        "Theora:CreationTime", "H264:DateTimeOriginal", "Matroska:DateTimeOriginal", "XMP-xmp:CreateDate",
        "IFD0:ModifyDate"}) {
    if (shown["created"].empty()) shown["created"] = Date(fields[name]);
  }
  shown["latitude"] = Degrees(First(fields, {"Composite:GPSLatitude", "XMP-exif:GPSLatitude"}));
  shown["longitude"] = Degrees(First(fields, {"Composite:GPSLongitude", "XMP-exif:GPSLongitude"}));
  shown["altitude"] = Degrees(First(fields, {"Composite:GPSAltitude"}));
  shown["make"] = First(fields, {"Keys:Make", "IFD0:Make", "XMP-tiff:Make"});
  shown["model"] = First(fields, {"Keys:Model", "IFD0:Model", "XMP-tiff:Model"});
  shown["software"] = First(
      fields, {"Keys:Software", "RIFF:Software", "ItemList:Encoder", "Keys:Encoder",
               "UserData:SoftwareVersion", "Matroska:MuxingApp", "IFD0:Software", "XMP-xmp:CreatorTool"});
  if (shown["software"].empty() && !fields["Keys:AndroidVersion"].empty())
    shown["software"] = "Android " + fields["Keys:AndroidVersion"];
  shown["timecode"] =
      NormaliseTimecode(First(fields, {"UserData:StartTimecode", "H264:TimeCode", "Matroska:Timecode"}));
  const std::string rotation = First(fields, {"Composite:Rotation"});
  shown["rotation"] = rotation.empty() ? "0" : rotation;
  return shown;
}

Fields FromUs(const SourceInfo& info) {
  const auto degrees = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.5f}", *value) : std::string();
  };
  return {{"created", Date(info.created)},
          {"latitude", degrees(info.latitude)},
          {"longitude", degrees(info.longitude)},
          {"altitude", degrees(info.altitude)},
          {"make", info.make},
          {"model", info.model},
          {"software", info.software},
          {"timecode", info.timecode},
          {"rotation", std::to_string(info.rotation)}};
}

// Equal texts; numbers as near as the fixed point of MP4's positions (16.16) lets them be.
bool Alike(const std::string& field, const std::string& ours, const std::string& theirs) {
  if (ours.empty() || theirs.empty()) return ours == theirs;
  if (field == "latitude" || field == "longitude")
    return std::abs(std::stod(ours) - std::stod(theirs)) < 2e-5;
  if (field == "altitude") return std::abs(std::stod(ours) - std::stod(theirs)) < 0.01;
  return ours == theirs;
}

// Where the two differ and why. Everything else has to be equal.
const std::map<std::string, std::map<std::string, std::string>> kDifferences = {
    // A height of 0 that the phone's 3GPP box has by default: libav leaves it out.
    {"made_gps_creation.mp4", {{"altitude", ""}}},
    // exiftool takes Ogg's encoder tags for the codec's.
    {"vp9_bad_container.mkv", {{"software", "Lavc59.37.100 libvorbis"}}},
};

TEST(MetadataAgainstExiftool, EveryFieldOfEveryOddFile) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  int compared = 0, filled = 0;
  for (const auto& entry : fs::directory_iterator(testing::SharedFolder() / "data/media_odd")) {
    const auto reader = OpenSource(entry.path());
    if (!reader.ok()) continue;  // nothing to show: metadata_test and bad_input_test say which and why
    const Fields ours = FromUs((*reader)->info());
    Fields theirs = FromExiftool(entry.path());
    const std::string name = entry.path().filename().string();
    if (const auto known = kDifferences.find(name); known != kDifferences.end()) {
      for (const auto& [field, value] : known->second) theirs[field] = value;
    }
    for (const auto& [field, value] : ours) {
      EXPECT_TRUE(Alike(field, value, theirs[field]))
          << name << " " << field << ": " << value << " here, " << theirs[field] << " there";
      ++compared;
      filled += !value.empty() && field != "rotation";
    }
  }
  EXPECT_GE(compared, 30 * 9);
  EXPECT_GE(filled, 40);
}

class StillsAgainstExiftool : public ::testing::Test {
 protected:
  fs::path Write(const std::string& name, const Exiv2::ExifData& exif, const Exiv2::XmpData& xmp = {}) {
    fs::path path = scratch_.path() / name;
    cv::imwrite(path.string(), cv::Mat(40, 60, CV_8UC3, cv::Scalar(20, 90, 200)));
    const auto image = Exiv2::ImageFactory::open(path.string());
    image->readMetadata();
    image->setExifData(exif);
    image->setXmpData(xmp);
    image->writeMetadata();
    return path;
  }
  void Compare(const fs::path& path, size_t filled) {
    const auto reader = OpenSource(path);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    Fields ours = FromUs((*reader)->info()), theirs = FromExiftool(path);
    theirs["rotation"] = ours["rotation"];  // EXIF's orientation has its own tests
    size_t there = 0;
    for (const auto& [field, value] : ours) {
      EXPECT_TRUE(Alike(field, value, theirs[field]))
          << path << " " << field << ": " << value << " here, " << theirs[field] << " there";
      there += !value.empty() && field != "rotation";
    }
    EXPECT_EQ(there, filled) << path;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(StillsAgainstExiftool, ExifOfAllFormats) {
  Exiv2::ExifData exif;
  exif["Exif.Image.Make"] = "NIKON";
  exif["Exif.Image.Model"] = "D90";
  exif["Exif.Image.Software"] = "Ver.1.00";
  exif["Exif.Image.DateTime"] = "2021:01:01 00:00:00";
  exif["Exif.Photo.DateTimeOriginal"] = "2020:06:07 08:09:10";
  exif["Exif.Photo.SubSecTimeOriginal"] = "25";
  exif["Exif.Photo.OffsetTimeOriginal"] = "+02:00";
  exif["Exif.GPSInfo.GPSLatitude"] = "33/1 52/1 1050/100";
  exif["Exif.GPSInfo.GPSLatitudeRef"] = "S";
  exif["Exif.GPSInfo.GPSLongitude"] = "151/1 12/1 3600/100";
  exif["Exif.GPSInfo.GPSLongitudeRef"] = "E";
  exif["Exif.GPSInfo.GPSAltitude"] = "4301/100";
  exif["Exif.GPSInfo.GPSAltitudeRef"] = "1";
  for (const char* name : {"a.jpg", "a.png", "a.tif", "a.webp"}) Compare(Write(name, exif), 7);
  for (const char* name : {"a.heic", "a.avif"}) {
    const std::string made = (scratch_.path() / name).string();
    ASSERT_EQ(
        testing::RunCommand(fmt::format("heif-enc '{}' -o '{}'", (scratch_.path() / "a.jpg").string(), made)),
        0);
    Compare(made, 7);
  }
}

TEST_F(StillsAgainstExiftool, XmpAlone) {
  Exiv2::XmpData xmp;
  xmp["Xmp.xmp.CreateDate"] = "2018-03-04T05:06:07-03:30";
  xmp["Xmp.xmp.CreatorTool"] = "Darkroom 3";
  xmp["Xmp.tiff.Make"] = "Canon";
  xmp["Xmp.tiff.Model"] = "EOS 5D";
  xmp["Xmp.exif.GPSLatitude"] = "48,51.504N";
  xmp["Xmp.exif.GPSLongitude"] = "2,17,40.2W";
  Compare(Write("x.jpg", {}, xmp), 6);
}

TEST_F(StillsAgainstExiftool, NothingIsNothing) { Compare(Write("bare.jpg", {}), 0); }

// An AVCHD camcorder's stream: date with zone, place, maker and time code in the picture data.
TEST(MetadataAgainstExiftool, CamcorderTransportStream) {
  testing::ScratchFolder scratch;
  const fs::path &folder = scratch.path(), plain = folder / "plain.h264", stream = folder / "with.h264",
                 mts = folder / "00001.MTS";
  ASSERT_EQ(
      testing::RunCommand(fmt::format("ffmpeg -v error -f lavfi -i testsrc=s=160x120:r=25:d=1 -c:v libx264 "
                                      "-preset ultrafast -bf 0 -g 25 -bsf:v h264_mp4toannexb -f h264 {}",
                                      plain.string())),
      0);
  using namespace std::string_literals;
  const std::string packs =
      "\x13\x21\x45\x30\x12"s   // 12:30:45:21
      "\x18\x27\x20\x19\x07"s   // -03:30, 2019-07
      "\x19\x24\x11\x25\x40"s   // 24, 11:25:40
      "\xB1S\x00\x00\x00"s      // south
      "\xB2\x00\x21\x00\x01"s   // 33
      "\xB3\x00\x34\x00\x01"s   // 52
      "\xB4\x00\x69\x00\x0A"s   // 10.5
      "\xB5W\x00\x00\x00"s      // west
      "\xB6\x00\x97\x00\x01"s   // 151
      "\xB7\x00\x0C\x00\x01"s   // 12
      "\xB8\x00\x24\x00\x01"s   // 36
      "\xE0\x01\x08\x00\x01"s;  // Sony
  const std::string payload = "\x17\xee\x8c\x60\xf8\x4d\x11\xd9\x8c\xd6\x08\x00\x20\x0c\x9a\x66MDPM"s +
                              static_cast<char>(packs.size() / 5) + packs;
  std::string sei = "\x06\x05"s + static_cast<char>(payload.size()) + payload + "\x80", escaped;
  for (int zeros = 0; const char byte : sei) {
    if (zeros >= 2 && byte >= 0 && byte <= 3) escaped += '\x03', zeros = 0;
    escaped += byte;
    zeros = byte == 0 ? zeros + 1 : 0;
  }
  std::string bytes = *ReadFile(plain);
  const size_t picture = bytes.find("\x00\x00\x01\x65"s);
  ASSERT_NE(picture, std::string::npos);
  bytes.insert(picture, "\x00\x00\x01"s + escaped);
  ASSERT_TRUE(WriteFileAtomically(stream, bytes).ok());
  ASSERT_EQ(testing::RunCommand(fmt::format("ffmpeg -v error -r 25 -i {} -c copy -f mpegts {}",
                                            stream.string(), mts.string())),
            0);

  const auto reader = OpenSource(mts);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  const SourceInfo& info = (*reader)->info();
  EXPECT_EQ(info.created, "2019-07-24T11:25:40-03:30");
  EXPECT_EQ(info.created_from, "MDPM");
  EXPECT_EQ(info.make, "Sony");
  EXPECT_EQ(info.timecode, "12:30:45:21");
  Fields ours = FromUs(info), theirs = FromExiftool(mts);
  theirs["make"] = AskExiftool(mts)["H264:Make"] == "264" ? "Sony" : "";  // its number for Sony
  EXPECT_EQ(ours, theirs);
  EXPECT_EQ(ours["latitude"], "-33.86958");
}

// Time code tracks as ffmpeg writes them; exiftool does not read those.
TEST(Metadata, TimecodeTracks) {
  testing::ScratchFolder scratch;
  for (const std::string code : {"01:02:03:04", "10:59:58;28"}) {
    const fs::path mov = scratch.path() / (code.substr(0, 2) + ".mov");
    ASSERT_EQ(testing::RunCommand(
                  fmt::format("ffmpeg -v error -f lavfi -i testsrc=s=160x120:r=30000/1001:d=1 -c:v mpeg4 "
                              "-timecode '{}' {}",
                              code, mov.string())),
              0);
    const auto reader = OpenSource(mov);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    EXPECT_EQ((*reader)->info().timecode, code);
  }
}

// Bytes changed at random in files that are rich in metadata: every file opens or is refused with a message.
TEST(MetadataOfDamagedFiles, NeitherCrashesNorHangs) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  testing::ScratchFolder scratch;
  std::mt19937 random(20'240'305);
  for (const char* name :
       {"exiv2_small.mp4", "uuid540.mp4", "xmp480qt.mov", "sample.3gp", "kodak.avi", "vp_sample.webm",
        "corrupt_exiv2_poc1.mov", "corrupt_exiv2_poc2.mp4", "corrupt_exiv2_poc3.mp4"}) {
    const std::string sound = *ReadFile(testing::SharedFolder() / "data/media_odd" / name);
    for (int round = 0; round < 6; ++round) {
      std::string damaged =
          sound.substr(0, round % 2 == 0 ? sound.size() : sound.size() * (2 + random() % 7) / 10);
      for (size_t i = 0; i < 1 + damaged.size() / 2000; ++i) {
        // The first and the last tenth is where containers keep what they say.
        const size_t tenth = damaged.size() / 10 + 1, at = random() % tenth;
        damaged[random() % 2 == 0 ? at : damaged.size() - 1 - at] = static_cast<char>(random());
      }
      const fs::path path = scratch.path() / name;
      ASSERT_TRUE(WriteFileAtomically(path, damaged).ok());
      const auto reader = OpenSource(path);
      if (!reader.ok()) {
        EXPECT_FALSE(reader.status().message().empty());
      }
      // The readers that do not ask whether the picture can be decoded.
      const auto file = InputFile::Open(path);
      ASSERT_TRUE(file.ok());
      SourceInfo info;
      ReadIsoBoxes(**file, info);
      ReadMediaInfo(**file, info);
      ReadExif(damaged, info);
      EXPECT_EQ(NormaliseDate(info.created), info.created);
    }
  }
}

}  // namespace
}  // namespace crossface
