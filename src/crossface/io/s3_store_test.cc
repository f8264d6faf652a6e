#include "crossface/io/s3_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "crossface/io/s3_cache.h"
#include "crossface/io/s3_client.h"
#include "crossface/io/s3_place.h"
#include "crossface/io/s3_settings.h"
#include "crossface/testing/fault_proxy.h"
#include "crossface/testing/loopback.h"
#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface::io {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::FaultProxy;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProxiedRequest;
using testing::ProxyFault;
using testing::S3Server;
using ::testing::UnorderedElementsAreArray;

std::string Noise(size_t bytes) {
  std::string noise(bytes, '\0');
  uint64_t state = 88172645463325252U;
  for (char& byte : noise) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    byte = static_cast<char>(state);
  }
  return noise;
}

std::string ReadAllOf(const ByteSource& source) {
  std::string bytes(static_cast<size_t>(source.size()), '#');
  const auto got = ReadFully(source, 0, std::as_writable_bytes(std::span(bytes)));
  return got.ok() ? bytes.substr(0, *got) : got.status().message();
}

// A server, a proxy before it, and `s3://` by way of both.
class S3StoreTest : public ::testing::Test {
 protected:
  explicit S3StoreTest(S3Server::Kind kind = S3Server::Kind::kVersity)
      : server_(kind), proxy_(server_.port()), variables_(server_.Environment(proxy_.port())) {
    Reconnect();
  }
  ~S3StoreTest() override { RegisterStore("s3", std::make_shared<S3Store>()); }
  static void Reconnect() { RegisterStore("s3", std::make_shared<S3Store>()); }
  fs::path InBucket(const std::string& name) const { return server_.root() / "objects/footage" / name; }

  // No message may hold what only the user and the server know.
  static Status Told(const Status& status) {
    for (const char* secret : {S3Server::kAccessKey, S3Server::kSecretKey, "SECRET-TOKEN", "Signature="})
      EXPECT_THAT(status.message(), Not(HasSubstr(secret)));
    return status;
  }

  S3Server server_;
  FaultProxy proxy_;
  testing::Variables variables_;
};

class S3AnyKeyTest : public S3StoreTest {
 protected:
  S3AnyKeyTest() : S3StoreTest(S3Server::Kind::kMoto) {}
};

TEST_F(S3StoreTest, AFilmIsFetchedOnceHoweverItIsRead) {
  const std::string film = Noise(30'000'000);
  ASSERT_TRUE(Put("s3://footage/film.mp4", film).ok());
  const int64_t before = proxy_.bytes_sent();
  // As libav looks at a container whose index lies at its end, then its hash, then its frames by several
  // readers.
  {
    const auto source = Open("s3://footage/film.mp4");
    ASSERT_TRUE(source.ok()) << source.status().message();
    std::string part(70'000, '#');
    for (const int64_t at : {0, 29'900'000, 12'345'678, 29'999'000, 0})
      EXPECT_TRUE(ReadFully(**source, at, std::as_writable_bytes(std::span(part))).ok());
  }
  EXPECT_EQ(*HashOf("s3://footage/film.mp4"), Sha256Hex(film));
  std::vector<std::jthread> readers;
  readers.reserve(6);
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] { EXPECT_EQ(*HashOf("s3://footage/film.mp4"), Sha256Hex(film)); });
  }
  readers.clear();
  EXPECT_LE(proxy_.bytes_sent() - before, 30'000'000 * 1.01);
}

TEST_F(S3StoreTest, WhatTakesAFilmsPlaceIsFetchedOnceToo) {
  ASSERT_TRUE(Put("s3://footage/film.mp4", Noise(6'000'000)).ok());
  ASSERT_TRUE(HashOf("s3://footage/film.mp4").ok());
  const std::string other = Noise(5'000'000);
  ASSERT_TRUE(Put("s3://footage/film.mp4", other).ok());
  const int64_t before = proxy_.bytes_sent();
  for (int time = 0; time < 2; ++time) EXPECT_EQ(*HashOf("s3://footage/film.mp4"), Sha256Hex(other));
  EXPECT_LE(proxy_.bytes_sent() - before, 5'000'000 * 1.01);
}

// More than the file that keeps it may hold.
TEST_F(S3StoreTest, WhatHasNoRoomIsFetchedAgain) {
  const std::string film = Noise(90'000'000);
  ASSERT_TRUE(Put("s3://footage/film", film).ok());
  const std::shared_ptr<S3Client> client = *S3Client::Make(*ReadS3Settings());
  const auto cache = std::make_shared<S3Cache>(client, 1);
  const Version version = *VersionOf("s3://footage/film");
  std::vector<std::jthread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      const auto source = cache->Open("s3://footage/film", "footage", "film", version, {});
      const auto hash = HashOf(*source);
      EXPECT_TRUE(hash.ok()) << hash.status().message();
      EXPECT_EQ(hash.ok() ? *hash : "", Sha256Hex(film));
    });
  }
  readers.clear();
  const auto source = cache->Open("s3://footage/film", "footage", "film", version, {});
  EXPECT_EQ(*HashOf(*source), Sha256Hex(film));
}

// A file of another kind is recognised by its begin, and no more of it comes.
TEST_F(S3StoreTest, ALookAtTheBeginFetchesTheBegin) {
  ASSERT_TRUE(Put("s3://footage/notes", Noise(20'000'000)).ok());
  const int64_t before = proxy_.bytes_sent();
  const auto source = Open("s3://footage/notes");
  std::string part(65'536, '#');
  ASSERT_TRUE(ReadFully(**source, 0, std::as_writable_bytes(std::span(part))).ok());
  EXPECT_LT(proxy_.bytes_sent() - before, 300'000);
}

TEST_F(S3StoreTest, ManyAreReadAtOnce) {
  std::vector<std::string> films;
  films.reserve(12);
  for (int i = 0; i < 12; ++i) {
    films.push_back(Noise(3'000'000 + static_cast<size_t>(i) * 100'001));
    ASSERT_TRUE(Put(fmt::format("s3://footage/{}", i), films.back()).ok());
  }
  std::vector<std::jthread> readers;
  readers.reserve(24);
  for (int i = 0; i < 24; ++i) {
    readers.emplace_back([&, i] {
      EXPECT_EQ(*HashOf(fmt::format("s3://footage/{}", i % 12)),
                Sha256Hex(films[static_cast<size_t>(i % 12)]));
    });
  }
}

TEST_F(S3StoreTest, WhatNetworksAndServersDoChangesNothing) {
  const std::string film = Noise(9'000'000);
  ASSERT_TRUE(Put("s3://footage/a film.mp4", film).ok());
  proxy_.set_faults([](const ProxiedRequest& request) -> ProxyFault {
    // By number: the same request comes again and must get through.
    switch (request.number % 5) {
      case 0:
        return ProxyFault::Refuse(503, "SlowDown");
      case 1:
        return {.kind = ProxyFault::Kind::kCut, .bytes = 100'000};
      case 2:
        return {.kind = ProxyFault::Kind::kCut, .bytes = 0};
      case 3:
        return ProxyFault::Refuse(500, "InternalError");
      default:
        return {};
    }
  });
  Reconnect();
  const auto entries = List("s3://footage");
  ASSERT_TRUE(entries.ok()) << entries.status().message();
  EXPECT_EQ(entries->size(), 1u);
  const auto hash = HashOf("s3://footage/a film.mp4");
  ASSERT_TRUE(hash.ok()) << hash.status().message();
  EXPECT_EQ(*hash, Sha256Hex(film));
  ASSERT_TRUE(Put("s3://footage/small", "content").ok());
  EXPECT_EQ(*ReadFile(InBucket("small")), "content");
}

TEST_F(S3StoreTest, WhatIsRefusedSaysWhatToDo) {
  ASSERT_TRUE(Put("s3://footage/a", "content").ok());
  const auto refused = [&](int status, const std::string& code, const std::string& more = "") {
    proxy_.set_faults([=](const ProxiedRequest& request) {
      // As servers do, without a body to HEAD.
      ProxyFault fault = ProxyFault::Refuse(status, code, more);
      if (request.method == "HEAD") fault.answer.resize(fault.answer.find("<?xml"));
      return fault;
    });
    Reconnect();
    Status opened = Told(Open("s3://footage/a").status());
    const Status listed = Told(List("s3://footage").status());
    EXPECT_EQ(opened.code(), listed.code()) << code << " " << opened.message() << " " << listed.message();
    EXPECT_THAT(opened.message(), HasSubstr("s3://footage/a: "));
    return opened;
  };
  const std::string secrets = std::string("<AWSAccessKeyId>") + S3Server::kAccessKey +
                              "</AWSAccessKeyId><StringToSign>SECRET-TOKEN</StringToSign>";
  const auto expect = [](const Status& status, StatusCode code, Remedy remedy, const std::string& words) {
    EXPECT_EQ(status.code(), code) << status.message();
    EXPECT_EQ(status.remedy(), remedy) << status.message();
    EXPECT_THAT(status.message(), HasSubstr(words));
  };
  constexpr auto kDenied = StatusCode::kPermissionDenied;
  expect(refused(400, "ExpiredToken", secrets), kDenied, Remedy::kRenewKeys, "expired");
  expect(refused(400, "InvalidToken", secrets), kDenied, Remedy::kRenewKeys, "session token");
  expect(refused(403, "RequestTimeTooSkewed", secrets), kDenied, Remedy::kSetClock, "clock");
  expect(refused(403, "AccessDenied", secrets), kDenied, Remedy::kAskPermission, "permission");
  expect(refused(301, "PermanentRedirect", "<Endpoint>x</Endpoint>"), StatusCode::kInvalidArgument,
         Remedy::kSetRegion, "not in the region us-east-1");
  expect(refused(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
         StatusCode::kInvalidArgument, Remedy::kSetRegion, "but in eu-west-3");
  expect(refused(403, "InvalidObjectState"), StatusCode::kUnsupported, Remedy::kNone, "archive");
  expect(refused(418, "Strange\nname<b>", secrets), StatusCode::kIo, Remedy::kCheckServer, "418");
}

TEST_F(S3StoreTest, WhatARealServerRefusesSaysWhatToDo) {
  Status status = Told(Open("s3://footage/none").status());
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.remedy(), Remedy::kCheckPlace);
  for (const Status& without_bucket :
       {List("s3://no-such-bucket").status(), Open("s3://no-such-bucket/a").status()}) {
    EXPECT_EQ(Told(without_bucket).code(), StatusCode::kNotFound);
    EXPECT_EQ(without_bucket.remedy(), Remedy::kCheckPlace);
    EXPECT_THAT(without_bucket.message(), HasSubstr("no such bucket"));
  }
  const auto with = [&](const std::map<std::string, std::string>& values) {
    const testing::Variables variables(values);
    Reconnect();
    Status listed = Told(List("s3://footage").status());
    const Status opened = Told(Open("s3://footage/none").status());
    EXPECT_EQ(listed.code(), opened.code()) << listed.message() << opened.message();
    EXPECT_EQ(listed.remedy(), opened.remedy()) << listed.message() << opened.message();
    return listed;
  };
  status = with({{"AWS_SECRET_ACCESS_KEY", "SECRET-TOKEN-wrong"}});
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.remedy(), Remedy::kRenewKeys);
  EXPECT_THAT(status.message(), HasSubstr("secret key"));
  status = with({{"AWS_ACCESS_KEY_ID", "SECRET-TOKEN-unknown"}});
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.remedy(), Remedy::kRenewKeys);
  EXPECT_THAT(status.message(), HasSubstr("access key"));
  status = with({{"AWS_REGION", "eu-north-1"}});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.remedy(), Remedy::kSetRegion);
  status = with({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}});
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.remedy(), Remedy::kGiveKeys);
}

// Before the client library would try again and again.
TEST_F(S3StoreTest, AServerThatIsNotThereIsToldOf) {
  {
    // Keys and server are mostly named together.
    const testing::Variables neither(
        std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"},
                                           {"AWS_ACCESS_KEY_ID", ""},
                                           {"AWS_SECRET_ACCESS_KEY", ""}});
    Reconnect();
    EXPECT_EQ(Told(List("s3://footage").status()).remedy(), Remedy::kGiveKeys);
  }
  const testing::Variables dead(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"}});
  Reconnect();
  Status status = Told(List("s3://footage").status());
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_EQ(status.remedy(), Remedy::kCheckServer);
  EXPECT_THAT(status.message(), HasSubstr("s3://footage: http://127.0.0.1:1 cannot be reached"));
  const testing::Variables unknown(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "https://no-such-host.invalid"}});
  Reconnect();
  status = Told(List("s3://footage").status());
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_EQ(status.remedy(), Remedy::kCheckServer);
  EXPECT_THAT(status.message(), HasSubstr("https://no-such-host.invalid cannot be reached"));
}

// A server that is started a moment after whoever asks, and one that goes away for a moment in the middle.
TEST_F(S3StoreTest, AServerThatComesLateIsWaitedFor) {
  std::optional<FaultProxy> late;
  const int port = testing::FreePort();
  const testing::Variables variables(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "http://127.0.0.1:" + std::to_string(port)}});
  Reconnect();
  std::jthread starting([&] {
    std::this_thread::sleep_for(500ms);
    late.emplace(server_.port(), port);
  });
  const auto listed = List("s3://footage");
  EXPECT_TRUE(listed.ok()) << listed.status().message();
  starting.join();
  late.reset();
  starting = std::jthread([&] {
    std::this_thread::sleep_for(500ms);
    late.emplace(server_.port(), port);
  });
  const auto again = List("s3://footage");
  EXPECT_TRUE(again.ok()) << again.status().message();
}

TEST_F(S3StoreTest, KeysOfAProfileAreUsedAndTheirTokenIsSent) {
  const testing::ScratchFolder scratch;
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "keys",
                                  fmt::format("[press]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                                              S3Server::kAccessKey, S3Server::kSecretKey))
                  .ok());
  std::map<std::string, std::string> profile = {
      {"AWS_ACCESS_KEY_ID", ""},
      {"AWS_SECRET_ACCESS_KEY", ""},
      {"AWS_SHARED_CREDENTIALS_FILE", (scratch.path() / "keys").string()},
      {"AWS_PROFILE", "press"}};
  const testing::Variables variables(profile);
  Reconnect();
  EXPECT_TRUE(List("s3://footage").ok()) << List("s3://footage").status().message();
  bool sent = false;
  proxy_.set_faults([&](const ProxiedRequest& request) -> ProxyFault {
    sent |= request.head.find("SECRET-TOKEN-of-session") != std::string::npos;
    return {};
  });
  const testing::Variables session({{"AWS_ACCESS_KEY_ID", S3Server::kAccessKey},
                                    {"AWS_SECRET_ACCESS_KEY", S3Server::kSecretKey},
                                    {"AWS_SESSION_TOKEN", "SECRET-TOKEN-of-session"}});
  Reconnect();
  EXPECT_EQ(Told(List("s3://footage").status()).remedy(), Remedy::kRenewKeys);
  EXPECT_TRUE(sent);
}

TEST_F(S3StoreTest, AStopEndsAWaitForAServerThatIsSilent) {
  ASSERT_TRUE(Put("s3://footage/a", Noise(1'000'000)).ok());
  std::stop_source stop;
  const auto opened = Open("s3://footage/a", Links::kFollow, stop.get_token());
  ASSERT_TRUE(opened.ok());
  proxy_.set_faults([](const ProxiedRequest&) { return ProxyFault{.kind = ProxyFault::Kind::kHang}; });
  const testing::ScratchFolder scratch;
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "file", Noise(20'000'000)).ok());
  std::jthread stopping([&] {
    std::this_thread::sleep_for(300ms);
    stop.request_stop();
  });
  std::vector<std::jthread> waiting;
  const auto stops = [&](auto ask) {
    waiting.emplace_back([&, ask] { EXPECT_EQ(ask(), StatusCode::kInterrupted); });
  };
  std::byte buffer[10];
  stops([&] { return (*opened)->ReadAt(0, buffer).status().code(); });
  stops([&] { return Open("s3://footage/a", Links::kFollow, stop.get_token()).status().code(); });
  stops([&] { return List("s3://footage", stop.get_token()).status().code(); });
  stops([&] { return KindOf("s3://footage/a", Links::kFollow, stop.get_token()).status().code(); });
  stops([&] { return Put("s3://footage/b", "content", stop.get_token()).code(); });
  stops(
      [&] { return PutFile("s3://footage/c", (scratch.path() / "file").string(), stop.get_token()).code(); });
  waiting.clear();
}

TEST_F(S3StoreTest, AnObjectThatChangesIsNeverReadAsTwo) {
  ASSERT_TRUE(Put("s3://footage/a", Noise(6'000'000)).ok());
  const auto source = Open("s3://footage/a");
  ASSERT_TRUE(source.ok());
  std::string part(100'000, '#');
  ASSERT_TRUE(ReadFully(**source, 0, std::as_writable_bytes(std::span(part))).ok());
  std::string other = Noise(6'000'000);
  other[0] ^= 1;
  ASSERT_TRUE(Put("s3://footage/a", other).ok());
  EXPECT_NE((*source)->version(), *VersionOf("s3://footage/a"));
  const Status status = Told(HashOf(**source).status());
  EXPECT_EQ(status.code(), StatusCode::kMismatch);
  EXPECT_EQ(status.remedy(), Remedy::kRunAgain);
  EXPECT_THAT(status.message(), HasSubstr("s3://footage/a: was changed"));
  EXPECT_EQ(*HashOf("s3://footage/a"), Sha256Hex(other)) << "opened anew";
}

// As a gateway before a folder gives what was put into the folder by itself.
TEST_F(S3StoreTest, AnObjectWithoutAnETagIsKnownByItsTime) {
  const std::string film = Noise(3'000'000);
  ASSERT_TRUE(WriteFileAtomically(InBucket("a"), film).ok());
  const auto source = Open("s3://footage/a");
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->version().state, "");
  EXPECT_EQ(List("s3://footage")->front().version, (*source)->version());
  EXPECT_EQ(*HashOf("s3://footage/a"), Sha256Hex(film));
  ASSERT_TRUE(WriteFileAtomically(InBucket("b"), Noise(3'000'000)).ok());
  const auto changes = Open("s3://footage/b");
  fs::last_write_time(InBucket("b"), fs::last_write_time(InBucket("b")) + 2s);
  EXPECT_NE((*changes)->version(), *VersionOf("s3://footage/b"))
      << "whether or not the server refuses the read";
}

// Of the same length, within the same second.
TEST_F(S3StoreTest, SizeAndTimeTellEveryChange) {
  ASSERT_TRUE(Put("s3://footage/a", "one").ok());
  const Version first = *VersionOf("s3://footage/a");
  ASSERT_TRUE(Put("s3://footage/a", "two").ok());
  const Version second = *VersionOf("s3://footage/a");
  EXPECT_NE(first.modified_ns, second.modified_ns);
  const auto listed = List("s3://footage");
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().version, second) << "a list says the same";
}

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
