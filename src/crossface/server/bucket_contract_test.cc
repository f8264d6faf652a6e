// Footage that lies in a bucket, chosen on the page: folders are listed, counted and given to jobs, below the
// roots alone, and what goes wrong is told with what to do.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "crossface/io/s3_store.h"
#include "crossface/server/served_case_for_test.h"
#include "crossface/testing/fault_proxy.h"
#include "crossface/testing/s3_server.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using testing::FaultProxy;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::S3Server;
using Json = nlohmann::json;

class BucketContract : public ServedCase {
 protected:
  explicit BucketContract(S3Server::Kind kind = S3Server::Kind::kVersity) : bucket_(kind) {}
  void SetUp() override {
    io::RegisterStore("s3", std::make_shared<io::S3Store>());
    ServedCase::SetUp();
  }
  void TearDown() override {
    ServedCase::TearDown();
    io::RegisterStore("s3", std::make_shared<io::S3Store>());
  }
  static void Put(const std::string& key, const std::string& content = "x") {
    const Status put = io::Put("s3://footage/" + key, content);
    ASSERT_TRUE(put.ok()) << put.message();
  }
  void ServeBucket(const std::string& root = "s3://footage/in") {
    WebServerOptions options;
    options.roots = {root};
    Serve({}, options);
  }
  static std::string Query(const std::string& path) { return "?path=" + httplib::encode_uri_component(path); }
  Json Folder(const std::string& path, int status = 200) const {
    const auto answer = Get("/api/v1/folders" + Query(path));
    EXPECT_TRUE(answer);
    for (const char* secret : {S3Server::kAccessKey, S3Server::kSecretKey, "AWS4-HMAC"})
      EXPECT_THAT(answer->body, Not(HasSubstr(secret)));
    EXPECT_EQ(answer->status, status) << answer->body;
    return Json::parse(answer->body);
  }
  // "folder day 1", "video film.mp4 5" ...
  static std::vector<std::string> EntriesOf(const Json& folder) {
    std::vector<std::string> entries;
    for (const Json& entry : folder["entries"]) {
      std::string text = entry["kind"].get<std::string>() + " " + entry["name"].get<std::string>();
      if (entry["bytes"] != 0) text += " " + entry["bytes"].dump();
      entries.push_back(text);
    }
    return entries;
  }

  S3Server bucket_;
  FaultProxy proxy_{bucket_.port()};
  testing::Variables variables_{bucket_.Environment(proxy_.port())};
};

TEST_F(BucketContract, FoldersAreListedAsThoseOfADisk) {
  Put("in/film.mp4", "12345");
  Put("in/photo.JPG", "123");
  Put("in/notes.txt");
  Put("in/.hidden/film.mp4");
  Put("in/day 1/a.mp4");
  Put("in/day 1/é+%/film 100%.mp4", "1234567");
  Put("inside.mp4");
  ServeBucket();
  const Json roots = GetJson("/api/v1/folders");
  EXPECT_EQ(roots["total"], 2);
  EXPECT_EQ(roots["entries"][0]["path"], "s3://footage/in");
  EXPECT_EQ(roots["entries"][0]["kind"], "folder");

  const Json in = Folder("s3://footage/in");
  EXPECT_EQ(in["path"], "s3://footage/in");
  EXPECT_TRUE(in["parent"].is_null());
  EXPECT_THAT(EntriesOf(in), ElementsAre("folder day 1", "video film.mp4 5", "picture photo.JPG 3"));
  const Json day = Folder(in["entries"][0]["path"]);
  EXPECT_EQ(day["parent"], "s3://footage/in");
  EXPECT_THAT(EntriesOf(day), ElementsAre("folder é+%", "video a.mp4 1"));
  const Json deep = Folder(day["entries"][0]["path"]);
  EXPECT_EQ(deep["parent"], day["path"]);
  EXPECT_THAT(EntriesOf(deep), ElementsAre("video film 100%.mp4 7"));

  // What is chosen is counted without a question for each object, and given to a job.
  const int before = proxy_.requests();
  const Json counted = GetJson("/api/v1/footage" + Query("s3://footage/in/day 1"));
  EXPECT_EQ(counted["videos"], 2);
  EXPECT_EQ(counted["bytes"], 8);
  EXPECT_LT(proxy_.requests() - before, 20);
  const Json sources = {"s3://footage/in/day 1", (footage() / "film.mp4").string()};
  const Json job = PostJson(At("/jobs"), {{"verb", "identify"}, {"sources", sources}}, 202);
  EXPECT_EQ(job["request"]["sources"], sources) << job;
}

TEST_F(BucketContract, NothingOutsideOfTheRootsIsShownOrScanned) {
  Put("in/film.mp4");
  Put("inside/film.mp4");
  ServeBucket();
  for (const char* path :
       {"s3://footage", "s3://footage/", "s3://footage/inside", "s3://other", "s3://other/in", "s3://",
        "s3:/footage/in", "memory://footage/in", "https://127.0.0.1/footage/in"}) {
    Folder(path, 403);
    EXPECT_EQ(Get("/api/v1/footage" + Query(path))->status, 403) << path;
    PostJson(At("/jobs"), {{"verb", "identify"}, {"sources", Json::array({path})}}, 403);
  }
  // To object storage this is a name like any other.
  EXPECT_EQ(Get("/api/v1/folders" + Query("s3://footage/in/../inside"))->status, 404);
  PostJson(At("/jobs"), {{"verb", "formats"}, {"formats", {"jsonl"}}, {"out", "s3://footage/in/out"}}, 403);
  EXPECT_EQ(GetJson(At("/jobs"))["jobs"].size(), 0u);
}

TEST_F(BucketContract, ThousandsOfObjectsComeByPagesAndAreListedOnce) {
  constexpr int kMany = 2'300;
  // In place of uploads: objects of this server are files.
  const auto many = bucket_.root() / "objects/footage/in/many";
  std::filesystem::create_directories(many);
  for (int i = 0; i < kMany; ++i) std::ofstream(many / fmt::format("{:05}.jpg", i)) << "x";
  ServeBucket();
  std::vector<std::string> names;
  std::string cursor;
  const int before = proxy_.requests();
  do {
    const Json page = GetJson("/api/v1/folders" + Query("s3://footage/in/many") + "&limit=500" +
                              (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_EQ(page["total"], kMany);
    for (const Json& entry : page["entries"]) names.push_back(entry["name"]);
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
  } while (!cursor.empty());
  ASSERT_EQ(names.size(), static_cast<size_t>(kMany));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(proxy_.requests() - before, 3) << "pages of the server's own list";
  // The first page is always made anew.
  std::filesystem::remove(many / "00000.jpg");
  EXPECT_EQ(GetJson("/api/v1/folders" + Query("s3://footage/in/many"))["total"], kMany - 1);
}

TEST_F(BucketContract, WhatGoesWrongIsToldWithWhatToDo) {
  Put("in/film.mp4");
  ServeBucket();
  EXPECT_EQ(Folder("s3://footage/in/nowhere", 404)["code"], "not found");
  proxy_.set_faults(
      [](const testing::ProxiedRequest&) { return testing::ProxyFault::Refuse(403, "AccessDenied"); });
  EXPECT_EQ(Folder("s3://footage/in", 409)["remedy"], "ask permission");
  proxy_.set_faults(
      [](const testing::ProxiedRequest&) { return testing::ProxyFault::Refuse(400, "ExpiredToken"); });
  EXPECT_EQ(Folder("s3://footage/in", 409)["remedy"], "renew keys");
  proxy_.set_faults(nullptr);
  EXPECT_EQ(Folder("s3://footage/in")["total"], 1);
}

TEST_F(BucketContract, ARootWithoutKeysIsToldWhenItIsOpened) {
  const testing::Variables no_keys({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}});
  ServeBucket();
  EXPECT_EQ(Folder("s3://footage/in", 409)["remedy"], "give keys");
  WebServerOptions options;
  options.roots = {"s3://"};
  options.cases = {folder()};
  EXPECT_EQ(WebServer::Open(options).status().code(), StatusCode::kInvalidArgument);
}

// Keys that only Amazon's kind of server takes.
class AnyKeyContract : public BucketContract {
 protected:
  AnyKeyContract() : BucketContract(S3Server::Kind::kMoto) {}
};

TEST_F(AnyKeyContract, AFolderOfAnObjectsNameIsToldFromIt) {
  Put("in/twice.mp4", "12");
  Put("in/twice.mp4/inner.mp4", "123");
  Put("in//nameless.mp4", "1234");
  ServeBucket();
  const Json in = Folder("s3://footage/in");
  EXPECT_THAT(EntriesOf(in), ElementsAre("folder %", "folder twice.mp4", "video twice.mp4 2"));
  EXPECT_EQ(in["entries"][1]["path"], "s3://footage/in/twice.mp4/");
  EXPECT_EQ(in["entries"][2]["path"], "s3://footage/in/twice.mp4");
  EXPECT_THAT(EntriesOf(Folder("s3://footage/in/twice.mp4/")), ElementsAre("video inner.mp4 3"));
  EXPECT_THAT(EntriesOf(Folder("s3://footage/in/%")), ElementsAre("video nameless.mp4 4"));
}

}  // namespace
}  // namespace crossface
