// Files that are damaged, not what they say, or built to do harm.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "crossface/media/read/damage.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using testing::RunCommand;

class BadInputTest : public ::testing::Test {
 protected:
  fs::path Write(const std::string& name, std::string_view content) const {
    EXPECT_TRUE(WriteFileAtomically(scratch_.path() / name, content).ok());
    return scratch_.path() / name;
  }
  std::string Make(const std::string& name, const std::string& arguments) const {
    const fs::path path = scratch_.path() / name;
    EXPECT_EQ(RunCommand(fmt::format("ffmpeg -v error -y {} '{}'", arguments, path.string())), 0);
    return *ReadFile(path);
  }
  // Opening must fail with this code, and say which file and what.
  void ExpectRefused(const fs::path& path, StatusCode code, const std::string& words) const {
    const Status status = OpenSource(path).status();
    EXPECT_EQ(status.code(), code) << status.message();
    EXPECT_NE(status.message().find(path.filename().string()), std::string::npos) << status.message();
    EXPECT_NE(status.message().find(words), std::string::npos) << status.message();
  }
  testing::ScratchFolder scratch_;
};

TEST_F(BadInputTest, WhatIsNoMediaFileIsRefusedInClearWords) {
  ExpectRefused(scratch_.path() / "missing.mp4", StatusCode::kNotFound, "no such file");
  ExpectRefused(Write("empty.mp4", ""), StatusCode::kCorrupt, "empty");
  ExpectRefused(Write("letter.mp4", "Dear Sir or Madam,\nthis is not a video.\n"), StatusCode::kCorrupt,
                "neither a video nor an image");
  ExpectRefused(Write("nul.mp4", std::string(100'000, '\0')), StatusCode::kCorrupt,
                "neither a video nor an image");
  ExpectRefused(Write("photo.heic", std::string("\0\0\0\x18"
                                                "ftypheic\0\0\0\0mif1heic",
                                                24)),
                StatusCode::kCorrupt, "not a single picture");
}

TEST_F(BadInputTest, FoldersPipesAndDevicesAreNotOpened) {
  ExpectRefused(scratch_.path(), StatusCode::kUnsupported, "folder");
  const fs::path pipe = scratch_.path() / "pipe.mp4";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  ExpectRefused(pipe, StatusCode::kUnsupported, "pipe");  // opening it would wait for a writer for ever
  ExpectRefused("/dev/zero", StatusCode::kUnsupported, "device");
}

// The super-user may read anything, so the refusal is looked at as another user.
TEST_F(BadInputTest, AFileWithoutReadPermissionIsNamed) {
  ASSERT_EQ(::chmod(scratch_.path().c_str(), 0755), 0);
  const fs::path path = Write("secret.mp4", "x");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  const auto open_as_other = [&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) std::_Exit(2);
    const Status status = OpenSource(path).status();
    const bool named = status.message().find("secret.mp4: no permission") != std::string::npos;
    std::_Exit(status.code() == StatusCode::kPermissionDenied && named ? 0 : 1);
  };
  EXPECT_EXIT(open_as_other(), ::testing::ExitedWithCode(0), "");
}

TEST_F(BadInputTest, WithoutVideoIsToldFromDamaged) {
  Make("sound.mp4", "-f lavfi -i sine=d=1");
  ExpectRefused(scratch_.path() / "sound.mp4", StatusCode::kNoVideo, "only sound");
  // A stream that is announced and has no frames.
  Make("hollow.mp4", "-f lavfi -i testsrc2=s=64x48:r=5:d=1 -pix_fmt yuv420p -c:v libx264 -frames:v 0 -t 0");
  const Status hollow = OpenSource(scratch_.path() / "hollow.mp4").status();
  EXPECT_FALSE(hollow.ok());
  EXPECT_NE(hollow.message().find("hollow.mp4"), std::string::npos);
}

// A list that names another file must not make that file be opened, and nothing on the network.
TEST_F(BadInputTest, ListsDoNotOpenOtherFiles) {
  Make("secret.mp4", "-f lavfi -i testsrc2=s=64x48:r=5:d=1 -pix_fmt yuv420p -c:v libx264");
  Make("secret.ts", "-f lavfi -i testsrc2=s=64x48:r=5:d=1 -pix_fmt yuv420p -c:v libx264");
  const std::string url = (scratch_.path() / "secret.ts").string();
  const std::pair<const char*, std::string> kLists[] = {
      {"concat.mp4", "ffconcat version 1.0\nfile secret.mp4\n"},
      {"list.mp4",
       "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n" + url + "\n#EXT-X-ENDLIST\n"},
      {"session.mp4",
       "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 "
       "H264/90000\n"},
      {"manifest.mp4",
       "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
       "profiles=\"urn:mpeg:dash:profile:isoff-on-"
       "demand:2011\" type=\"static\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation "
       "id=\"1\"><BaseURL>" +
           (scratch_.path() / "secret.mp4").string() +
           "</BaseURL></Representation></AdaptationSet></Period></MPD>\n"}};
  for (const auto& [name, content] : kLists) {
    const Status status = OpenSource(Write(name, content)).status();
    EXPECT_TRUE(status.code() == StatusCode::kUnsupported || status.code() == StatusCode::kCorrupt)
        << name << ": " << status.message();
  }
}

void PutBigEndian(std::string& bytes, size_t at, uint32_t value, int count) {
  for (int i = 0; i < count; ++i)
    bytes[at + static_cast<size_t>(i)] = static_cast<char>(value >> (8 * (count - 1 - i)));
}

TEST_F(BadInputTest, HugeHeadersAreRefusedBeforeTheyAreAllocated) {
  std::string png = Make("small.png", "-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1");
  PutBigEndian(png, 16, 16384, 4);
  PutBigEndian(png, 20, 16384, 4);
  ExpectRefused(Write("huge.png", png), StatusCode::kUnsupported, "pixels");

  std::string jpeg = Make("small.jpg", "-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1");
  const size_t header = jpeg.find("\xFF\xC0");
  ASSERT_NE(header, std::string::npos);
  PutBigEndian(jpeg, header + 5, 65500, 2);
  PutBigEndian(jpeg, header + 7, 65500, 2);
  ExpectRefused(Write("huge.jpg", jpeg), StatusCode::kUnsupported, "pixels");

  // A codec that takes its size from the container.
  std::string avi = Make("small.avi", "-f lavfi -i testsrc2=s=64x64:r=5:d=1 -c:v huffyuv");
  const size_t format = avi.find("strf");
  ASSERT_NE(format, std::string::npos);
  for (const size_t at : {format + 12, format + 16}) avi.replace(at, 4, std::string("\x00\x40\x00\x00", 4));
  ExpectRefused(Write("huge.avi", avi), StatusCode::kUnsupported, "268435456 pixels");

  Make("small.mp4", "-f lavfi -i testsrc2=s=640x480:r=5:d=1 -pix_fmt yuv420p -c:v libx264");
  const fs::path small = scratch_.path() / "small.mp4";
  EXPECT_EQ(OpenSource(small, {.max_pixels = 640L * 480 - 1}).status().code(), StatusCode::kUnsupported);
  EXPECT_TRUE(OpenSource(small, {.max_pixels = 640L * 480}).ok());
}

TEST_F(BadInputTest, AVideoCutOffAnywhereGivesWhatItHolds) {
  constexpr int kFrames = 20;
  const std::string source = "-f lavfi -i testsrc2=s=96x64:r=10:d=2 -pix_fmt yuv420p ";
  const std::pair<std::string, std::string> kKinds[] = {{"cut.mp4", "-c:v libx264 -g 5 -movflags +faststart"},
                                                        {"cut.mkv", "-c:v libx264 -g 5"},
                                                        {"cut.mpg", "-r 25 -c:v mpeg1video"},
                                                        {"cut.avi", "-c:v mjpeg"},
                                                        {"cut.webm", "-c:v libvpx -deadline realtime -g 5"},
                                                        {"cut.ts", "-c:v libx264 -g 5"}};
  for (const auto& [name, codec] : kKinds) {
    const std::string whole = Make(name, source + codec);
    const ReadSource sound = ReadAll(scratch_.path() / name, {}, true);
    ASSERT_TRUE(sound.opened.ok() && sound.damage.ok()) << sound.opened.message() << sound.damage.message();
    ASSERT_GE(sound.hashes.size(), size_t{kFrames});
    EXPECT_TRUE(rc::check("whatever the place: " + name, [&, name = name] {
      const auto length = *rc::gen::inRange<size_t>(0, whole.size());
      const fs::path path = Write(name, whole.substr(0, length));
      const ReadSource read = ReadAll(path, {}, true);
      if (!read.opened.ok()) {
        RC_ASSERT(read.opened.code() == StatusCode::kCorrupt || read.opened.code() == StatusCode::kNoVideo);
        return;
      }
      RC_ASSERT(read.ended.ok());
      RC_ASSERT(read.conversion_error.empty());
      RC_ASSERT(read.hashes.size() <= sound.hashes.size());
      RC_ASSERT(std::is_sorted(read.time_us.begin(), read.time_us.end()));
      // These two promise how many frames there are.
      if (name == "cut.mp4" || name == "cut.avi")
        RC_ASSERT(read.hashes.size() == sound.hashes.size() || !read.damage.ok());
      // All but the frames at the cut are those of the whole file.
      const auto same = std::mismatch(read.hashes.begin(), read.hashes.end(), sound.hashes.begin()).first -
                        read.hashes.begin();
      RC_ASSERT(same + 3 >= static_cast<std::ptrdiff_t>(read.hashes.size()));
    }));
  }
  // Half a file is about half of the frames.
  const std::string mp4 = *ReadFile(scratch_.path() / "cut.mp4");
  Make("half.mp4", source + "-c:v libx264 -g 5 -movflags +faststart");
  const std::string half = *ReadFile(scratch_.path() / "half.mp4");
  const ReadSource read = ReadAll(Write("half.mp4", half.substr(0, half.size() / 2)));
  EXPECT_GT(read.pts.size(), 4u);
  EXPECT_NE(read.damage.message().find("of 20 frames are missing"), std::string::npos)
      << read.damage.message();
}

TEST_F(BadInputTest, FlippedBitsAreSurvived) {
  for (const auto& [name, codec] :
       {std::pair("flip.mp4", "-c:v libx264 -g 5 -movflags +faststart"),
        std::pair("flip.mkv", "-c:v libx264 -g 5"), std::pair("flip.mpg", "-r 25 -c:v mpeg1video"),
        std::pair("flip.gif", ""), std::pair("flip.jpg", "-frames:v 1"), std::pair("flip.png", "-frames:v 1"),
        std::pair("flip.tiff", "-frames:v 1"), std::pair("flip.webp", "-c:v libwebp_anim")}) {
    const std::string whole =
        Make(name, fmt::format("-f lavfi -i testsrc2=s=96x64:r=10:d=2 {} {}",
                               std::string(name).ends_with("g") || std::string(name).ends_with("f")
                                   ? ""
                                   : "-pix_fmt yuv420p",
                               codec));
    EXPECT_TRUE(rc::check(std::string("any bits: ") + name, [&, name = name] {
      std::string bytes = whole;
      for (size_t at :
           *rc::gen::container<std::vector<size_t>>(10, rc::gen::inRange<size_t>(0, whole.size()))) {
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << *rc::gen::inRange(0, 8)));
      }
      const ReadSource read = ReadAll(Write(name, bytes), {.max_pixels = 1 << 20}, true);
      if (!read.opened.ok()) {
        RC_ASSERT(read.opened.code() != StatusCode::kInternal);
        return;
      }
      RC_ASSERT(std::is_sorted(read.time_us.begin(), read.time_us.end()));
      RC_ASSERT(read.ended.ok() || read.ended.code() == StatusCode::kUnsupported);
    }));
  }
}

TEST_F(BadInputTest, JoinedRecordingsGoOnInTime) {
  const std::string part = Make("part.mpg", "-f lavfi -i testsrc2=s=96x64:r=25:d=3 -c:v mpeg1video");
  const ReadSource once = ReadAll(scratch_.path() / "part.mpg"),
                   twice = ReadAll(Write("joined.mpg", part + part));
  EXPECT_TRUE(once.damage.ok()) << once.damage.message();
  ASSERT_GE(twice.time_us.size(), 2 * once.time_us.size() - 2);
  EXPECT_TRUE(std::is_sorted(twice.time_us.begin(), twice.time_us.end()));
  EXPECT_NEAR(static_cast<double>(twice.time_us.back()), 2.0 * static_cast<double>(once.time_us.back()),
              200'000);
  EXPECT_TRUE(twice.damage.ok()) << twice.damage.message();
  ASSERT_EQ(twice.notes.size(), 1u);
  EXPECT_TRUE(twice.notes[0].starts_with("time stamps jump back 1 time: by 00:00:0")) << twice.notes[0];
}

TEST(Damage, CountsWhatIsMissing) {
  Damage damage{
      .frames = 57, .packets = 58, .undecodable = 1, .promised_frames = 109, .last_error = "partial file"};
  const Status status = damage.Report("a/b.mp4");
  EXPECT_EQ(status.code(), StatusCode::kCorrupt);
  EXPECT_EQ(status.message(),
            "a/b.mp4: 51 of 109 frames are missing, 1 packet could not be decoded; 57 frames read (decoder: "
            "partial file)");
}

TEST(Damage, TellsAMissingEndFromRounding) {
  EXPECT_TRUE((Damage{.frames = 100, .packets = 100, .promised_us = 10'400'000, .reached_us = 10'000'000})
                  .Report("x")
                  .ok());
  EXPECT_EQ((Damage{.frames = 100, .packets = 100, .promised_us = 20'000'000, .reached_us = 10'000'000})
                .Report("x")
                .message(),
            "x: the last 10.0 of 20.0 s are missing; 100 frames read");
}

}  // namespace
}  // namespace crossface
