#include "crossface/media/read/live_input.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// A server that lets everybody in and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no port is free");
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  std::string Address(const std::string& scheme) const {
    return scheme + "://user:secret@127.0.0.1:" + std::to_string(port_) + "/live";
  }

 private:
  const int socket_;
  int port_ = 0;
};

TEST(LiveInput, ASilentServerIsGivenUp) {
  const SilentServer server;
  for (const char* scheme : {"rtsp", "http", "rtmp", "tcp"}) {
    const auto input = OpenLiveInput(*ParseLiveAddress(server.Address(scheme)),
                                     {.patience = std::chrono::milliseconds(300)}, {});
    ASSERT_FALSE(input.ok()) << scheme;
    EXPECT_EQ(input.status().code(), StatusCode::kIo) << input.status().message();
    EXPECT_NE(input.status().message().find("nothing came for 0.3 s"), std::string::npos)
        << input.status().message();
    EXPECT_EQ(input.status().message().find("secret"), std::string::npos);
  }
}

TEST(LiveInput, AStopEndsTheWaitingForAServer) {
  const SilentServer server;
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  const auto input = OpenLiveInput(*ParseLiveAddress(server.Address("rtsp")),
                                   {.patience = std::chrono::hours(1)}, stop.get_token());
  ASSERT_FALSE(input.ok());
  EXPECT_EQ(input.status().code(), StatusCode::kInterrupted);
}

TEST(LiveInput, WhatIsNoStreamIsToldAsWhatItIs) {
  testing::ScratchFolder scratch;
  const std::string text = (scratch.path() / "text.mp4").string(),
                    sound = (scratch.path() / "sound.wav").string();
  std::ofstream(text) << "no film";
  ASSERT_EQ(testing::RunCommand("ffmpeg -nostdin -v error -f lavfi -i sine -t 1 '" + sound + "'"), 0);
  EXPECT_EQ(OpenLiveInput(*ParseLiveAddress(text), {}, {}).status().code(), StatusCode::kCorrupt);
  EXPECT_EQ(OpenLiveInput(*ParseLiveAddress(sound), {}, {}).status().code(), StatusCode::kNoVideo);
  EXPECT_EQ(OpenLiveInput(*ParseLiveAddress("rtsp://127.0.0.1:1/x"), {}, {}).status().code(),
            StatusCode::kIo);
}

// A playlist of somebody else's must not make this computer's files be read.
TEST(LiveInput, APlaylistInAFileOpensNothing) {
  testing::ScratchFolder scratch;
  const std::string film = (scratch.path() / "film.ts").string(),
                    list = (scratch.path() / "list.m3u8").string();
  ASSERT_EQ(testing::RunCommand("ffmpeg -nostdin -v error -f lavfi -i testsrc=r=25 -t 2 -pix_fmt yuv420p '" +
                                film + "'"),
            0);
  std::ofstream(list) << "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n" << film << "\n#EXT-X-ENDLIST\n";
  EXPECT_FALSE(OpenLiveInput(*ParseLiveAddress(list), {}, {}).ok());
}

TEST(LiveInput, AFileComesAtItsOwnSpeed) {
  testing::ScratchFolder scratch;
  const std::string film = (scratch.path() / "film.ts").string();
  ASSERT_EQ(testing::RunCommand("ffmpeg -nostdin -v error -f lavfi -i testsrc=r=25 -t 2 -pix_fmt yuv420p '" +
                                film + "'"),
            0);
  const auto begin = Clock::now();
  const auto input = OpenLiveInput(*ParseLiveAddress(film), {}, {});
  ASSERT_TRUE(input.ok()) << input.status().message();
  LibavPtr<AVPacket> packet(av_packet_alloc());
  int packets = 0;
  while (*(*input)->Read(packet.get())) {
    ++packets;
    av_packet_unref(packet.get());
  }
  EXPECT_EQ(packets, 50);
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(1'900))
      << "never faster, however fast the computer";
}

// A camera that libavdevice makes up, by the way that real ones go.
LiveAddress MadeCamera(const std::string& what) {
  return {.kind = LiveAddress::Kind::kCamera,
          .scheme = "lavfi",
          .url = what,
          .shown = "made camera",
          .name = "made"};
}

TEST(LiveInput, ACameraGivesPicturesUntilItIsStopped) {
  std::stop_source stop;
  const auto input = OpenLiveInput(MadeCamera("testsrc=s=320x240:r=25,realtime"), {}, stop.get_token());
  ASSERT_TRUE(input.ok()) << input.status().message();
  EXPECT_EQ((*input)->pictures().codecpar->width, 320);
  EXPECT_FALSE(MadeCamera("").ends()) << "it is opened again when it breaks off";
  LibavPtr<AVPacket> packet(av_packet_alloc());
  for (int i = 0; i < 5; ++i) {
    const auto more = (*input)->Read(packet.get());
    ASSERT_TRUE(more.ok() && *more);
    EXPECT_GT(packet->size, 0);
    av_packet_unref(packet.get());
  }
  stop.request_stop();
  // What it still had may come.
  Status last;
  for (int i = 0; i < 100 && last.ok(); ++i) {
    last = (*input)->Read(packet.get()).status();
    av_packet_unref(packet.get());
  }
}

TEST(LiveInput, WhatIsNoCameraIsToldWithWhatToDo) {
  const auto open = [](const std::string& place) {
    const auto address = ParseLiveAddress(place);
    return address.ok() ? OpenLiveInput(*address, {}, {}).status() : address.status();
  };
  const Status null = open("/dev/null");
  EXPECT_EQ(null.code(), StatusCode::kNoVideo) << null.message();
  EXPECT_THAT(null.message(), HasSubstr("/dev/null: cannot be opened: it is no camera"));
  const Status missing = open("/dev/video987");
  EXPECT_EQ(missing.code(), StatusCode::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr("/dev/video987: there is no such camera; "));
  // It was there when the watch began.
  LiveAddress unplugged = *ParseLiveAddress("/dev/null");
  unplugged.url = "/dev/video987";
  EXPECT_THAT(OpenLiveInput(unplugged, {}, {}).status().message(), HasSubstr("is it connected?"));
}

TEST(LiveInput, WhoMayNotUseACameraIsToldHowTo) {
  // Nodes of the superuser alone are there on every Linux; whoever runs the tests as somebody else is refused
  // by them, too.
  const char* const place = "/dev/console";
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0))
      ::_exit(2);
    const Status refused = OpenLiveInput(*ParseLiveAddress(place), {}, {}).status();
    const bool told = refused.code() == StatusCode::kPermissionDenied &&
                      refused.message().find("usermod -aG video") != std::string::npos;
    if (!told) std::cerr << refused.message() << std::endl;
    ::_exit(told ? 0 : 1);
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  EXPECT_TRUE(WIFEXITED(how) && WEXITSTATUS(how) == 0) << how;
}

}  // namespace
}  // namespace crossface
