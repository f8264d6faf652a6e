// The program on footage that lies in a bucket, with a server of its own and what networks do to it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "crossface/io/s3_store.h"
#include "crossface/io/store.h"
#include "crossface/testing/fault_proxy.h"
#include "crossface/testing/program.h"
#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::FaultProxy;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProgramRun;
using testing::ProxiedRequest;
using testing::ProxyFault;
using testing::RunProgram;
using testing::S3Server;

class ObjectStorageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos/asl_yes.mkv");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    const fs::path videos = testing::SharedFolder() / "data/videos";
    fs::create_directories(local_ / "day 1/é+%");
    fs::copy_file(videos / "asl_yes.mkv", local_ / "asl_yes.mkv");
    fs::copy_file(videos / "asl_no.mkv", local_ / "day 1/asl no #2.mkv");
    fs::copy_file(videos / "pf_single_face.mp4", local_ / "day 1/é+%/film 100%.mp4");
    fs::copy_file(videos / "hamilton_short.mp4", local_ / "hamilton");  // known by its content
    fs::copy_file(videos / "asl_yes.mkv", local_ / "day 1/copy.mkv");
    ASSERT_TRUE(WriteFileAtomically(local_ / "notes.txt", "no footage").ok());
    io::RegisterStore("s3", std::make_shared<io::S3Store>());
    for (const auto& each : fs::recursive_directory_iterator(local_)) {
      if (each.is_regular_file())
        Upload(each.path(), "in/" + each.path().lexically_relative(local_).string());
    }
  }
  void TearDown() override { io::RegisterStore("s3", std::make_shared<io::S3Store>()); }

  static void Upload(const fs::path& file, const std::string& key) {
    const Status put = io::PutFile("s3://footage/" + key, file);
    ASSERT_TRUE(put.ok()) << put.message();
  }

  std::string Path(const std::string& name) const { return (scratch_.path() / name).string(); }
  ProgramRun Run(const std::vector<std::string>& arguments) {
    ProgramRun run = RunProgram(arguments);
    for (const char* secret : {S3Server::kAccessKey, S3Server::kSecretKey, "AWS4-HMAC"}) {
      EXPECT_THAT(run.out, Not(HasSubstr(secret)));
      EXPECT_THAT(run.err, Not(HasSubstr(secret)));
    }
    return run;
  }
  int64_t BytesInBucket() const {
    int64_t bytes = 0;
    for (const auto& each : fs::recursive_directory_iterator(bucket_ / "in"))
      if (each.is_regular_file()) bytes += static_cast<int64_t>(each.file_size());
    return bytes;
  }
  static ProxyFault Sometimes(const ProxiedRequest& request) {
    switch (request.number % 6) {
      case 1:
        return ProxyFault::Refuse(503, "SlowDown");
      case 3:
        return {.kind = ProxyFault::Kind::kCut, .bytes = 60'000};
      case 4:
        return {.kind = ProxyFault::Kind::kCut, .bytes = 0};
      default:
        return {};
    }
  }

  testing::ScratchFolder scratch_;
  const fs::path local_ = scratch_.path() / "in";
  S3Server server_;
  const fs::path bucket_ = server_.root() / "objects/footage";
  FaultProxy proxy_{server_.port()};
  testing::Variables variables_{server_.Environment(proxy_.port())};
};

TEST_F(ObjectStorageTest, ACaseIsTheSameAsOnADisk) {
  ASSERT_EQ(Run({"identify", local_.string(), "--case", Path("local")}).exit_code, 0);
  const auto logs = testing::ReadTree(Path("local"), ".csv");
  ASSERT_GT(logs.size(), 3u);
  const int64_t uploaded = proxy_.bytes_sent();
  const ProgramRun run = Run({"identify", "s3://footage/in", "--case", Path("bucket"), "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_LE(static_cast<double>(proxy_.bytes_sent() - uploaded), 1.05 * static_cast<double>(BytesInBucket()));
  RecordProperty("bytes_sent", std::to_string(proxy_.bytes_sent() - uploaded));
  RecordProperty("bytes_in_bucket", std::to_string(BytesInBucket()));
  EXPECT_EQ(testing::ReadTree(Path("bucket"), ".csv"), logs);
  proxy_.set_faults(&Sometimes);
  const ProgramRun again = Run({"identify", "s3://footage/in/", "--case", Path("faults")});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(testing::ReadTree(Path("faults"), ".csv"), logs);
  proxy_.set_faults(nullptr);
  // Neither the database nor anything else holds what only the user and the server know.
  for (const auto& [name, content] : testing::ReadTree(Path("bucket"), "")) {
    for (const char* secret : {S3Server::kAccessKey, S3Server::kSecretKey, "Signature="})
      EXPECT_EQ(content.find(secret), std::string::npos) << name;
  }
  const int64_t before = proxy_.bytes_sent();
  const ProgramRun same = Run({"identify", "s3://footage/in", "--case", Path("bucket"), "--json"});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_LT(proxy_.bytes_sent() - before, 300'000) << "but for the begin of what is known by its content";
}

TEST_F(ObjectStorageTest, EveryVerbReadsFootageThere) {
  ASSERT_EQ(Run({"identify", "s3://footage/in", "--case", Path("case")}).exit_code, 0);
  ProgramRun run = Run({"verify", Path("case"), "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  run = Run({"metadata", "s3://footage/in/asl_yes.mkv", "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\"source\": \"asl_yes.mkv\""));
  ASSERT_EQ(testing::RunCommand(fmt::format("ffmpeg -loglevel error -i '{}' -frames:v 1 '{}'",
                                            (local_ / "asl_yes.mkv").string(), Path("photo.png"))),
            0);
  Upload(Path("photo.png"), "photo.png");
  run = Run({"search", "s3://footage/photo.png", "--case", Path("case"), "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  run = Run({"redact", "asl_yes.mkv", "--case", Path("case"), "--all", "--out", Path("hidden.mkv")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  run = Run({"reembed", "--case", Path("case"), "--embedders", "arcface_foamliu"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, Not(HasSubstr("stored pictures were used")));
  run = Run({"duplicates", "--case", Path("case"), "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  // Moved within the bucket, found again, and from there back to a disk.
  fs::rename(bucket_ / "in", bucket_ / "archive");
  EXPECT_EQ(Run({"verify", Path("case")}).exit_code, 5);
  EXPECT_EQ(Run({"verify", Path("case"), "--sources", "s3://footage/archive"}).exit_code, 0);
  run = Run({"locate", "s3://footage/archive", "--case", Path("case")});
  EXPECT_EQ(run.exit_code, 0) << run.err << run.out;
  EXPECT_EQ(Run({"verify", Path("case")}).exit_code, 0);
  run = Run({"locate", local_.string(), "--case", Path("case"), "--source", "asl_yes.mkv"});
  EXPECT_EQ(run.exit_code, 0) << run.err << run.out;
}

TEST_F(ObjectStorageTest, AnObjectThatChangesMeanwhileIsReadAgain) {
  std::atomic<int> parts = 0;
  fs::remove_all(bucket_ / "in");
  const fs::path videos = testing::SharedFolder() / "data/videos";
  Upload(videos / "asl_book.mkv", "in/film.mkv");
  proxy_.set_faults([&](const ProxiedRequest& request) -> ProxyFault {
    // Between its first bytes and the others.
    if (request.method != "GET" || request.head.find("If-Match") == std::string::npos || ++parts != 2)
      return {};
    Upload(videos / "asl_walk.mkv", "in/film.mkv");
    return {};
  });
  const ProgramRun run = Run({"identify", "s3://footage/in", "--case", Path("case")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GE(parts, 3);
  EXPECT_EQ(Run({"verify", Path("case")}).exit_code, 0) << "what is stored is of what lies there";
  fs::create_directories(local_ / "one");
  fs::copy_file(videos / "asl_walk.mkv", local_ / "one/film.mkv");
  ASSERT_EQ(Run({"identify", (local_ / "one").string(), "--case", Path("local")}).exit_code, 0);
  EXPECT_EQ(testing::ReadTree(Path("case"), ".csv"), testing::ReadTree(Path("local"), ".csv"));
}

TEST_F(ObjectStorageTest, ABagInABucketIsABag) {
  ASSERT_EQ(Run({"identify", (local_ / "asl_yes.mkv").string(), "--case", Path("case")}).exit_code, 0);
  proxy_.set_faults(&Sometimes);
  ProgramRun run = Run({"export", "--case", Path("case"), "--to", "s3://other/archive 1/é", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err << run.out;
  EXPECT_EQ(json::parse(run.out)["out"], "s3://other/archive 1/é");
  run = Run({"export", "--case", Path("case"), "--format", "csv,jsonl", "--out", "s3://other/formats"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(fs::exists(server_.root() / "objects/other/formats/csv/faces.csv"));
  proxy_.set_faults(nullptr);
  EXPECT_EQ(Run({"export", "--case", Path("case"), "--to", "s3://other/archive 1/é"}).exit_code, 2)
      << "it is there";
  // Fetched by another client, looked at by another program.
  ASSERT_TRUE(WriteFileAtomically(Path("fetch.py"),
                                  "import boto3, os, sys\ns3 = boto3.client('s3')\n"
                                  "for page in s3.get_paginator('list_objects_v2').paginate(Bucket='other', "
                                  "Prefix='archive 1/é/bag/'):\n"
                                  "    for o in page['Contents']:\n"
                                  "        to = os.path.join(sys.argv[1], o['Key'])\n"
                                  "        os.makedirs(os.path.dirname(to), exist_ok=True)\n"
                                  "        s3.download_file('other', o['Key'], to)\n")
                  .ok());
  const std::string bag = Path("archive 1/é/bag");
  ASSERT_EQ(testing::RunCommand(fmt::format("{} {} '{}'", testing::S3Python().string(), Path("fetch.py"),
                                            scratch_.path().string())),
            0);
  ASSERT_TRUE(
      WriteFileAtomically(Path("check.py"), "import bagit, sys\nbagit.Bag(sys.argv[1]).validate()\n").ok());
  EXPECT_EQ(
      testing::RunCommand(fmt::format("{} {} '{}'", testing::ReaderPython().string(), Path("check.py"), bag)),
      0);
  EXPECT_EQ(RunProgram({"verify", bag + "/data"}).exit_code, 0);
}

TEST_F(ObjectStorageTest, WhatGoesWrongIsToldAndGoesOn) {
  {
    const testing::Variables wrong(
        std::map<std::string, std::string>{{"AWS_SECRET_ACCESS_KEY", "SECRET-wrong"}});
    const ProgramRun run = Run({"identify", "s3://footage/in", "--case", Path("case"), "--json"});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.out, HasSubstr("AWS_SECRET_ACCESS_KEY"));
    EXPECT_EQ(json::parse(run.out)["error"]["remedy"], "renew keys");
    EXPECT_THAT(run.out + run.err, Not(HasSubstr("SECRET-wrong")));
    EXPECT_FALSE(fs::exists(Path("case")));
  }
  // Each is worded, where it ends a verb.
  for (const auto& [variables, place, remedy, words] :
       std::vector<std::tuple<std::map<std::string, std::string>, std::string, std::string, std::string>>{
           {{{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}},
            "footage/in",
            "give keys",
            "AWS_PROFILE"},
           {{{"AWS_REGION", "eu-north-1"}}, "footage/in", "set region", "AWS_REGION"},
           {{{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"}}, "footage/in", "check server", "AWS_ENDPOINT_URL"},
           {{{"AWS_ENDPOINT_URL", fmt::format("https://127.0.0.1:{}", server_.port())}},
            "footage/in",
            "trust server",
            "AWS_CA_BUNDLE"},
           {{}, "no-such-bucket/in", "check place", "look at its name"}}) {
    const testing::Variables changed(variables);
    const ProgramRun run = Run({"identify", "s3://" + place, "--case", Path("case"), "--json"});
    const json error = json::parse(run.out)["error"];
    EXPECT_EQ(error.value("remedy", ""), remedy) << error;
    EXPECT_THAT(error.value("message", ""), HasSubstr(words));
    EXPECT_THAT(run.err, HasSubstr(words));
    EXPECT_FALSE(fs::exists(Path("case")));
  }
  // Keys that expire in the middle: what was done is kept, the rest is told and goes on with new ones.
  proxy_.set_faults([](const ProxiedRequest& request) -> ProxyFault {
    const bool last = request.target.find("hamilton") != std::string::npos && request.method == "GET";
    return last ? ProxyFault::Refuse(400, "ExpiredToken") : ProxyFault();
  });
  ProgramRun run =
      Run({"identify", "s3://footage/in/asl_yes.mkv", "s3://footage/in/hamilton", "--case", Path("case")});
  EXPECT_EQ(run.exit_code, 3) << run.err;
  EXPECT_THAT(run.err + run.out, HasSubstr("expired"));
  proxy_.set_faults(nullptr);
  run = Run({"identify", "s3://footage/in/asl_yes.mkv", "s3://footage/in/hamilton", "--case", Path("case")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  // A server that falls silent.
  std::atomic<bool> silent = false;
  proxy_.set_faults([&](const ProxiedRequest& request) -> ProxyFault {
    silent = silent || request.head.find("If-Match") != std::string::npos;
    return silent ? ProxyFault{.kind = ProxyFault::Kind::kHang} : ProxyFault();
  });
  run = testing::RunProgramAndStop({"identify", "s3://footage/in", "--case", Path("hangs")},
                                   [&] { return silent.load(); });
  EXPECT_EQ(run.exit_code, 130) << run.err;
}

}  // namespace
}  // namespace crossface
