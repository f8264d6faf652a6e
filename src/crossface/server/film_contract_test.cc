// What the API promises of films: their bytes, frames, proxies, and what is told of those that are gone.
#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/gallery/recordings.h"
#include "crossface/server/served_case_for_test.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Json = nlohmann::json;

class FilmContract : public ServedCase {
 protected:
  // Asks for a proxy and waits until it is made, or is not; at most a minute.
  Json MakeProxy(int64_t film) const {
    Json state = PostJson(PathOf("sources", film, "/proxy"), Json::object(), 202);
    for (int i = 0; i < 600 && state["state"] == "making"; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      state = GetJson(PathOf("sources", film, "/proxy"));
    }
    return state;
  }
};

TEST_F(FilmContract, FilmsAreSentInPartsAndKeptByTheirHash) {
  Serve();
  const std::string media = PathOf("sources", SourceId("film.mp4"), "/media");
  const std::string bytes = *ReadFile(footage() / "film.mp4");
  const auto whole = Get(media);
  EXPECT_TRUE(whole->body == bytes);
  EXPECT_EQ(whole->get_header_value("Content-Type"), "video/mp4");
  EXPECT_EQ(whole->get_header_value("Accept-Ranges"), "bytes");
  httplib::Headers headers = Token();
  headers.emplace("Range", "bytes=1000-1999");
  const auto part = Client().Get(media, headers);
  EXPECT_EQ(part->status, 206);
  EXPECT_TRUE(part->body == bytes.substr(1000, 1000));
  EXPECT_EQ(part->get_header_value("Content-Range"), "bytes 1000-1999/" + std::to_string(bytes.size()));
  headers = Token();
  headers.emplace("If-None-Match", whole->get_header_value("ETag"));
  EXPECT_EQ(Client().Get(media, headers)->status, 304);
  EXPECT_EQ(Get(PathOf("sources", SourceId("gone.mp4"), "/media"))->status, 404);
}

TEST_F(FilmContract, TheFrameOfATimeStampIsThatFrame) {
  Serve();
  const int64_t film = SourceId("film.mp4");
  const auto reader = OpenSource(footage() / "film.mp4");
  ASSERT_TRUE(reader.ok());
  std::vector<Frame> frames;
  while (true) {
    auto frame = (*reader)->Next();
    ASSERT_TRUE(frame.ok());
    if (!*frame) break;
    frames.push_back(**frame);
  }
  ASSERT_THAT(frames, SizeIs(100));
  for (const size_t index : {0u, 1u, 49u, 50u, 51u, 77u, 99u}) {
    const Frame& frame = frames[index];
    for (const std::string& asked :
         {"pts=" + std::to_string(frame.pts), "time_us=" + std::to_string(frame.time_us),
          "pts=" + std::to_string(frame.pts) + "&time_us=" + std::to_string(frame.time_us),
          "time_us=" + std::to_string(frame.time_us + 10'000)}) {
      const auto answer = Get(PathOf("sources", film, "/frame?format=png&" + asked));
      ASSERT_EQ(answer->status, 200) << answer->body;
      EXPECT_EQ(answer->get_header_value("X-Frame-PTS"), std::to_string(frame.pts)) << asked;
      EXPECT_EQ(answer->get_header_value("X-Frame-Time-Us"), std::to_string(frame.time_us)) << asked;
      if (asked.starts_with("time_us=")) {
        const auto time_of = [&](size_t other) {
          return other < frames.size() ? std::to_string(frames[other].time_us) : "";
        };
        EXPECT_EQ(answer->get_header_value("X-Frame-Previous-Us"), time_of(index - 1)) << asked;
        EXPECT_EQ(answer->get_header_value("X-Frame-Next-Us"), time_of(index + 1)) << asked;
      }
      const std::vector<uchar> bytes(answer->body.begin(), answer->body.end());
      EXPECT_EQ(cv::norm(cv::imdecode(bytes, cv::IMREAD_COLOR), *frame.picture->Bgr(), cv::NORM_INF), 0)
          << asked;
    }
  }
  EXPECT_EQ(Get(PathOf("sources", film, "/frame?pts=12345678"))->status, 404);
  const auto small = Get(PathOf("sources", film, "/frame?width=160"));
  const std::vector<uchar> bytes(small->body.begin(), small->body.end());
  EXPECT_EQ(cv::imdecode(bytes, cv::IMREAD_COLOR).size(), cv::Size(160, 120));
}

// 30000 / 1001 frames a second: no time is a whole number of microseconds.
TEST_F(FilmContract, AFrameIsFoundByItsOwnTimeHoweverThatWasRounded) {
  MakeFilm("ntsc.mp4", "-r 30000/1001 -c:v libx264 -g 50 -bf 3");
  auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
  ASSERT_TRUE(gallery.ok());
  AddFilm(**gallery, "ntsc.mp4");
  gallery->reset();
  Serve();
  const int64_t film = SourceId("ntsc.mp4");
  const auto reader = OpenSource(footage() / "ntsc.mp4");
  ASSERT_TRUE(reader.ok());
  for (int i = 0; i < 60; ++i) {
    const auto frame = (*reader)->Next();
    ASSERT_TRUE(frame.ok() && *frame);
    if (i % 7 != 1) continue;
    const std::string time_us = std::to_string((*frame)->time_us);
    const auto answer = Get(PathOf("sources", film, "/frame?width=16&time_us=" + time_us));
    EXPECT_EQ(answer->get_header_value("X-Frame-PTS"), std::to_string((*frame)->pts)) << i;
    EXPECT_EQ(answer->get_header_value("X-Frame-Time-Us"), time_us) << i;
  }
}

TEST_F(FilmContract, AFaceIsVerifiedAgainstItsFilmAndAChangedFilmIsTold) {
  Serve();
  const Json tracks = GetJson(PathOf("sources", SourceId("film.mp4"), "/tracks"))["tracks"];
  ASSERT_THAT(tracks, SizeIs(2));
  const int64_t face = tracks[1]["faces"][2]["id"];
  const Json good = PostJson(PathOf("faces", face, "/verify"), Json::object(), 200);
  EXPECT_TRUE(good["same"]) << good;
  EXPECT_EQ(good["difference"], 0);
  MakeFilm("film.mp4", "-y -vf hflip -c:v libx264 -g 50 -bf 2");
  const Json bad = PostJson(PathOf("faces", face, "/verify"), Json::object(), 200);
  EXPECT_FALSE(bad["same"]) << bad;
  EXPECT_FALSE(bad["source_is_the_same"]);
  EXPECT_TRUE(bad["frame_found"]);
  EXPECT_GT(bad["difference"], 10) << bad;
  const Json evidence = GetJson(PathOf("faces", face));
  EXPECT_EQ(evidence["face"]["pts"], tracks[1]["faces"][2]["pts"]);
}

TEST_F(FilmContract, OfAFilmThatWasLetGoItIsToldWhenAndWhy) {
  auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
  ASSERT_TRUE(gallery.ok());
  const std::string sha256 = *Sha256OfFile(footage() / "film.mp4");
  ASSERT_TRUE(
      NoteLetGo(**gallery, sha256, {.time = "2026-11-30T10:00:00Z", .why = "older than 7 days"}).ok());
  gallery->reset();
  Serve();
  const int64_t film = SourceId("film.mp4");
  const int64_t face = GetJson(PathOf("sources", film, "/tracks"))["tracks"][1]["faces"][2]["id"];
  EXPECT_EQ(Get(PathOf("sources", film, "/media"))->status, 200) << "it is there all the same";
  std::filesystem::remove(footage() / "film.mp4");
  for (const char* asked : {"/media", "/frame?time_us=40000"}) {
    const auto answer = Get(PathOf("sources", film, asked));
    EXPECT_EQ(answer->status, 404) << asked;
    EXPECT_THAT(answer->body, HasSubstr("let go on 2026-11-30T10:00:00Z")) << asked;
    EXPECT_THAT(answer->body, HasSubstr("older than 7 days")) << asked;
  }
  const Json verified = PostJson(PathOf("faces", face, "/verify"), Json::object(), 200);
  EXPECT_FALSE(verified["same"]);
  EXPECT_THAT(verified["told"].dump(), HasSubstr("let go on 2026-11-30T10:00:00Z"));
  const Json state = MakeProxy(film);
  EXPECT_THAT(state["message"].get<std::string>(), HasSubstr("let go on 2026-11-30T10:00:00Z"));
}

TEST_F(FilmContract, FilmsThatBrowsersCannotPlayGetAProxyWithTheirTimeStamps) {
  MakeFilm("old.avi", "-c:v mpeg4");
  auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
  ASSERT_TRUE(gallery.ok());
  AddFilm(**gallery, "old.avi");
  gallery->reset();
  Serve();
  const int64_t film = SourceId("old.avi");
  EXPECT_EQ(GetJson(PathOf("sources", film))["source"]["playable"], "proxy");
  EXPECT_EQ(Get(PathOf("sources", film, "/media"))->status, 422);
  EXPECT_EQ(Get(PathOf("sources", film, "/media?proxy=true"))->status, 404);
  EXPECT_EQ(GetJson(PathOf("sources", film, "/proxy"))["state"], "none");
  const Json state = MakeProxy(film);
  ASSERT_EQ(state["state"], "ready") << state;
  const auto proxy = Get(PathOf("sources", film, "/media?proxy=true"));
  ASSERT_EQ(proxy->status, 200);
  ASSERT_TRUE(WriteFileAtomically(scratch_.path() / "proxy.mp4", proxy->body).ok());
  const auto copy = OpenSource(scratch_.path() / "proxy.mp4"), source = OpenSource(footage() / "old.avi");
  ASSERT_TRUE(copy.ok() && source.ok());
  EXPECT_EQ((*copy)->info().codec, "h264");
  for (int i = 0; i < 100; ++i) {
    const auto a = (*copy)->Next(), b = (*source)->Next();
    ASSERT_TRUE(a.ok() && b.ok() && *a && *b) << i;
    EXPECT_NEAR(static_cast<double>((*a)->time_us), static_cast<double>((*b)->time_us), 1000) << i;
  }
  // Forgetting leaves no copy of footage behind.
  ForgetAnswer answer;
  const Json person = GetJson(At("/people"))["people"][0]["person"];
  ASSERT_TRUE(
      CaseService(folder()).Forget({.what = person["name"], .confirmed = true}, {}, &answer).status.ok());
  EXPECT_FALSE(std::filesystem::exists(folder() / "proxies"));
}

TEST_F(FilmContract, AProxyThatCannotBeMadeIsToldAndLeavesNothing) {
  MakeFilm("old.avi", "-c:v mpeg4");
  auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
  ASSERT_TRUE(gallery.ok());
  AddFilm(**gallery, "old.avi");
  gallery->reset();
  Serve();
  const int64_t film = SourceId("old.avi");
  std::ofstream(folder() / "proxies") << "in the way";
  const Json state = MakeProxy(film);
  EXPECT_EQ(state["state"], "failed");
  EXPECT_NE(state["message"], "");
}

}  // namespace
}  // namespace crossface
