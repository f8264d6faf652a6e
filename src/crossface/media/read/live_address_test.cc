#include "crossface/media/read/live_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LiveAddress, ShowsNoSecret) {
  const std::vector<std::pair<std::string, std::string>> shown = {
      {"rtsp://admin:secret@cam.local:8554/live/1", "rtsp://cam.local:8554/live/1"},
      {"RTSP://admin:se@cr/et@cam.local/live?user=a&password=secret#secret", "rtsp://cam.local/live"},
      {"rtsp://cam.local/user=admin_password=secret_channel=1", "rtsp://cam.local/..."},
      {"rtsp://cam.local/h264/PassWord/secret", "rtsp://cam.local/h264/..."},
      {"srt://cam.local:9000?passphrase=secret&mode=caller", "srt://cam.local:9000"},
      {"rtmp://cam.local/live/secret", "rtmp://cam.local/live"},
      {"https://secret:secret@cam.local/hls/a.m3u8?token=secret", "https://cam.local/hls/a.m3u8"}};
  for (const auto& [text, expected] : shown) {
    const auto address = ParseLiveAddress(text);
    ASSERT_TRUE(address.ok()) << text << address.status().message();
    EXPECT_EQ(address->shown, expected);
    EXPECT_THAT(address->name, Not(HasSubstr("secret")));
    EXPECT_FALSE(address->ends());
  }
  EXPECT_THAT(ParseLiveAddress("rtsp://admin:secret@cam.local:8554/live/1")->url, HasSubstr("admin:secret@"));
}

TEST(LiveAddress, OpensOnlyWhatItNames) {
  for (const char* text :
       {"file:///etc/passwd", "concat://a", "ftp://a/b", "pipe://0", "subfile://x", "data://x"}) {
    const auto address = ParseLiveAddress(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.status().code(), StatusCode::kInvalidArgument);
  }
  for (const char* text : {"http://a/b.m3u8", "https://a/b.m3u8", "rtsp://a", "srt://a:1", "udp://a:1"})
    EXPECT_THAT("," + ParseLiveAddress(text)->protocols + ",", Not(HasSubstr(",file,"))) << text;
  EXPECT_EQ(ParseLiveAddress("nowhere.mp4").status().code(), StatusCode::kNotFound);
}

TEST(LiveAddress, HasANameThatIsAFolder) {
  EXPECT_EQ(ParseLiveAddress("gate=rtsp://a:b@cam/1")->name, "gate");
  EXPECT_EQ(ParseLiveAddress("gate=rtsp://a:b@cam/1")->url, "rtsp://a:b@cam/1");
  EXPECT_EQ(ParseLiveAddress("rtsp://cam.local:8554/live/1?x=y")->name, "cam.local-8554-live-1");
  EXPECT_EQ(ParseLiveAddress("door=-")->kind, LiveAddress::Kind::kStandardInput);
  for (const char* text : {"..=-", "a/b=-", ".=-"}) EXPECT_FALSE(ParseLiveAddress(text).ok()) << text;
  EXPECT_EQ(StreamName("../../etc"), "etc");
  EXPECT_EQ(StreamName("/."), "stream");
  EXPECT_LE(StreamName(std::string(500, 'a')).size(), 60u);
}

TEST(LiveAddress, TakesAFileBeforeAnythingElse) {
  testing::ScratchFolder scratch;
  const std::string path = (scratch.path() / "a=b.mp4").string();
  std::ofstream(path) << "x";
  const auto address = ParseLiveAddress(path);
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->kind, LiveAddress::Kind::kFile);
  EXPECT_EQ(address->name, "a-b");
  EXPECT_TRUE(address->ends());
}

}  // namespace
}  // namespace crossface
