#include "crossface/io/s3_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "crossface/io/s3_cache.h"
#include "crossface/io/s3_client.h"
#include "crossface/io/s3_fixture_for_test.h"
#include "crossface/io/s3_settings.h"
#include "crossface/testing/fault_proxy.h"
#include "crossface/testing/s3_server.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface::io {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::ProxiedRequest;
using testing::ProxyFault;

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

}  // namespace
}  // namespace crossface::io
