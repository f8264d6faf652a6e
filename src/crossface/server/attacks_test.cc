// What others may try against the server: each is refused, and it goes on serving.
#include <gmock/gmock.h>

#include <chrono>

#include "crossface/app/case_folders.h"
#include "crossface/server/served_case_for_test.h"

namespace crossface {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

class Attack : public ServedCase {
 protected:
  std::string Request(const std::string& line, const std::string& headers = "",
                      const std::string& body = "") const {
    return line + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port()) + "\r\nAuthorization: Bearer " +
           server_->token() + "\r\n" + headers + "\r\n" + body;
  }
  void ExpectAlive() const { EXPECT_EQ(Get("/api/v1/cases")->status, 200); }
};

TEST_F(Attack, AnotherNameOfThisComputerIsRefused) {
  Serve();
  for (const std::string& host :
       std::vector<std::string>{"evil.example", "evil.example:" + std::to_string(port()), "127.0.0.1",
                                "127.0.0.1:1", "127.0.0.1.evil.example:" + std::to_string(port())}) {
    httplib::Headers headers = Token();
    headers.emplace("Host", host);
    EXPECT_EQ(Client().Get("/api/v1/cases", headers)->status, 403) << host;
    EXPECT_EQ(Client().Get("/?token=" + server_->token(), {{"Host", host}})->status, 403) << host;
  }
  const std::string own = "Host: localhost:" + std::to_string(port()) + "\r\n";
  EXPECT_THAT(RawExchange(port(), Request("GET /api/v1/cases", own + "Connection: close\r\n")),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(RawExchange(port(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 403"));
}

TEST_F(Attack, ChangesOfAnotherPageAreRefusedAndItsLooksToo) {
  Serve();
  const Json correction = {{"verb", "undo"}, {"based_on", Version()}};
  const auto post = [&](const httplib::Headers& headers) {
    return Client().Post(At("/corrections"), headers, correction.dump(), "application/json")->status;
  };
  const std::string own = "http://127.0.0.1:" + std::to_string(port());
  for (const std::string& origin :
       std::vector<std::string>{"http://evil.example", "null", "https://127.0.0.1:" + std::to_string(port()),
                                "http://127.0.0.1:1"}) {
    httplib::Headers headers = Cookie();
    headers.emplace("Origin", origin);
    EXPECT_EQ(post(headers), 403) << origin;
  }
  EXPECT_EQ(post(Cookie()), 403) << "without an origin";
  httplib::Headers good = Cookie();
  good.emplace("Origin", own);
  EXPECT_EQ(post(good), 400) << "nothing to undo";
  good.emplace("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(post(good), 403);
  httplib::Headers look = Cookie();
  look.emplace("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(Client().Get("/api/v1/cases", look)->status, 403);
  httplib::Headers plain = Cookie();
  plain.emplace("Origin", own);
  EXPECT_EQ(Client().Post(At("/corrections"), plain, correction.dump(), "text/plain")->status, 415);
  // No look changes anything.
  EXPECT_EQ(Get(At("/corrections"))->status, 200);
  EXPECT_EQ(Get(At("/faces/1/verify"))->status, 405);
}

TEST_F(Attack, EveryAnswerTellsTheBrowserToTrustNothingElse) {
  Serve();
  for (const char* path :
       {"/", "/index.html", "/nothing.js", "/api/v1/cases", "/api/v1/nothing", "/api/v1/openapi.json"}) {
    const auto answer = Get(path);
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'self';"),
                      HasSubstr("frame-ancestors 'none'")))
        << path;
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer->get_header_value("Cross-Origin-Resource-Policy"), "same-origin") << path;
    EXPECT_FALSE(answer->has_header("Access-Control-Allow-Origin")) << path;
  }
  httplib::Headers headers = Token();
  headers.emplace("Origin", "http://evil.example");
  EXPECT_FALSE(Client().Get("/api/v1/cases", headers)->has_header("Access-Control-Allow-Origin"));
  EXPECT_EQ(Client().Options("/api/v1/cases")->status, 405);
  EXPECT_EQ(Client().Put("/api/v1/cases", Token(), "{}", "application/json")->status, 405);
  EXPECT_EQ(Client().Patch(At(""), Token(), "{}", "application/json")->status, 405);
  EXPECT_EQ(Client().Delete(At(""), Token())->status, 405);
  EXPECT_EQ(Client().Post("/", Token(), "{}", "application/json")->status, 405);
}

TEST_F(Attack, NoPathLeadsOut) {
  Serve();
  std::ofstream(scratch_.path() / "secret") << "SECRET";
  for (const std::string& path : std::vector<std::string>{
           "/../secret", "/%2e%2e/secret", "/%252e%252e/secret", "/..%2fsecret", "/..\\secret", "/%00/secret",
           "/assets/../../secret", "//secret", "/\xE2\x80\xA5/secret", "/assets/%2e%2e/%2e%2e/secret",
           "/etc/passwd", "/api/v1/../../secret", "/api/v1/cases/../../secret", "/api/v1/cases/%2e%2e/secret",
           "/api/v1/cases/0000000000000000/faces/1/picture%00.jpg"}) {
    const std::string answer = RawExchange(port(), Request("GET " + path, "Connection: close\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("SECRET"))) << path;
    EXPECT_THAT(answer, Not(HasSubstr("root:"))) << path;
    EXPECT_THAT(answer,
                AnyOf(StartsWith("HTTP/1.1 4"), HasSubstr("<!doctype html>"), HasSubstr("<!DOCTYPE html>")))
        << path;
  }
}

TEST_F(Attack, IdsThatAreMadeUpFindNothing) {
  Serve();
  EXPECT_EQ(Get("/api/v1/cases/0000000000000000")->status, 404);
  for (const char* path : {"/faces/999999", "/faces/9007199254740991/picture", "/people/999999",
                           "/sources/999999/media", "/sources/999999/frame", "/jobs/77"})
    EXPECT_EQ(Get(At(path))->status, 404) << path;
  for (const char* path : {"/faces/0", "/faces/-1", "/faces/1e3", "/faces/99999999999999999999",
                           "/faces/1;drop table faces", "/people/1'--", "/faces/x"})
    EXPECT_THAT(Get(At(httplib::encode_uri(path)))->status, AllOf(Ge(400), Le(404))) << path;
  for (const char* query : {"/people?sort=name'--", "/people?limit=501", "/people?limit=-1",
                            "/people?cursor=1e9", "/people?limit=1&limit=2", "/people?nothing=1",
                            "/faces?unassigned=1", "/faces", "/faces?person=1&track=1",
                            "/faces?unassigned=true&reason=%27%20OR%201%3D1", "/sources/1/frame?pts=nan"})
    EXPECT_EQ(Get(At(query))->status, 400) << query;
  EXPECT_EQ(GetJson(At("/people?text=%27%20OR%201%3D1%20--"))["total"], 0);
}

TEST_F(Attack, OversizeOfEveryKindIsRefused) {
  Serve();
  const std::string version = Version();
  const auto post = [&](const std::string& body) {
    const auto answer = Client().Post(At("/corrections"), Token(), body, "application/json");
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(post(std::string(5 << 20, ' ')), 413);
  EXPECT_EQ(post(std::string(1000, '[') + std::string(1000, ']')), 400);
  std::string many = R"({"verb":"merge","based_on":"x","persons":[1)";
  for (int i = 0; i < 100'000; ++i) many += ",1";
  EXPECT_EQ(post(many + "]}"), 400);
  EXPECT_EQ(post(R"({"verb":"rename","person":1,"based_on":")" + version + R"(","name":")" +
                 std::string(200'000, 'a') + "\"}"),
            400);
  EXPECT_THAT(RawExchange(port(), Request("GET /" + std::string(40'000, 'a'), "Connection: close\r\n")),
              Not(StartsWith("HTTP/1.1 2")));
  EXPECT_THAT(
      RawExchange(port(), Request("GET /api/v1/cases", "X-Long: " + std::string(20'000, 'a') + "\r\n")),
      Not(StartsWith("HTTP/1.1 2")));
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_THAT(RawExchange(port(), Request("GET /api/v1/cases", headers)), Not(StartsWith("HTTP/1.1 2")));
  // Lines without an end of their own kind are not counted as headers; their bytes are.
  std::string lines;
  while (lines.size() < 100'000) lines += "a: b\n";
  EXPECT_THAT(RawExchange(port(), Request("GET /api/v1/cases", lines)), Not(StartsWith("HTTP/1.1 2")));
  EXPECT_THAT(
      RawExchange(
          port(),
          Request("POST " + At("/corrections"),
                  "Content-Type: application/json\r\nContent-Length: 99999999999999999999999\r\n", "{}"),
          3),
      Not(StartsWith("HTTP/1.1 2")));
  ExpectAlive();
}

TEST_F(Attack, ARequestThatTwoWouldReadDifferentlyIsRefused) {
  Serve();
  const std::string post = "POST " + At("/corrections"), json = "Content-Type: application/json\r\n";
  for (const std::string& headers :
       {json + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", json + "Transfer-Encoding: chunked\r\n",
        json + "Transfer-Encoding: xchunked\r\n", json + "Content-Length: 2\r\nContent-Length: 3\r\n",
        json + "Content-Length: 2\r\nContent-Length: 2\r\n",
        json + "Content-Length: 2\r\nContent-Encoding: gzip\r\n"}) {
    const std::string answer = RawExchange(port(), Request(post, headers + "Connection: close\r\n", "{}"), 3);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 4")) << headers;
    EXPECT_EQ(answer.find("HTTP/1.1", 8), std::string::npos) << "answered twice: " << answer;
  }
  const std::string folded =
      RawExchange(port(), Request("GET /api/v1/cases", "X-A: 1\r\n Host: evil\r\nConnection: close\r\n"), 3);
  EXPECT_EQ(folded.find("HTTP/1.1", 8), std::string::npos);
  const std::string split =
      RawExchange(port(), Request("GET /?token=%0d%0aSet-Cookie:%20a=b", "Connection: close\r\n"), 3);
  EXPECT_THAT(split, Not(HasSubstr("a=b")));
  EXPECT_THAT(RawExchange(port(),
                          Request("GET /api/v1/events",
                                  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                                  "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"),
                          3),
              StartsWith("HTTP/1.1 400"));
  ExpectAlive();
}

TEST_F(Attack, WhoSendsSlowlyOrNothingIsPutOut) {
  Serve({.header_seconds = 1, .body_seconds = 1, .idle_seconds = 1, .threads = 8, .waiting = 8});
  const auto took = [](const auto& act) {
    const auto begin = std::chrono::steady_clock::now();
    act();
    return std::chrono::steady_clock::now() - begin;
  };
  const auto limit = std::chrono::seconds(20);
  EXPECT_LT(took([&] { EXPECT_EQ(RawExchange(port(), "", 30), ""); }), limit);
  EXPECT_LT(took([&] { RawExchange(port(), "GET / HTTP/1.1\r\nHost: 127", 30); }), limit);
  EXPECT_LT(took([&] {
              RawExchange(port(),
                          Request("POST " + At("/corrections"),
                                  "Content-Type: application/json\r\nContent-Length: 100\r\n", "{"),
                          30);
            }),
            limit);
  // More who say nothing than there are threads: they are put out, and the next is served.
  constexpr int kIdle = 100;
  std::vector<std::thread> idle;
  idle.reserve(kIdle);
  for (int i = 0; i < kIdle; ++i) idle.emplace_back([this] { RawExchange(port(), "GET /api", 30); });
  httplib::Result answer;
  for (int i = 0; i < 100 && (!answer || answer->status != 200); ++i) {
    answer = Get("/api/v1/cases");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  for (std::thread& each : idle) each.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  ExpectAlive();
}

TEST_F(Attack, ManyRangesAreRefusedAndOneIsServed) {
  Serve();
  const int64_t source = GetJson(At("/sources"))["sources"][0]["id"];
  const std::string media = At("/sources/" + std::to_string(source) + "/media");
  const auto ask = [&](const std::string& range) {
    httplib::Headers headers = Token();
    headers.emplace("Range", range);
    const auto answer = Client().Get(media, headers);
    return answer ? answer->status : 0;
  };
  std::string bomb = "bytes=0-";
  for (int i = 0; i < 500; ++i) bomb += ",0-";
  EXPECT_EQ(ask(bomb), 416);
  EXPECT_EQ(ask("bytes=0-10,5-20"), 416);
  EXPECT_EQ(ask("bytes=99999999999-"), 416);
  EXPECT_EQ(ask("bytes=-"), 416);
  EXPECT_EQ(ask("bytes=0-9"), 206);
}

TEST_F(Attack, AFilmThatIsALinkOrAnotherFileIsNotServed) {
  Serve();
  const int64_t source = GetJson(At("/sources"))["sources"][0]["id"];
  const std::string media = At("/sources/" + std::to_string(source) + "/media");
  EXPECT_EQ(Get(media)->status, 200);
  const auto film = footage() / "film.mp4";
  std::filesystem::rename(film, footage() / "other.mp4");
  EXPECT_EQ(Get(media)->status, 404);
  std::filesystem::create_symlink(footage() / "other.mp4", film);
  EXPECT_EQ(Get(media)->status, 403);
  std::filesystem::remove(film);
  std::ofstream(film) << "SECRET";
  const auto swapped = Get(media);
  EXPECT_EQ(swapped->status, 409);
  EXPECT_THAT(swapped->body, Not(HasSubstr("SECRET")));
}

TEST_F(Attack, FootageOutsideOfTheRootsIsNeitherShownNorScanned) {
  Serve();
  const auto secret = scratch_.path() / "secret";
  std::filesystem::create_directories(secret);
  std::ofstream(secret / "a.mp4") << "x";
  std::filesystem::create_symlink(secret, footage() / "way");
  const Json listed = GetJson("/api/v1/folders?path=" + httplib::encode_uri_component(footage()));
  EXPECT_EQ(listed["total"], 1) << listed;
  for (const std::filesystem::path& path :
       {secret, footage() / "way", footage() / ".." / "secret", std::filesystem::path("/etc"),
        std::filesystem::path("footage"), std::filesystem::path("/proc/self/root/etc")}) {
    EXPECT_EQ(Get("/api/v1/folders?path=" + httplib::encode_uri_component(path))->status, 403) << path;
    EXPECT_EQ(Get("/api/v1/footage?path=" + httplib::encode_uri_component(path))->status, 403) << path;
    PostJson(At("/jobs"), {{"verb", "identify"}, {"sources", Json::array({path.string()})}}, 403);
  }
  // A folder inside that holds a way out.
  PostJson(At("/jobs"), {{"verb", "identify"}, {"sources", Json::array({footage().string()})}}, 403);
  PostJson(At("/jobs"), {{"verb", "formats"}, {"formats", {"jsonl"}}, {"out", (secret / "out").string()}},
           403);
  PostJson(At("/jobs"),
           {{"verb", "redact"},
            {"source", "film.mp4"},
            {"all", true},
            {"output", (footage() / "way/x.mp4").string()}},
           403);
  EXPECT_EQ(GetJson(At("/jobs"))["jobs"].size(), 0u);
  PostJson("/api/v1/cases", {{"name", "../out"}}, 400);
  PostJson("/api/v1/cases", {{"name", ".hidden"}}, 400);
}

TEST_F(Attack, GuessingTheTokenIsSlowedDownAndTheRightOneGoesOn) {
  Serve();
  std::set<int> answers;
  for (int i = 0; i < 12; ++i) {
    const auto answer =
        Client().Get("/api/v1/cases", {{"Authorization", "Bearer " + std::string(64, 'a' + i)}});
    answers.insert(answer->status);
  }
  EXPECT_EQ(answers, (std::set<int>{401, 429}));
  EXPECT_EQ(Client().Post("/api/v1/session", R"({"token":"wrong"})", "application/json")->status, 429);
  ExpectAlive();
  EXPECT_EQ(Client().Get("/api/v1/cases")->status, 401);
  EXPECT_EQ(Client().Get("/api/v1/cases", {{"Authorization", "Basic " + server_->token()}})->status, 429);
}

TEST_F(Attack, SessionsAreTheServersOwnAndEnd) {
  Serve();
  const auto begun = Client().Get("/?token=" + server_->token());
  EXPECT_EQ(begun->status, 303);
  EXPECT_EQ(begun->get_header_value("Location"), "/");
  const std::string cookie = begun->get_header_value("Set-Cookie");
  EXPECT_THAT(cookie,
              AllOf(HasSubstr("HttpOnly"), HasSubstr("SameSite=Strict"), Not(HasSubstr(server_->token()))));
  EXPECT_NE(cookie, Client().Get("/?token=" + server_->token())->get_header_value("Set-Cookie"));
  EXPECT_FALSE(Client().Get("/?token=wrong")->has_header("Set-Cookie"));

  httplib::Headers headers = {{"Cookie", cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(Client().Get("/api/v1/cases", headers)->status, 200);
  const std::string name = cookie.substr(0, cookie.find('='));
  EXPECT_EQ(Client().Get("/api/v1/cases", {{"Cookie", name + "=" + std::string(64, 'a')}})->status, 401);
  headers.emplace("Origin", "http://127.0.0.1:" + std::to_string(port()));
  EXPECT_EQ(Client().Delete("/api/v1/session", headers)->status, 204);
  EXPECT_EQ(Client().Get("/api/v1/cases", headers)->status, 401);
}

TEST_F(Attack, NothingIsToldToWhoIsNotLoggedIn) {
  Serve();
  const Json paths = GetJson("/api/v1/openapi.json")["paths"];
  for (const auto& [path, methods] : paths.items()) {
    std::string address = "/api/v1" + path;
    for (const char* part : {"{person}", "{face}", "{source}", "{job}", "{track}"}) {
      if (const size_t at = address.find(part); at != std::string::npos)
        address.replace(at, std::string(part).size(), "1");
    }
    if (const size_t at = address.find("{case}"); at != std::string::npos) address.replace(at, 6, id_);
    for (const auto& [method, operation] : methods.items()) {
      if (operation.contains("security")) continue;
      const auto answer = method == "get"    ? Client().Get(address)
                          : method == "post" ? Client().Post(address, "{}", "application/json")
                                             : Client().Delete(address);
      ASSERT_TRUE(answer) << address;
      EXPECT_EQ(answer->status, 401) << method << ' ' << address;
      EXPECT_THAT(answer->body, Not(HasSubstr(scratch_.path().string())));
    }
  }
}

TEST_F(Attack, APictureThatWouldFillTheMemoryIsRefused) {
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  Serve();
  // The header of a PNG of 65,000 by 65,000.
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xFD\xE8\0\0\xFD\xE8\x08\x02\0\0\0\0\0\0\0", 33);
  for (const std::string& body :
       {png, std::string("no picture"), std::string("#EXTM3U\nhttp://127.0.0.1/x.ts\n"),
        std::string("ffconcat version 1.0\nfile /etc/passwd\n")}) {
    const auto answer = Client().Post(At("/search"), Token(), body, "image/png");
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->status, AllOf(Ge(400), Le(422))) << answer->body;
    EXPECT_THAT(answer->body, Not(HasSubstr("/tmp"))) << "where the photo lay";
    const auto shown = Client().Post("/api/v1/photo", Token(), body, "image/png");
    ASSERT_TRUE(shown);
    EXPECT_THAT(shown->status, AllOf(Ge(400), Le(422))) << shown->body;
    EXPECT_THAT(shown->body, Not(HasSubstr("/tmp"))) << "where the photo lay";
  }
  ExpectAlive();
}

}  // namespace
}  // namespace crossface
