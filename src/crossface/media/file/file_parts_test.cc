// Everything that a file holds: streams, pages, appended films.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/media/file/media_segments.h"
#include "crossface/media/file/source_part.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FilePartsTest : public ::testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return scratch_.path() / name; }
  fs::path Write(const std::string& name, std::string_view content) const {
    EXPECT_TRUE(WriteFileAtomically(Path(name), content).ok());
    return Path(name);
  }
  // A film of one colour.
  std::string Film(const std::string& name, const std::string& colour, double seconds,
                   const std::string& codec = "-c:v libx264 -pix_fmt yuv420p") const {
    const std::string command =
        fmt::format("ffmpeg -v error -y -f lavfi -i color={}:s=96x64:r=10:d={} {} '{}'", colour, seconds,
                    codec, Path(name).string());
    EXPECT_EQ(testing::RunCommand(command), 0);
    return *ReadFile(Path(name));
  }
  std::string Photo(const std::string& name, const cv::Scalar& colour) const {
    EXPECT_TRUE(cv::imwrite(Path(name).string(), cv::Mat(64, 96, CV_8UC3, colour)));
    return *ReadFile(Path(name));
  }
  static std::vector<std::string> Parts(const fs::path& path, const std::string& part = "") {
    std::vector<std::string> parts;
    const auto reader = OpenSource(path, {.part = part}, &parts);
    if (reader.ok()) {
      EXPECT_EQ((*reader)->info().parts, 1 + static_cast<int>(parts.size()));
      EXPECT_EQ((*reader)->info().part, part);
    }
    return parts;
  }
  // What a part shows: "red 20" for twenty red frames; else what is wrong with it.
  static std::string Shows(const fs::path& path, const std::string& part = "") {
    auto reader = OpenSource(path, {.part = part});
    if (!reader.ok()) return reader.status().message();
    cv::Scalar mean;
    int frames = 0;
    while (true) {
      const auto frame = (*reader)->Next();
      if (!frame.ok()) return frame.status().message();
      if (!*frame) break;
      mean = cv::mean(*(*frame)->picture->Bgr());
      ++frames;
    }
    if (!(*reader)->damage().ok()) return (*reader)->damage().message();
    const bool blue = mean[0] > 128, green = mean[1] > 100, red = mean[2] > 128;
    const char* const colour = red && !green && !blue   ? "red"
                               : green && !red && !blue ? "green"
                               : blue && !red && !green ? "blue"
                                                        : "another colour";
    return fmt::format("{} {}", colour, frames);
  }
  testing::ScratchFolder scratch_;
};

TEST(SourcePart, IsTextAndBack) {
  for (const SourcePart& part : {SourcePart{}, SourcePart{.stream = 1}, SourcePart{.page = 12},
                                 SourcePart{.byte = 1LL << 40}, SourcePart{.byte = 7, .stream = 0}}) {
    const auto parsed = ParseSourcePart(part.ToString());
    ASSERT_TRUE(parsed.ok()) << part.ToString();
    EXPECT_EQ(*parsed, part);
  }
  for (const char* wrong :
       {"2", "stream", "stream -1", "page 1", "page 99999999999", "byte 0", "stream 1 byte 7", " "})
    EXPECT_EQ(ParseSourcePart(wrong).status().code(), StatusCode::kInvalidArgument) << wrong;
  EXPECT_EQ(FileNameOf(PartName("a#1.mp4", 2), "stream 1"), "a#1.mp4");
  EXPECT_EQ(FileNameOf("a.mp4#2", ""), "a.mp4#2") << "a file that is called so";
  EXPECT_TRUE(LeadsTo("", "stream 1") && LeadsTo("", "byte 9") && LeadsTo("byte 9", "byte 9 page 2"));
  EXPECT_FALSE(LeadsTo("", "byte 9 stream 1") || LeadsTo("", "") || LeadsTo("stream 1", "stream 2") ||
               LeadsTo("byte 9", "stream 1") || LeadsTo("byte 9", "byte 9"));
}

TEST_F(FilePartsTest, EveryPictureStreamIsRead) {
  for (const char* ending : {"mp4", "mkv", "avi", "ts"}) {
    const std::string name = fmt::format("two.{}", ending);
    // The second camera ran for half as long.
    ASSERT_EQ(testing::RunCommand(fmt::format("ffmpeg -v error -y -f lavfi -i color=red:s=96x64:r=10:d=4 -f "
                                              "lavfi -i color=blue:s=64x48:r=10:d=2 "
                                              "-map 0:v -map 1:v -c:v mpeg4 '{}'",
                                              Path(name).string())),
              0);
    EXPECT_THAT(Parts(Path(name)), ElementsAre("stream 1")) << name;
    EXPECT_EQ(Shows(Path(name)), "red 40") << name;
    EXPECT_EQ(Shows(Path(name), "stream 1"), "blue 20") << name;
    EXPECT_THAT(Parts(Path(name), "stream 1"), IsEmpty()) << name;
    EXPECT_EQ(OpenSource(Path(name), {.part = "stream 7"}).status().code(), StatusCode::kNotFound) << name;
  }
}

TEST_F(FilePartsTest, ACoverNeverHidesTheFilm) {
  Photo("cover.jpg", {0, 255, 0});
  Photo("cover.png", {0, 255, 0});
  Film("film.mp4", "red", 2);
  for (const char* cover : {"cover.jpg", "cover.png"}) {
    // Larger than the film, in front of it, and marked as nothing.
    ASSERT_EQ(testing::RunCommand(
                  fmt::format("ffmpeg -v error -y -i '{}' -i '{}' -map 0 -map 1 -c copy -disposition:v:0 "
                              "default '{}'",
                              Path(cover).string(), Path("film.mp4").string(), Path("a.mkv").string())),
              0);
    EXPECT_EQ(Shows(Path("a.mkv")), "red 20") << cover;
    EXPECT_EQ(Shows(Path("a.mkv"), "stream 0"), "green 1") << cover;
    ASSERT_EQ(testing::RunCommand(
                  fmt::format("ffmpeg -v error -y -i '{}' -i '{}' -map 0 -map 1 -c copy -disposition:v:1 "
                              "attached_pic '{}'",
                              Path("film.mp4").string(), Path(cover).string(), Path("a.mp4").string())),
              0);
    EXPECT_EQ(Shows(Path("a.mp4")), "red 20") << cover;
    EXPECT_THAT(Parts(Path("a.mp4")), IsEmpty()) << "it is marked as a cover";
  }
}

TEST_F(FilePartsTest, WhatIsAppendedToAFilmIsRead) {
  const std::string end = Film("a.mp4", "red", 2),
                    start = Film("b.mp4", "blue", 1, "-c:v libx264 -movflags +faststart");
  const std::string fragments =
      Film("c.mp4", "green", 3, "-c:v libx264 -g 5 -movflags frag_keyframe+empty_moov+default_base_moof");
  for (const auto& [name, first, shows] :
       {std::tuple("ab.mp4", end, "red 20"), std::tuple("bb.mp4", start, "blue 10"),
        std::tuple("cb.mp4", fragments, "green 30")}) {
    const fs::path path = Write(name, first + start);
    const std::string part = fmt::format("byte {}", first.size());
    EXPECT_THAT(Parts(path), ElementsAre(part)) << name;
    EXPECT_EQ(Shows(path), shows);
    EXPECT_EQ(Shows(path, part), "blue 10") << name;
  }
  const fs::path three = Write("three.mp4", end + start + fragments);
  ASSERT_THAT(Parts(three), SizeIs(2));
  EXPECT_EQ(Shows(three, Parts(three)[1]), "green 30");
  // A second one that was cut off is told, and takes nothing from the first.
  const fs::path cut = Write("cut.mp4", end + end.substr(0, end.size() / 2));
  ASSERT_THAT(Parts(cut), SizeIs(1));
  EXPECT_EQ(Shows(cut), "red 20");
  EXPECT_EQ(OpenSource(cut, {.part = Parts(cut)[0]}).status().code(), StatusCode::kCorrupt);
  // QuickTime films of the time before there were file types.
  std::string old = end;
  old.replace(old.find("ftyp"), 4, "free");
  const fs::path untyped = Write("untyped.mov", old + old);
  ASSERT_THAT(Parts(untyped), SizeIs(1));
  EXPECT_EQ(Shows(untyped), "red 20");
  EXPECT_EQ(Shows(untyped, Parts(untyped)[0]), "red 20");
  // Something else between them, or of another kind.
  const std::string mkv = Film("d.mkv", "green", 1);
  const fs::path odd = Write("odd.mp4", end + std::string(5'000, 'x') + start + mkv);
  ASSERT_THAT(Parts(odd), SizeIs(2));
  EXPECT_EQ(Shows(odd), "red 20");
  EXPECT_EQ(Shows(odd, Parts(odd)[0]), "blue 10");
  EXPECT_EQ(Shows(odd, Parts(odd)[1]), "green 10");
  EXPECT_EQ(OpenSource(odd, {.part = "byte 99"}).status().code(), StatusCode::kNotFound);
}

TEST_F(FilePartsTest, AppendedFilmsOfOtherContainersAreRead) {
  for (const char* ending : {"mkv", "avi", "wmv", "flv"}) {
    const bool flash = std::string_view(ending) == "flv";
    // Another format of pictures, which the first one's header says nothing of.
    const std::string first = Film(fmt::format("a.{}", ending), "red", 2, flash ? "-c:v flv" : "-c:v mpeg4"),
                      second = Film(fmt::format("b.{}", ending), "blue", 1,
                                    flash ? "-c:v libx264 -pix_fmt yuv420p" : "-c:v mjpeg");
    const fs::path path = Write(fmt::format("ab.{}", ending), first + second);
    ASSERT_THAT(Parts(path), SizeIs(1)) << ending;
    EXPECT_EQ(Shows(path), "red 20");
    EXPECT_EQ(Shows(path, Parts(path)[0]), "blue 10");
  }
}

TEST_F(FilePartsTest, AnAppendedFilmMayHaveStreamsOfItsOwn) {
  ASSERT_EQ(testing::RunCommand(fmt::format("ffmpeg -v error -y -f lavfi -i color=red:s=96x64:r=10:d=1 -f "
                                            "lavfi -i color=blue:s=64x48:r=10:d=2 -map "
                                            "0:v -map 1:v -c:v libx264 -pix_fmt yuv420p '{}'",
                                            Path("two.mp4").string())),
            0);
  const std::string photo = Photo("p.jpg", {0, 255, 0});
  const fs::path path = Write("p2.jpg", photo + *ReadFile(Path("two.mp4")));
  const std::string film = fmt::format("byte {}", photo.size());
  EXPECT_THAT(Parts(path), ElementsAre(film));
  EXPECT_THAT(Parts(path, film), ElementsAre(film + " stream 1"));
  EXPECT_EQ(Shows(path, film + " stream 1"), "blue 20");
}

TEST_F(FilePartsTest, TheFilmBehindAMotionPhotoIsRead) {
  const std::string film = Film("f.mp4", "red", 2), photo = Photo("p.jpg", {255, 0, 0});
  // Google's; Samsung's, with marks around it; Apple's and Google's HEIF, here without a picture.
  const std::string heif = std::string(
      "\0\0\0\x18"
      "ftypheic\0\0\0\0mif1heic\0\0\0\x08meta",
      32);
  std::string box("\0\0\0\0mpvd", 8);
  for (size_t i = 0; i < 4; ++i) box[i] = static_cast<char>((film.size() + 8) >> (8 * (3 - i)));
  const std::string mark("\0\0\x30\x0A", 4);
  for (const auto& [name, content] :
       {std::pair("google.jpg", fmt::format("{}{}", photo, film)),
        std::pair("samsung.jpg", fmt::format("{}{}MotionPhoto_Data{}SEFH....SEFT", photo, mark, film)),
        std::pair("photo.heic", fmt::format("{}{}{}", heif, box, film))}) {
    const fs::path path = Write(name, content);
    ASSERT_THAT(Parts(path), SizeIs(1)) << name;
    EXPECT_EQ(Shows(path, Parts(path)[0]), "red 20") << name;
  }
  EXPECT_EQ(Shows(Path("google.jpg")), "blue 1");
  EXPECT_EQ(OpenSource(Path("photo.heic")).status().code(), StatusCode::kCorrupt);
}

TEST_F(FilePartsTest, TrailersAreNoParts) {
  const std::string photo = Photo("p.jpg", {255, 0, 0}), film = Film("f.mp4", "red", 2);
  for (const std::string& trailer : {std::string(100'000, '\0'),
                                     std::string("\0\0\0\x18"
                                                 "ftypisom\0\0\0\0isomiso2",
                                                 24),
                                     std::string("Image_UTC_Data1700000000000SEFHSEFT"), photo.substr(100)}) {
    EXPECT_THAT(Parts(Write("p2.jpg", photo + trailer)), IsEmpty());
    EXPECT_THAT(Parts(Write("f2.mp4", film + trailer)), IsEmpty());
    EXPECT_EQ(Shows(Path("p2.jpg")), "blue 1");
  }
}

// The list of further pictures in the first one's APP2 segment (CIPA DC-007).
std::string WithIndex(const std::string& first, const std::string& second, uint32_t kind) {
  const auto number = [](uint64_t value, int bytes) {
    std::string text;
    for (int i = bytes; i > 0; --i) text += static_cast<char>(value >> (8 * (i - 1)));
    return text;
  };
  const size_t segment = 4 + 4 + 8 + 2 + 12 + 4 + 32;
  const size_t header = 2 + 4 + 4;  // where offsets count from
  std::string entries = number(0x030000, 4) + number(first.size() + segment, 4) + number(0, 4) +
                        number(0, 4) + number(kind, 4) + number(second.size(), 4) +
                        number(first.size() + segment - header, 4) + number(0, 4);
  const std::string index = std::string("MM\0*", 4) + number(8, 4) + number(1, 2) + number(0xB002, 2) +
                            number(7, 2) + number(32, 4) + number(26, 4) + number(0, 4) + entries;
  const std::string app2 = "\xFF\xE2" + number(2 + 4 + index.size(), 2) + std::string("MPF\0", 4) + index;
  EXPECT_EQ(app2.size(), segment);
  return first.substr(0, 2) + app2 + first.substr(2) + second;
}

TEST_F(FilePartsTest, FurtherViewsOfAPhotoAreReadAndItsPreviewsAreNot) {
  const std::string photo = Photo("p.jpg", {255, 0, 0}), other = Photo("q.jpg", {0, 0, 255});
  constexpr uint32_t kOtherEye = 0x020002, kPreview = 0x010002, kGainMap = 0;
  const fs::path views = Write("views.mpo", WithIndex(photo, other, kOtherEye));
  ASSERT_THAT(Parts(views), SizeIs(1));
  EXPECT_EQ(Shows(views), "blue 1");
  EXPECT_EQ(Shows(views, Parts(views)[0]), "red 1");
  EXPECT_THAT(Parts(Write("preview.jpg", WithIndex(photo, other, kPreview))), IsEmpty());
  EXPECT_THAT(Parts(Write("gain.jpg", WithIndex(photo, other, kGainMap))), IsEmpty());
  // A film behind a preview is found all the same.
  const std::string film = Film("f.mp4", "green", 1);
  const fs::path motion = Write("motion.jpg", WithIndex(photo, other, kGainMap) + film);
  ASSERT_THAT(Parts(motion), SizeIs(1));
  EXPECT_EQ(Shows(motion, Parts(motion)[0]), "green 10");
}

TEST_F(FilePartsTest, EveryPageOfATiffIsRead) {
  const std::vector<cv::Mat> pages = {cv::Mat(64, 96, CV_8UC3, cv::Scalar(255, 0, 0)),
                                      cv::Mat(48, 64, CV_8UC3, cv::Scalar(0, 255, 0)),
                                      cv::Mat(64, 96, CV_8UC3, cv::Scalar(0, 0, 255))};
  ASSERT_TRUE(cv::imwrite(Path("a.tif").string(), pages));
  EXPECT_THAT(Parts(Path("a.tif")), ElementsAre("page 2", "page 3"));
  EXPECT_EQ(Shows(Path("a.tif")), "blue 1");
  EXPECT_EQ(Shows(Path("a.tif"), "page 2"), "green 1");
  EXPECT_EQ(Shows(Path("a.tif"), "page 3"), "red 1");
  EXPECT_EQ(OpenSource(Path("a.tif"), {.part = "page 4"}).status().code(), StatusCode::kNotFound);
}

TEST_F(FilePartsTest, AnimatedWebpIsAFilm) {
  Film("a.webp", "red", 2, "-c:v libwebp_anim -loop 0");
  const fs::path moving = Path("b.webp");
  ASSERT_EQ(
      testing::RunCommand(fmt::format(
          "ffmpeg -v error -y -f lavfi -i testsrc2=s=96x64:r=5:d=2 -c:v libwebp_anim '{}'", moving.string())),
      0);
  const ReadSource read = ReadAll(moving, {}, true);
  ASSERT_TRUE(read.opened.ok()) << read.opened.message();
  EXPECT_EQ(read.pts.size(), 10u);
  EXPECT_EQ(read.time_us.back(), 1'800'000);
  EXPECT_EQ(read.info.duration_ms, 2000);
  EXPECT_TRUE(read.damage.ok()) << read.damage.message();
  EXPECT_NE(read.hashes.front(), read.hashes.back());
  EXPECT_TRUE(Shows(Path("a.webp")).starts_with("red ")) << Shows(Path("a.webp"));
  const std::string whole = *ReadFile(moving);
  const ReadSource cut = ReadAll(Write("cut.webp", whole.substr(0, whole.size() * 7 / 10)), {}, true);
  ASSERT_TRUE(cut.opened.ok()) << cut.opened.message();
  EXPECT_GT(cut.pts.size(), 3u);
  EXPECT_LT(cut.pts.size(), 10u);
  EXPECT_EQ(cut.damage.code(), StatusCode::kCorrupt);
  EXPECT_EQ(OpenSource(moving, {.max_pixels = 96 * 64 - 1}).status().code(), StatusCode::kUnsupported);
}

TEST_F(FilePartsTest, WhateverIsInAFileItsSegmentsLieInIt) {
  const std::string photo = Photo("p.jpg", {255, 0, 0}), film = Film("f.mp4", "green", 1);
  for (const std::string& whole :
       {WithIndex(photo, photo, 0x020002) + film, film + Film("m.mkv", "red", 1) + Film("a.avi", "red", 1),
        Film("w.wmv", "red", 1, "-c:v wmv2") + Film("f.flv", "red", 1, "-c:v flv") + photo}) {
    EXPECT_TRUE(rc::check("any length, any bytes", [&] {
      std::string bytes = whole.substr(0, *rc::gen::inRange<size_t>(1, whole.size()));
      for (const size_t at :
           *rc::gen::container<std::vector<size_t>>(5, rc::gen::inRange<size_t>(0, whole.size())))
        if (at < bytes.size()) bytes[at] = *rc::gen::arbitrary<char>();
      const auto file = InputFile::Open(Write("any", bytes));
      RC_ASSERT(file.ok());
      const auto segments = FindMediaSegments(**file);
      RC_ASSERT(segments.front().begin == 0);
      RC_ASSERT(segments.back().end == static_cast<int64_t>(bytes.size()));
      for (size_t i = 0; i < segments.size(); ++i) {
        RC_ASSERT(segments[i].begin < segments[i].end);
        if (i > 0) RC_ASSERT(segments[i - 1].end <= segments[i].begin);  // RC_ASSERT knows no short circuit
      }
    }));
  }
}

struct CaseFile {
  const char* name;
  std::vector<size_t> frames;  // of its parts
};

class FilePartsOfCases : public ::testing::TestWithParam<CaseFile> {};

TEST_P(FilePartsOfCases, AreAllRead) {
  const std::string name = std::string("data/cases/") + GetParam().name;
  CROSSFACE_NEEDS_SHARED(name);
  const fs::path path = testing::SharedFolder() / name;
  std::vector<std::string> parts;
  ASSERT_TRUE(OpenSource(path, {}, &parts).ok());
  parts.insert(parts.begin(), "");
  std::vector<size_t> frames;
  for (const std::string& part : parts) {
    const ReadSource read = ReadAll(path, {.part = part}, true);
    EXPECT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
    EXPECT_TRUE(read.conversion_error.empty()) << read.conversion_error;
    frames.push_back(read.hashes.size());
  }
  EXPECT_EQ(frames, GetParam().frames);
}

INSTANTIATE_TEST_SUITE_P(All, FilePartsOfCases,
                         ::testing::Values(CaseFile{"two_video_streams_second_ignored.mp4", {60, 60}},
                                           CaseFile{"two_mp4_appended_second_ignored.mp4", {65, 60}},
                                           CaseFile{"motion_photo_video_part_ignored.MP.jpg", {1, 45}},
                                           CaseFile{"multipage_tiff_3_people_only_first_read.tif", {1, 1, 1}},
                                           CaseFile{"animated_webp_refused_as_damaged.webp", {3}},
                                           CaseFile{"unflagged_cover_stream_hides_video.mkv", {65, 1}},
                                           CaseFile{"jpeg_compressed_tiff_read_as_black.tif", {1}},
                                           CaseFile{"old_jpeg_tiff_CR2_like_read_as_black.CR2", {1}}));

}  // namespace
}  // namespace crossface
