// What the API promises, on a case with a real film.
#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "crossface/app/case_folders.h"
#include "crossface/app/live_board.h"
#include "crossface/server/api.h"
#include "crossface/server/served_case_for_test.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;

class Contract : public ServedCase {
 protected:
  // Asks, keeps the answer to be held against the description, and gives it.
  Json Ask(const std::string& operation, const std::string& path, int status = 200) {
    return Keep(operation, status, GetJson(path, status));
  }
  Json Send(const std::string& operation, const std::string& path, const Json& body, int status) {
    return Keep(operation, status, PostJson(path, body, status));
  }
  Json Keep(const std::string& operation, int status, Json body) {
    answers_.push_back({{"operation", operation}, {"status", status}, {"body", body}});
    return body;
  }
  Json Correct(Json correction, int status = 200) {
    if (!correction.contains("based_on")) correction["based_on"] = Version();
    return Send("correct", At("/corrections"), correction, status);
  }
  // As a watch in another program does.
  void ShowWatch() {
    board_.emplace(true, std::vector<std::string>{"Anna"});
    board_->Begin(folder());
    board_->Take(SeenEvent{.stream = "gate",
                           .time_us = WallNow(),
                           .track = 1,
                           .opened = true,
                           .person = {.id = 1, .name = "Anna", .confidence = 0.9},
                           .watched = true,
                           .picture = std::make_shared<const std::string>("a picture")});
    board_->Take(StreamEvent{.stream = "gate", .state = StreamEvent::State::kLost, .message = "broke off"});
    LiveProgress progress;
    progress.streams.push_back({.name = "gate", .shown = "rtsp://camera/", .message = "waits"});
    board_->Show(progress);
  }

  Json answers_ = Json::array();
  std::optional<LiveBoard> board_;
};

TEST_F(Contract, EveryAnswerIsAsTheDescriptionSays) {
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  Serve();
  Ask("getSession", "/api/v1/session");
  Ask("getAbout", "/api/v1/about");
  Keep(
      "logIn", 200,
      Json::parse(Client()
                      .Post("/api/v1/session", Json({{"token", server_->token()}}).dump(), "application/json")
                      ->body));
  Ask("getDescription", "/api/v1/openapi.json");
  Ask("listCases", "/api/v1/cases");
  Send("createCase", "/api/v1/cases", {{"name", "new one"}}, 201);
  Ask("getCase", At(""));
  const Json people = Ask("listPeople", At("/people?sort=first_seen&ignored=all&limit=2"));
  const int64_t person = people["people"][0]["person"]["id"], other = people["people"][1]["person"]["id"];
  Ask("getPerson", PathOf("people", person));
  Ask("listAppearances", PathOf("people", person, "/appearances?limit=1"));
  const Json faces = Ask("listFaces", At("/faces?best=true&person=" + std::to_string(person)));
  Ask("listFaces", At("/faces?unassigned=true&reason=blurred"));
  const int64_t film = SourceId("film.mp4");
  Ask("listSources", At("/sources"));
  Ask("getSource", PathOf("sources", film));
  Ask("getMarks", PathOf("sources", film, "/marks"));
  const Json tracks = Ask("listTracks", PathOf("sources", film, "/tracks"));
  const int64_t face = tracks["tracks"][0]["faces"][0]["id"];
  Ask("getFace", PathOf("faces", face));
  Keep("verifyFace", 200, PostJson(PathOf("faces", face, "/verify"), Json::object(), 200));
  Ask("getProxy", PathOf("sources", film, "/proxy"));
  Send("makeProxy", PathOf("sources", film, "/proxy"), Json::object(), 202);
  ShowWatch();
  const Json watches = Ask("listLive", At("/live"));
  ASSERT_THAT(watches["watches"], SizeIs(1));
  const Json& seen = watches["watches"][0]["now"]["present"][0];
  EXPECT_EQ(seen["person"], "Anna");
  EXPECT_EQ(
      Get(PathOf("live", watches["watches"][0]["id"], "/faces/" + std::to_string(seen["face"].get<int>())))
          ->body,
      "a picture");
  Ask("listSuggestions", At("/suggestions"));
  const std::string version = Version();
  Correct({{"verb", "rename"}, {"person", person}, {"name", "Anna"}, {"dry_run", true}});
  Correct({{"verb", "rename"}, {"person", person}, {"name", "Anna"}});
  Correct({{"verb", "rename"}, {"person", person}, {"name", "Berta"}, {"based_on", version}}, 409);
  Correct({{"verb", "merge"}, {"persons", {person, other}}}, 409);
  Correct({{"verb", "ignore"}, {"person", other}});
  Correct({{"verb", "undo"}});
  Ask("listCorrections", At("/corrections?limit=1"));
  const Json job = Send("startJob", At("/jobs"), {{"verb", "export"}}, 202);
  const int64_t id = job["id"];
  Json now = job;
  for (int i = 0; i < 600 && now["ended"].get<std::string>().empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    now = GetJson(PathOf("jobs", id));
  }
  EXPECT_EQ(now["state"], "done") << now;
  Ask("getJob", PathOf("jobs", id));
  Ask("listJobs", At("/jobs"));
  Keep("resumeJob", 400, PostJson(PathOf("jobs", id, "/resume"), Json::object(), 400));
  Keep("pauseJob", 400, PostJson(PathOf("jobs", id, "/pause"), Json::object(), 400));
  Keep("cancelJob", 400, PostJson(PathOf("jobs", id, "/cancel"), Json::object(), 400));
  Ask("listFolder", "/api/v1/folders");
  Ask("listFolder", "/api/v1/folders?path=" + httplib::encode_uri_component(footage()));
  Ask("countFootage", "/api/v1/footage?path=" + httplib::encode_uri_component(footage()));
  const auto search = Client().Post(At("/search"), Token(), "no picture", "image/jpeg");
  Keep("search", search->status, Json::parse(search->body));
  const auto shown = Client().Post("/api/v1/photo", Token(), "no picture", "image/jpeg");
  Keep("showPhoto", shown->status, Json::parse(shown->body));
  Ask("listReferences", At("/references"));
  const auto enrol = Client().Post(At("/references?name=Ada"), Token(), "no picture", "image/jpeg");
  Keep("enrol", enrol->status, Json::parse(enrol->body));
  const auto unenrol = Client().Delete(At("/references?name=Ada"), Token());
  Keep("unenrol", unenrol->status, Json::parse(unenrol->body));

  const auto in = scratch_.path() / "answers.json", out = scratch_.path() / "wrong.json";
  ASSERT_TRUE(WriteFileAtomically(in, answers_.dump()).ok());
  const std::string command =
      "'" + testing::ReaderPython().string() + "' '" +
      (testing::SourceFolder() / "src/crossface/server/openapi_for_test.py").string() + "' '" +
      (testing::SourceFolder() / "docs/openapi.json").string() + "' '" + in.string() + "' > '" +
      out.string() + "'";
  ASSERT_EQ(testing::RunCommand(command), 0) << command;
  EXPECT_THAT(Json::parse(*ReadFile(out)).get<std::vector<std::string>>(), IsEmpty());
}

TEST_F(Contract, TheDescriptionIsWhatIsMadeAndHasARouteForEachOperationAndNoOther) {
  const auto made = scratch_.path() / "made.json";
  ASSERT_EQ(testing::RunCommand("PYTHONDONTWRITEBYTECODE=1 python3 '" +
                                (testing::SourceFolder() / "tools/make_openapi.py").string() + "' > '" +
                                made.string() + "'"),
            0);
  const std::string described = *ReadFile(testing::SourceFolder() / "docs/openapi.json");
  EXPECT_TRUE(*ReadFile(made) == described) << "python3 tools/make_openapi.py > docs/openapi.json";

  std::map<std::string, std::string> operations, routes;  // with who may
  const Json paths = Json::parse(described)["paths"];
  for (const auto& [path, methods] : paths.items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string upper = method;
      for (char& letter : upper) letter = static_cast<char>(std::toupper(letter));
      upper.append(" ").append(path);
      operations[upper] = operation.contains("security") ? "nobody" : operation["x-role"];
    }
  }
  auto cases = CaseFolders::Open({folder()}, {});
  const auto roots = FootageRoots::Open({footage()});
  Events events("");
  Users users("/nowhere/users.json");
  Sessions sessions("token", users);
  ProxyMaker proxies([](const auto&, int64_t, const auto&) {});
  LateExports exports;
  JobRunner jobs({}, &events, &exports);
  Api api{**cases, *roots, jobs, exports, proxies, events, sessions, {}, "cookie", {}};
  Router router;
  for (const auto add : {AddSessionRoutes, AddCaseRoutes, AddPeopleRoutes, AddFaceRoutes, AddSourceRoutes,
                         AddReviewRoutes, AddReferenceRoutes, AddJobRoutes, AddFolderRoutes, AddLiveRoutes})
    add(router, api);
  for (const Route& route : router.routes())
    routes[route.method + ' ' + route.pattern] = route.role == Role::kNobody     ? "nobody"
                                                 : route.role == Role::kReviewer ? "reviewer"
                                                                                 : "viewer";
  EXPECT_EQ(operations, routes);
}

TEST_F(Contract, TwoWhoCorrectAtOnceLoseNothingAndTheLaterOneIsTold) {
  Serve();
  const Json people = GetJson(At("/people"));
  const int64_t one = people["people"][0]["person"]["id"], other = people["people"][1]["person"]["id"];
  const std::string version = people["version"];
  const Json first = Correct({{"verb", "rename"}, {"person", one}, {"name", "Anna"}, {"based_on", version}});
  EXPECT_NE(first["version"], version);
  const Json late =
      Correct({{"verb", "rename"}, {"person", other}, {"name", "Berta"}, {"based_on", version}}, 409);
  EXPECT_EQ(late["code"], "stale");
  EXPECT_EQ(late["version"], first["version"]);
  ASSERT_THAT(late["changes"], SizeIs(1));
  EXPECT_EQ(late["changes"][0]["id"], first["correction"]["id"]);
  Correct({{"verb", "rename"}, {"person", other}, {"name", "Berta"}, {"based_on", late["version"]}});
  EXPECT_EQ(GetJson(At("/people?text=anna"))["total"], 1);
  EXPECT_EQ(GetJson(At("/people?text=BERTA"))["total"], 1);
  EXPECT_EQ(GetJson(At("/people?named=yes"))["total"], 2);
  EXPECT_EQ(GetJson(At(""))["named"], 2);
  // Whoever is called like a number or like nobody is not taken for another.
  Correct({{"verb", "rename"}, {"person", one}, {"name", std::to_string(other)}});
  Correct({{"verb", "rename"}, {"person", other}, {"name", "nobody"}});
  const Json moved = Correct({{"verb", "move"}, {"tracks", {"gone.mp4:1"}}, {"to", nullptr}});
  EXPECT_EQ(moved["correction"]["tracks"][0]["to"], 0) << moved;
}

TEST_F(Contract, PagesShowEverybodyOnce) {
  Serve();
  std::vector<int64_t> ids, paged;
  const Json people = GetJson(At("/people"))["people"];
  for (const Json& each : people) ids.push_back(each["person"]["id"]);
  std::string cursor;
  do {
    const Json page = GetJson(At("/people?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor)));
    ASSERT_THAT(page["people"], SizeIs(1));
    EXPECT_EQ(page["total"], ids.size());
    paged.push_back(page["people"][0]["person"]["id"]);
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
  } while (!cursor.empty() && paged.size() < 10);
  EXPECT_EQ(paged, ids);
  EXPECT_THAT(GetJson(At("/people?cursor=1000"))["people"], SizeIs(0));
}

TEST_F(Contract, PicturesAreCutAndKept) {
  Serve();
  const Json people = GetJson(At("/people"));
  const int64_t face =
      GetJson(PathOf("sources", SourceId("film.mp4"), "/tracks"))["tracks"][0]["faces"][0]["id"];
  const auto picture = Get(PathOf("faces", face, "/picture")),
             small = Get(PathOf("faces", face, "/thumbnail?size=64"));
  ASSERT_EQ(small->status, 200) << small->body;
  EXPECT_EQ(small->get_header_value("Content-Type"), "image/jpeg");
  EXPECT_THAT(small->get_header_value("Cache-Control"), HasSubstr("immutable"));
  const std::vector<uchar> bytes(small->body.begin(), small->body.end());
  const cv::Mat cut = cv::imdecode(bytes, cv::IMREAD_COLOR);
  EXPECT_EQ(std::max(cut.cols, cut.rows), 64);
  EXPECT_GT(picture->body.size(), small->body.size());
  httplib::Headers headers = Token();
  headers.emplace("If-None-Match", small->get_header_value("ETag"));
  const auto again = Client().Get(PathOf("faces", face, "/thumbnail?size=64"), headers);
  EXPECT_EQ(again->status, 304);
  EXPECT_TRUE(again->body.empty());
  EXPECT_EQ(Get(PathOf("faces", face, "/thumbnail?size=65"))->status, 400);
}

TEST_F(Contract, EventsTellOfChangesAndTheServerEndsWhileSomebodyFollows) {
  Serve();
  std::mutex mutex;
  std::condition_variable changed;
  std::string heard;
  std::thread follower([&] {
    Client().Get("/api/v1/events", Token(), [&](const char* bytes, size_t count) {
      const std::lock_guard lock(mutex);
      heard.append(bytes, count);
      changed.notify_all();
      return true;
    });
  });
  const auto wait_for = [&](const std::string& text) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20),
                            [&] { return heard.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(wait_for("event: hello")) << heard;
  const int64_t person = GetJson(At("/people"))["people"][0]["person"]["id"];
  Correct({{"verb", "rename"}, {"person", person}, {"name", "Anna"}});
  EXPECT_TRUE(wait_for("event: case")) << heard;
  PostJson(At("/jobs"), {{"verb", "export"}}, 202);
  EXPECT_TRUE(wait_for("\"state\":\"done\"")) << heard;
  ShowWatch();
  EXPECT_TRUE(wait_for("event: live")) << heard;
  EXPECT_TRUE(wait_for("\"person\":\"Anna\"")) << heard;
  board_.reset();
  EXPECT_TRUE(wait_for("\"watches\":[]")) << heard;
  // Another program's correction.
  CorrectionAnswer answer;
  ASSERT_TRUE(CaseService(folder()).Correct(RenamePerson{"Anna", "Berta"}, {}, {}, &answer).status.ok());
  const std::string version = Version();
  EXPECT_TRUE(wait_for(version)) << heard;
  const auto begin = std::chrono::steady_clock::now();
  StopServer();
  follower.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace crossface
