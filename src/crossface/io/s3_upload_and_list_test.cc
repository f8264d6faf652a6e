// Uploads, and lists of what is there.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "crossface/io/s3_cache.h"
#include "crossface/io/s3_fixture_for_test.h"
#include "crossface/io/s3_place.h"
#include "crossface/testing/fault_proxy.h"
#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface::io {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using testing::ProxiedRequest;
using testing::ProxyFault;
using ::testing::UnorderedElementsAreArray;

TEST_F(S3StoreTest, LargeFilesGoInPartsWithChecksums) {
  const testing::ScratchFolder scratch;
  const std::string content = Noise(40'000'000), file = (scratch.path() / "film").string();
  ASSERT_TRUE(WriteFileAtomically(file, content).ok());
  std::atomic<int> parts = 0, with_checksum = 0;
  proxy_.set_faults([&](const ProxiedRequest& request) -> ProxyFault {
    if (request.target.find("partNumber=") == std::string::npos) return {};
    with_checksum += request.head.find("x-amz-checksum-crc32:") != std::string::npos;
    // The third is refused a few times.
    return ++parts == 3 ? ProxyFault::Refuse(503, "SlowDown") : ProxyFault();
  });
  const Status put = PutFile("s3://footage/film", file);
  ASSERT_TRUE(put.ok()) << put.message();
  EXPECT_GT(parts, 3);
  EXPECT_EQ(with_checksum, parts);
  EXPECT_EQ(*ReadFile(InBucket("film")), content);
  ASSERT_TRUE(WriteFileAtomically(file, "").ok());
  ASSERT_TRUE(PutFile("s3://footage/empty", file).ok());
  EXPECT_EQ(fs::file_size(InBucket("empty")), 0u);
}

TEST_F(S3StoreTest, AnUploadThatFailsOrIsStoppedLeavesNothing) {
  const testing::ScratchFolder scratch;
  const std::string file = (scratch.path() / "film").string();
  ASSERT_TRUE(WriteFileAtomically(file, Noise(40'000'000)).ok());
  std::atomic<int> begun = 0, taken_back = 0;
  std::stop_source stop;
  bool hang = false;
  proxy_.set_faults([&](const ProxiedRequest& request) -> ProxyFault {
    begun += request.method == "POST" && request.target.find("uploads") != std::string::npos;
    taken_back += request.method == "DELETE" && request.target.find("uploadId=") != std::string::npos;
    if (request.target.find("partNumber=2&") == std::string::npos) return {};
    if (hang) stop.request_stop();
    return hang ? ProxyFault{.kind = ProxyFault::Kind::kHang} : ProxyFault::Refuse(403, "AccessDenied");
  });
  const Status failed = Told(PutFile("s3://footage/film", file));
  EXPECT_EQ(failed.code(), StatusCode::kPermissionDenied) << failed.message();
  EXPECT_THAT(failed.message(), HasSubstr("s3://footage/film: "));
  hang = true;
  EXPECT_EQ(PutFile("s3://footage/film", file, stop.get_token()).code(), StatusCode::kInterrupted);
  EXPECT_EQ(begun, 2);
  // Ends what still runs.
  Reconnect();
  EXPECT_EQ(taken_back, 2);
  EXPECT_EQ(*KindOf("s3://footage/film"), Kind::kNothing);
}

TEST_F(S3StoreTest, ListsOfManyPagesAreRead) {
  fs::create_directories(InBucket("many"));
  for (int i = 0; i < 3'500; ++i) std::ofstream(InBucket(fmt::format("many/{:06} é+%.mp4", i))) << "x";
  const int before = proxy_.requests();
  const auto entries = List("s3://footage/many");
  ASSERT_TRUE(entries.ok()) << entries.status().message();
  ASSERT_EQ(entries->size(), 3'500u);
  EXPECT_EQ(entries->front().name, "000000 é+%.mp4");
  EXPECT_EQ(entries->back().name, "003499 é+%.mp4");
  EXPECT_EQ(proxy_.requests() - before, 4);
}

// A server that does not encode names, and the size of a newsroom's bucket.
TEST_F(S3StoreTest, AHundredThousandAreListed) {
  proxy_.set_faults([](const ProxiedRequest& request) {
    const size_t token = request.target.find("continuation-token=page%2B");
    const int page = token == std::string::npos ? 0 : std::stoi(request.target.substr(token + 26));
    std::string body = "<?xml version=\"1.0\"?><ListBucketResult><Name>footage</Name><Prefix/>";
    for (int i = 0; i < 1000; ++i) {
      body += fmt::format(
          "<Contents><Key>{:06} &amp; é+%20.mp4</Key><LastModified>2026-11-30T09:00:00.000Z</LastModified>"
          "<ETag>&quot;{}&quot;</ETag><Size>7</Size></Contents>",
          page * 1000 + i, i);
    }
    body += page == 99
                ? "<IsTruncated>false</IsTruncated>"
                : fmt::format(
                      "<IsTruncated>true</IsTruncated><NextContinuationToken>page+{}</NextContinuationToken>",
                      page + 1);
    body += "</ListBucketResult>";
    return ProxyFault{
        .kind = ProxyFault::Kind::kAnswer,
        .answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)};
  });
  const auto entries = List("s3://footage");
  ASSERT_TRUE(entries.ok()) << entries.status().message();
  ASSERT_EQ(entries->size(), 100'000u);
  EXPECT_EQ(entries->back().name, "099999 & é+%20.mp4");
  EXPECT_EQ(entries->back().version->state, "999");
  EXPECT_EQ(entries->back().version->bytes, 7);
}

TEST_F(S3AnyKeyTest, AnyKeyIsListedReadAndWritten) {
  const std::vector<std::string> keys = {
      "a b.txt",       "é/ü.txt", "plus+plus",  "100%.txt", "100%25.txt",    "hash#x?y&z=1",
      "a//b",          "/lead",   "/lead//x",   "dot/./x",  "dot/../y",      "end/",
      "q\"uote&<amp>", "same",    "same/inner", "%",        "日本語/フ.mp4", "~-._"};
  for (const std::string& key : keys) {
    const std::string place = S3PlaceName({"footage", key, true});
    const Status put = Put(place, "content of " + key);
    ASSERT_TRUE(put.ok()) << put.message();
    const auto source = Open(place);
    ASSERT_TRUE(source.ok()) << source.status().message();
    EXPECT_EQ(ReadAllOf(**source), "content of " + key);
  }
  // What another client sees, and what it puts.
  const testing::ScratchFolder scratch;
  const std::string script = (scratch.path() / "keys.py").string(), seen = (scratch.path() / "seen").string();
  ASSERT_TRUE(WriteFileAtomically(
                  script,
                  "import boto3, sys\ns3 = boto3.client('s3')\n"
                  "for o in s3.list_objects_v2(Bucket='footage')['Contents']:\n"
                  "    body = s3.get_object(Bucket='footage', Key=o['Key'])['Body'].read().decode()\n"
                  "    assert body == 'content of ' + o['Key'], o['Key']\n"
                  "    s3.put_object(Bucket='other', Key=o['Key'], Body=b'for ' + o['Key'].encode())\n")
                  .ok());
  ASSERT_EQ(testing::RunCommand(testing::S3Python().string() + " " + script), 0);
  std::vector<std::string> found;
  const std::function<void(const std::string&)> walk = [&](const std::string& folder) {
    const auto entries = List(folder);
    ASSERT_TRUE(entries.ok()) << entries.status().message();
    for (const Entry& entry : *entries) {
      const std::string place = (fs::path(folder) / entry.name).string();
      if (entry.kind == Kind::kFolder) {
        walk(place);
        continue;
      }
      found.push_back(ParseS3Place(place)->key);
      EXPECT_EQ(ReadAllOf(**Open(place)), "for " + found.back());
    }
  };
  walk("s3://other");
  EXPECT_THAT(found, UnorderedElementsAreArray(keys));
  EXPECT_EQ(*KindOf("s3://other/same"), Kind::kFile);
  EXPECT_EQ(*KindOf("s3://other/same/"), Kind::kFolder);
}

TEST_F(S3AnyKeyTest, MarksOfFoldersAreNoFiles) {
  ASSERT_TRUE(Put("s3://footage/films/a.mp4", "film").ok());
  ASSERT_TRUE(Put("s3://footage/films/%", "").ok());  // as consoles make folders
  const auto entries = List("s3://footage/films");
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ(entries->front().name, "a.mp4");
}

}  // namespace
}  // namespace crossface::io
