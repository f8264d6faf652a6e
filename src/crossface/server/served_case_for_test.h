// A case with a real film, served on a free port: for tests only.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "crossface/app/case_folders.h"
#include "crossface/app/case_service.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/track_builder.h"
#include "crossface/server/web_server.h"
#include "crossface/testing/curation_case.h"
#include "crossface/util/hash.h"

namespace crossface {

// Sends bytes as they are and gives all that comes back until the other end closes, or nothing more comes for
// so long.
inline std::string RawExchange(int port, const std::string& bytes, int wait_s = 5) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval wait{.tv_sec = wait_s, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  std::string answer;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    char block[4096];
    for (ssize_t count; (count = ::recv(socket, block, sizeof block, 0)) > 0;)
      answer.append(block, static_cast<size_t>(count));
  }
  ::close(socket);
  return answer;
}

class ServedCase : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(footage());
    MakeFilm("film.mp4", "-c:v libx264 -g 50 -bf 2");
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
    ASSERT_TRUE(gallery.ok()) << gallery.status().message();
    AddFilm(**gallery, "film.mp4");
    AddSource(**gallery, "gone.mp4",
              {{.number = 1, .person = 1, .first_frame = 50},
               {.number = 2, .person = 2, .first_frame = 50, .x = 300},
               {.number = 3, .person = 3, .reason = UnassignedReason::kBlurred}});
    gallery->reset();
    IdentifyAnswer answer;
    ASSERT_TRUE(CaseService(folder()).Group({}, {}, &answer).status.ok());
    ASSERT_TRUE(CaseService(folder()).Export({}, &answer).status.ok());
  }
  void TearDown() override { StopServer(); }

  void Serve(HttpLimits limits = {}, WebServerOptions options = {}) {
    options.cases = {folder()};
    options.roots.push_back(footage());
    options.limits = limits;
    options.folder_of_cases = scratch_.path() / "cases";
    std::filesystem::create_directories(options.folder_of_cases);
    auto server = WebServer::Open(options);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = std::move(*server);
    thread_ = std::thread([this] { server_->Run(); });
    id_ = CaseId(std::filesystem::canonical(folder()));
  }
  void StopServer() {
    if (server_ != nullptr) server_->Stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
  }

  void MakeFilm(const std::string& name, const std::string& encoder) {
    ASSERT_EQ(
        testing::RunCommand("ffmpeg -nostdin -v error -f lavfi -i testsrc=size=320x240:rate=25:duration=4 "
                            "-pix_fmt yuv420p " +
                            encoder + " '" + (footage() / name).string() + "'"),
        0);
  }
  // As a scan would: two people, each in one track of faces with the pictures of their frames.
  void AddFilm(Gallery& gallery, const std::string& name) {
    const auto path = footage() / name;
    const auto reader = OpenSource(path);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    SourceRecord source = SourceOf(name);
    source.path = std::filesystem::canonical(path);
    source.sha256 = *Sha256OfFile(path);
    std::vector<TrackRecord> tracks = {TrackOf({.number = 1, .person = 1, .first_frame = 0}),
                                       TrackOf({.number = 2, .person = 2, .first_frame = 40})};
    for (TrackRecord& track : tracks) track.faces.clear();
    while (true) {
      const auto frame = (*reader)->Next();
      ASSERT_TRUE(frame.ok());
      if (!*frame) break;
      if ((*frame)->index % 10 != 7) continue;
      TrackRecord& track = tracks[(*frame)->index < 40 ? 0 : 1];
      const Detection face{.box = {100.5f, 60.25f, 50, 60}, .score = 0.9f};
      FaceRecord record = DescribeFace(*(*frame)->picture->Bgr(), {.frame = **frame}, face).record;
      record.number = static_cast<int64_t>(track.faces.size()) + 1;
      record.quality = 0.5f + 0.01f * static_cast<float>(record.number);
      track.faces.push_back(std::move(record));
    }
    for (TrackRecord& track : tracks) {
      track.faces.front().embeddings = track.templates;
      track.start_us = track.faces.front().time_us;
      track.end_us = track.faces.back().time_us + track.faces.back().duration_us;
    }
    source.info = (*reader)->info();
    const auto id = gallery.WriteSource(source);
    ASSERT_TRUE(id.ok()) << id.status().message();
    ASSERT_TRUE(gallery.AppendTracks(*id, tracks, {}).ok());
  }

  std::filesystem::path folder() const { return scratch_.path() / "case"; }
  std::filesystem::path footage() const { return scratch_.path() / "footage"; }
  int port() const { return server_->port(); }

  // With the token, unless others are given.
  httplib::Client Client() const {
    httplib::Client client("127.0.0.1", port());
    client.set_read_timeout(60);
    return client;
  }
  httplib::Headers Token() const { return {{"Authorization", "Bearer " + server_->token()}}; }
  httplib::Headers Cookie() const {
    const auto answer = Client().Get("/?token=" + server_->token());
    const std::string cookie = answer ? answer->get_header_value("Set-Cookie") : "";
    return {{"Cookie", cookie.substr(0, cookie.find(';'))}};
  }
  std::string At(const std::string& path) const { return "/api/v1/cases/" + id_ + path; }

  httplib::Result Get(const std::string& path) const { return Client().Get(path, Token()); }
  nlohmann::json GetJson(const std::string& path, int status = 200) const {
    const auto answer = Get(path);
    EXPECT_TRUE(answer) << path;
    if (!answer) return {};
    EXPECT_EQ(answer->status, status) << path << ": " << answer->body;
    return nlohmann::json::parse(answer->body, nullptr, false);
  }
  nlohmann::json PostJson(const std::string& path, const nlohmann::json& body, int status) const {
    const auto answer = Client().Post(path, Token(), body.dump(), "application/json");
    EXPECT_TRUE(answer) << path;
    if (!answer) return {};
    EXPECT_EQ(answer->status, status) << path << ": " << answer->body;
    return nlohmann::json::parse(answer->body, nullptr, false);
  }
  std::string PathOf(const std::string& rows, int64_t id, const std::string& rest = "") const {
    return At('/' + rows + '/' + std::to_string(id) + rest);
  }
  // Source id by name.
  int64_t SourceId(const std::string& name) const {
    const nlohmann::json sources = GetJson(At("/sources"))["sources"];
    for (const nlohmann::json& source : sources)
      if (source["name"] == name) return source["id"];
    ADD_FAILURE() << "no source " << name;
    return 0;
  }
  std::string Version() const { return GetJson(At(""))["version"]; }

  testing::ScratchFolder scratch_;
  std::unique_ptr<WebServer> server_;
  std::thread thread_;
  std::string id_;
};

}  // namespace crossface
