// One damaged piece of a picture's metadata takes no other with it.
#include "crossface/media/metadata/metadata_pieces.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/media/read/read_all_for_test.h"

namespace crossface {
namespace {

std::string Big(size_t value, size_t bytes) {
  std::string text;
  for (size_t i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string Little(size_t value, size_t bytes) {
  const std::string big = Big(value, bytes);
  return {big.rbegin(), big.rend()};
}

// A TIFF structure that holds an orientation, a date and a maker note of rubbish.
std::string Exif(int orientation, const std::string& date = "2024:03:05 12:30:07") {
  const std::string note = "rubbish rubbish rubbish";
  std::string tiff("MM\0*", 4);
  tiff += Big(8, 4) + Big(2, 2);
  tiff += Big(0x0112, 2) + Big(3, 2) + Big(1, 4) + Big(static_cast<size_t>(orientation), 2) + Big(0, 2);
  tiff += Big(0x8769, 2) + Big(4, 2) + Big(1, 4) + Big(38, 4) + Big(0, 4);
  tiff += Big(2, 2);
  tiff += Big(0x9003, 2) + Big(2, 2) + Big(20, 4) + Big(68, 4);
  tiff += Big(0x927C, 2) + Big(7, 2) + Big(note.size(), 4) + Big(88, 4) + Big(0, 4);
  return tiff + date + '\0' + note;
}

std::string Xmp(const std::string& orientation) {
  return "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
         "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
         "<rdf:Description xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\" "
         "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" "
         "tiff:Orientation=\"" +
         orientation + "\" xmp:CreateDate=\"2021-02-03T04:05:06\"/></rdf:RDF></x:xmpmeta>";
}

const std::string kExifMark("Exif\0\0", 6), kXmpMark("http://ns.adobe.com/xap/1.0/\0", 29);
// Of a profile whose header says that it is longer than it is.
const std::string kBadIcc = std::string("ICC_PROFILE\0\1\1", 14) + std::string("\0\0\xFF\xFFrubbish", 11);
const std::string kBadIptc =
    std::string("Photoshop 3.0\0", 14) + "8BIM\x04\x04" + std::string("\0\0\x7F\xFF\xFF\xFFrubbish", 13);
const std::string kBadXmp = kXmpMark + "<x:xmpmeta <<< &nothing; \xFF";

class MetadataPiecesTest : public MadeFiles {
 protected:
  struct Told {
    int rotation = 0;
    std::string created;
  };
  std::string Encoded(const std::string& name) const {
    cv::Mat picture(24, 40, CV_8UC3, cv::Scalar(20, 120, 200));
    EXPECT_TRUE(cv::imwrite(File(name).string(), picture));
    return *ReadFile(File(name));
  }
  Told Read(const std::string& name, const std::string& bytes) const {
    EXPECT_TRUE(WriteFileAtomically(File(name), bytes).ok());
    const ReadSource read = ReadAll(File(name));
    EXPECT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
    EXPECT_EQ(read.info.width, read.info.rotation % 180 == 0 ? 40 : 24);
    return {read.info.rotation, read.info.created};
  }
  // A JPEG with these APP segments, each (mark, content), in front.
  std::string Jpeg(const std::vector<std::pair<int, std::string>>& segments) const {
    const std::string plain = Encoded("plain.jpg");
    std::string jpeg = plain.substr(0, 2);
    for (const auto& [mark, content] : segments)
      jpeg += std::string("\xFF") + static_cast<char>(mark) + Big(content.size() + 2, 2) + content;
    return jpeg + plain.substr(2);
  }
  std::string Png(const std::vector<std::pair<std::string, std::string>>& chunks) const {
    const std::string plain = Encoded("plain.png");
    std::string png = plain.substr(0, 33);
    for (const auto& [type, content] : chunks) {
      const std::string body = type + content;
      png += Big(content.size(), 4) + body +
             Big(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())), 4);
    }
    return png + plain.substr(33);
  }
  std::string Webp(const std::vector<std::pair<std::string, std::string>>& chunks) const {
    std::string body = Encoded("plain.webp").substr(12);
    std::string extended = "VP8X" + Little(10, 4) + Little(0x2C, 4) + Little(39, 3) + Little(23, 3) + body;
    for (const auto& [type, content] : chunks)
      extended += type + Little(content.size(), 4) + content + std::string(content.size() % 2, '\0');
    return "RIFF" + Little(extended.size() + 4, 4) + "WEBP" + extended;
  }
};

TEST_F(MetadataPiecesTest, OrientationAndDateOfAJpegOutliveAnyOtherPiece) {
  for (const auto& [mark, bad] : std::vector<std::pair<int, std::string>>{{0xE2, kBadIcc},
                                                                          {0xED, kBadIptc},
                                                                          {0xE1, kBadXmp},
                                                                          {0xE2, ""},
                                                                          {0xE1, ""},
                                                                          {0xEE, "\xFF\xFF\xFF"}}) {
    for (const bool before : {true, false}) {
      const std::pair<int, std::string> exif{0xE1, kExifMark + Exif(6)}, other{mark, bad};
      const Told told = Read("a.jpg", before ? Jpeg({other, exif}) : Jpeg({exif, other}));
      EXPECT_EQ(told.rotation, 90) << mark << " " << bad;
      EXPECT_EQ(told.created, "2024-03-05T12:30:07") << mark << " " << bad;
    }
  }
}

TEST_F(MetadataPiecesTest, DamagedExifLeavesXmp) {
  const std::string cut = Exif(6).substr(0, 9), elsewhere = std::string("MM\0*", 4) + Big(1 << 30, 4);
  for (const std::string& exif : {cut, elsewhere, std::string("rubbish")}) {
    const Told told =
        Read("a.jpg", Jpeg({{0xE1, kExifMark + exif}, {0xE1, kXmpMark + Xmp("8")}, {0xE2, kBadIcc}}));
    EXPECT_EQ(told.rotation, 270);
    EXPECT_EQ(told.created, "2021-02-03T04:05:06");
  }
}

TEST_F(MetadataPiecesTest, ASegmentOfWrongLengthIsPassedOver) {
  for (const size_t length : {size_t{5}, size_t{40}, size_t{60'000}}) {
    std::string jpeg = Jpeg({{0xE2, kBadIcc}, {0xE1, kExifMark + Exif(3)}});
    jpeg.replace(4, 2, Big(length, 2));
    const MetadataPieces pieces = FindMetadataPieces(jpeg);
    ASSERT_EQ(pieces.exif.size(), 1u) << length;
    EXPECT_EQ(pieces.exif[0], Exif(3));
  }
}

TEST_F(MetadataPiecesTest, OrientationIsReadFromXmpWhereExifHasNone) {
  EXPECT_EQ(Read("a.jpg", Jpeg({{0xE1, kXmpMark + Xmp("6")}})).rotation, 90);
  EXPECT_EQ(Read("a.jpg", Jpeg({{0xE1, kExifMark + Exif(0)}, {0xE1, kXmpMark + Xmp("6")}})).rotation, 90)
      << "0 is no orientation";
  EXPECT_EQ(Read("a.jpg", Jpeg({{0xE1, kExifMark + Exif(1)}, {0xE1, kXmpMark + Xmp("6")}})).rotation, 0)
      << "EXIF says that it is upright";
  for (const char* nonsense : {"9", "0", "-6", "upright", ""})
    EXPECT_EQ(Read("a.jpg", Jpeg({{0xE1, kXmpMark + Xmp(nonsense)}})).rotation, 0) << nonsense;
}

TEST_F(MetadataPiecesTest, SoInPngAndWebp) {
  const std::string text = std::string("XML:com.adobe.xmp\0\0\0\0\0", 22) + Xmp("8");
  std::string packed(1000, '\0');
  uLongf bytes = packed.size();
  const std::string plain = Xmp("8");
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &bytes,
                     reinterpret_cast<const Bytef*>(plain.data()), plain.size()),
            Z_OK);
  const std::string packed_text = std::string("XML:com.adobe.xmp\0\1\0\0\0", 22) + packed.substr(0, bytes);
  const std::string bad_icc = std::string("icc\0\0rubbish that is not packed", 31);
  EXPECT_EQ(Read("a.png", Png({{"iTXt", text}})).rotation, 270);
  EXPECT_EQ(Read("a.png", Png({{"iCCP", bad_icc}, {"iTXt", text}})).rotation, 270);
  EXPECT_EQ(Read("a.png", Png({{"iCCP", bad_icc}, {"iTXt", packed_text}})).rotation, 270);
  EXPECT_EQ(Read("a.png", Png({{"iCCP", bad_icc}, {"eXIf", Exif(6)}})).rotation, 90);
  EXPECT_EQ(Read("a.png", Png({{"iCCP", bad_icc}, {"eXIf", Exif(6)}})).created, "2024-03-05T12:30:07");
  EXPECT_EQ(Read("a.webp", Webp({{"XMP ", Xmp("8")}})).rotation, 270);
  EXPECT_EQ(Read("a.webp", Webp({{"EXIF", Exif(6)}, {"XMP ", "<<<"}})).rotation, 90);
  EXPECT_EQ(Read("a.webp", Webp({{"EXIF", "rubbish"}, {"XMP ", Xmp("8")}})).rotation, 270);
}

TEST_F(MetadataPiecesTest, WhatIsDroppedChangesNoPixel) {
  for (std::string whole : {Jpeg({{0xE1, kExifMark + Exif(1)}, {0xE2, kBadIcc}, {0xFE, "comment"}}),
                            Png({{"iCCP", "x"}, {"eXIf", Exif(1)}}), Webp({{"EXIF", Exif(1)}})}) {
    EXPECT_TRUE(DropMetadata(whole));
    EXPECT_FALSE(DropMetadata(whole)) << "nothing is left";
    ASSERT_TRUE(WriteFileAtomically(File("dropped"), whole).ok());
    const cv::Mat picture = FirstBgr(File("dropped"));
    ASSERT_EQ(picture.size(), cv::Size(40, 24));
    EXPECT_LE(cv::norm(picture, cv::Mat(24, 40, CV_8UC3, cv::Scalar(20, 120, 200)), cv::NORM_INF), 6);
  }
  std::string plain = Encoded("plain.jpg");
  EXPECT_FALSE(DropMetadata(plain));
  EXPECT_EQ(plain, Encoded("plain.jpg"));
}

TEST_F(MetadataPiecesTest, AnyBytesAreRead) {
  EXPECT_TRUE(rc::check("changed and cut files", [this] {
    static const std::vector<std::string> wholes = {
        Jpeg({{0xE1, kExifMark + Exif(6)}, {0xE1, kXmpMark + Xmp("6")}, {0xE2, kBadIcc}}),
        Png({{"eXIf", Exif(6)}, {"iTXt", std::string("XML:com.adobe.xmp\0\1\0\0\0", 22) + "rubbish"}}),
        Webp({{"EXIF", Exif(6)}, {"XMP ", Xmp("6")}})};
    std::string bytes = *rc::gen::elementOf(wholes);
    bytes.resize(*rc::gen::inRange<size_t>(1, bytes.size() + 1));
    for (size_t i = 0; i < 4; ++i)
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    const MetadataPieces pieces = FindMetadataPieces(bytes);
    RC_ASSERT(pieces.exif.size() + pieces.xmp.size() <= bytes.size());
    const size_t before = bytes.size();
    DropMetadata(bytes);
    RC_ASSERT(bytes.size() <= before);
  }));
}

}  // namespace
}  // namespace crossface
