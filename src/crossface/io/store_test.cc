#include "crossface/io/store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "crossface/io/s3_store.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface::io {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ReadAllOf(const ByteSource& source) {
  std::string bytes(static_cast<size_t>(source.size()) + 10, '#');
  const auto got = ReadFully(source, 0, std::as_writable_bytes(std::span(bytes)));
  EXPECT_TRUE(got.ok()) << got.status().message();
  bytes.resize(got.ok() ? *got : 0);
  return bytes;
}

std::vector<std::string> Names(const Result<std::vector<Entry>>& entries) {
  std::vector<std::string> names;
  if (!entries.ok()) return {entries.status().message()};
  for (const Entry& entry : *entries) names.push_back(entry.name + (entry.kind == Kind::kFolder ? "/" : ""));
  return names;
}

// What every store promises, whatever it keeps its bytes in.
enum class Stored { kLocal, kMemory, kS3 };

class AnyStoreTest : public ::testing::TestWithParam<Stored> {
 protected:
  void SetUp() override {
    if (GetParam() != Stored::kS3) return;
    server_.emplace();
    variables_.emplace(server_->Environment());
    RegisterStore("s3", std::make_shared<S3Store>());
  }
  void TearDown() override { RegisterStore("s3", std::make_shared<S3Store>()); }
  std::string Place(const std::string& name) const {
    const std::string front = GetParam() == Stored::kMemory ? "memory:/"
                              : GetParam() == Stored::kS3   ? "s3://footage"
                                                            : scratch_.path().string();
    return front + "/" + name;
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
  std::optional<testing::S3Server> server_;
  std::optional<testing::Variables> variables_;
};

TEST_P(AnyStoreTest, GivesBackWhatWasPut) {
  std::string content(300'000, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7 + i / 256);
  ASSERT_TRUE(Put(Place("a/film.bin"), content).ok());
  const auto source = Open(Place("a/film.bin"));
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->size(), 300'000);
  EXPECT_EQ(ReadAllOf(**source), content);
  std::string part(10, '#');
  EXPECT_EQ(*ReadFully(**source, 1000, std::as_writable_bytes(std::span(part))), 10u);
  EXPECT_EQ(part, content.substr(1000, 10));
  EXPECT_EQ(*ReadFully(**source, 299'995, std::as_writable_bytes(std::span(part))), 5u);
  EXPECT_EQ(*ReadFully(**source, 300'000, std::as_writable_bytes(std::span(part))), 0u);
  EXPECT_EQ(*ReadFully(**source, 400'000, std::as_writable_bytes(std::span(part))), 0u);
  EXPECT_EQ(*HashOf(Place("a/film.bin")), Sha256Hex(content));
  EXPECT_EQ(HashOf(**source, testing::Stopped()).status().code(), StatusCode::kInterrupted);
  ASSERT_TRUE(Put(Place("empty"), "").ok());
  EXPECT_EQ(*HashOf(Place("empty")), Sha256Hex(""));
}

TEST_P(AnyStoreTest, TellsWhatLiesWhere) {
  for (const char* name : {"in/b", "in/a", "in/c/d/e", "in/c/f"}) ASSERT_TRUE(Put(Place(name), name).ok());
  EXPECT_THAT(Names(List(Place("in"))), ElementsAre("a", "b", "c/"));
  EXPECT_THAT(Names(List(Place("in/c"))), ElementsAre("d/", "f"));
  EXPECT_EQ(List(Place("nowhere")).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(*KindOf(Place("in/a")), Kind::kFile);
  EXPECT_EQ(*KindOf(Place("in/c")), Kind::kFolder);
  EXPECT_EQ(*KindOf(Place("in/x")), Kind::kNothing);
  EXPECT_EQ(*RealPlace(Place("in/a")), Place("in/a"));
  EXPECT_EQ(Open(Place("in/x")).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(VersionOf(Place("in/x")).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Open(Place("in/c")).status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(VersionOf(Place("in/c")).status().code(), StatusCode::kUnsupported);
  EXPECT_THAT(Open(Place("in/x")).status().message(), HasSubstr(Place("in/x")));
}

TEST_P(AnyStoreTest, AVersionChangesWithTheContent) {
  ASSERT_TRUE(Put(Place("a"), "one").ok());
  const Version first = *VersionOf(Place("a"));
  const auto source = Open(Place("a"));
  EXPECT_EQ((*source)->version(), first);
  EXPECT_EQ(first.bytes, 3);
  EXPECT_EQ(*VersionOf(Place("a")), first);
  ASSERT_TRUE(Put(Place("a"), "two").ok());
  EXPECT_NE(*VersionOf(Place("a")), first);
  EXPECT_EQ((*source)->version(), first) << "it says as what it was opened";
  if (GetParam() != Stored::kS3) {
    EXPECT_EQ(ReadAllOf(**source), "one") << "and stays that";
  } else {
    std::byte first_byte[1];
    EXPECT_EQ((*source)->ReadAt(0, first_byte).status().code(), StatusCode::kMismatch) << "or gives nothing";
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, AnyStoreTest,
                         ::testing::Values(Stored::kLocal, Stored::kMemory, Stored::kS3),
                         [](const auto& param) {
                           return param.param == Stored::kLocal    ? "Local"
                                  : param.param == Stored::kMemory ? "Memory"
                                                                   : "S3";
                         });

class LocalStoreTest : public ::testing::Test {
 protected:
  std::string Place(const std::string& name) const { return (scratch_.path() / name).string(); }
  testing::ScratchFolder scratch_;
};

TEST_F(LocalStoreTest, PipesSocketsAndDevicesAreRefusedAtOnce) {
  ASSERT_EQ(::mkfifo(Place("pipe").c_str(), 0600), 0);
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  std::strncpy(address.sun_path, Place("socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  fs::create_symlink("/dev/zero", Place("zero"));
  for (const std::string& place : {Place("pipe"), Place("socket"), Place("zero")}) {
    EXPECT_EQ(Open(place).status().code(), StatusCode::kUnsupported) << place;
    EXPECT_EQ(HashOf(place).status().code(), StatusCode::kUnsupported) << place;
    EXPECT_EQ(VersionOf(place).status().code(), StatusCode::kUnsupported) << place;
    EXPECT_EQ(*KindOf(place), Kind::kOther) << place;
    EXPECT_FALSE(IsFile(place)) << place;
  }
  ::close(listening);
}

TEST_F(LocalStoreTest, NoChangeOfAFileIsHidden) {
  ASSERT_TRUE(Put(Place("a"), "one").ok());
  const Version first = *VersionOf(Place("a"));
  // In place, of the same length, with the time of the content set back.
  struct stat before {};
  ASSERT_EQ(::stat(Place("a").c_str(), &before), 0);
  Version now = first;
  for (int tries = 0; tries < 100 && now == first; ++tries) {
    // The system's clock for files is coarse.
    ::usleep(5'000);
    std::ofstream(Place("a"), std::ios::in | std::ios::binary) << "two";
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, Place("a").c_str(), times, 0), 0);
    now = *VersionOf(Place("a"));
  }
  EXPECT_NE(now, first);
  EXPECT_EQ(now.modified_ns, first.modified_ns);
  EXPECT_EQ(now.bytes, first.bytes);
}

TEST_F(LocalStoreTest, LinksAreToldAndFollowed) {
  ASSERT_TRUE(Put(Place("real/a"), "bytes").ok());
  fs::create_directory_symlink(Place("real"), Place("link"));
  fs::create_symlink(Place("nowhere"), Place("dead"));
  const auto entries = List(scratch_.path());
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0].kind, Kind::kLink) << "dead";
  EXPECT_EQ((*entries)[1].kind, Kind::kLink) << "link";
  EXPECT_EQ(*KindOf(Place("link")), Kind::kFolder);
  EXPECT_EQ(*KindOf(Place("link"), Links::kTell), Kind::kLink);
  EXPECT_EQ(*KindOf(Place("dead")), Kind::kNothing);
  EXPECT_EQ(*KindOf(Place("dead"), Links::kTell), Kind::kLink);
  EXPECT_EQ(*RealPlace(Place("link/a")), fs::canonical(Place("real/a")));
  EXPECT_EQ(ReadAllOf(**Open(Place("link/a"))), "bytes");
}

TEST_F(LocalStoreTest, AFileThatGrewIsHashedToTheEndThatItHad) {
  ASSERT_TRUE(Put(Place("a"), "one").ok());
  const auto source = Open(Place("a"));
  std::ofstream(Place("a"), std::ios::app | std::ios::binary) << " and more";
  EXPECT_EQ(*HashOf(**source), Sha256Hex("one"));
  EXPECT_NE((*source)->version(), *VersionOf(Place("a")));
}

TEST(Store, KnowsSchemesFromPaths) {
  EXPECT_EQ(SchemeOf("s3://bucket/film.mp4"), "s3");
  for (const char* path : {"/a/b", "a:b", "C://x", "://x", "/a/s3://b", "a b://c", ""})
    EXPECT_EQ(SchemeOf(path), "") << path;
  EXPECT_EQ(AbsolutePlace("s3://bucket/../film.mp4"), "s3://bucket/%2E%2E/film.mp4")
      << "two dots are a name there";
  EXPECT_EQ(AbsolutePlace("/a/./b/../c"), "/a/c");
  const Status unknown = Open("gopher://here/film.mp4").status();
  EXPECT_EQ(unknown.code(), StatusCode::kUnsupported);
  EXPECT_THAT(unknown.message(), HasSubstr("gopher://"));
  EXPECT_FALSE(KindOf("memory://a").ok()) << "no test has registered it";
}

TEST(FaultingStore, ShortReadsGiveTheSameAndErrorsAreTold) {
  testing::MemoryPlaces memory;
  std::string content;
  for (int i = 0; i < 5000; ++i) content += std::to_string(i);
  ASSERT_TRUE(Put("memory://a", content).ok());
  memory.set_faults({.most_bytes = 7});
  EXPECT_EQ(ReadAllOf(**Open("memory://a")), content);
  EXPECT_EQ(*HashOf("memory://a"), Sha256Hex(content));
  memory.set_faults({.before_read =
                         [](const std::string& place, int64_t read, int64_t) {
                           return read < 3 ? Status() : Status(StatusCode::kIo, place + ": the line is down");
                         },
                     .most_bytes = 1000});
  const auto hash = HashOf("memory://a");
  EXPECT_EQ(hash.status().code(), StatusCode::kIo);
  EXPECT_EQ(hash.status().message(), "memory://a: the line is down");
}

TEST_F(LocalStoreTest, FollowsNoLinkWhereNoneIsAllowed) {
  const testing::ScratchFolder scratch;
  const fs::path folder = fs::canonical(scratch.path());
  fs::create_directories(folder / "films");
  ASSERT_TRUE(WriteFileAtomically(folder / "films/a.mp4", "a film").ok());
  fs::create_symlink("a.mp4", folder / "films/link.mp4");
  fs::create_symlink("films", folder / "linked");
  EXPECT_TRUE(Open((folder / "films/a.mp4").string(), Links::kTell).ok());
  for (const char* place : {"films/link.mp4", "linked/a.mp4"}) {
    EXPECT_TRUE(Open((folder / place).string()).ok()) << place;
    EXPECT_EQ(Open((folder / place).string(), Links::kTell).status().code(), StatusCode::kPermissionDenied);
  }
  EXPECT_EQ(Open((folder / "none").string(), Links::kTell).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Open((folder / "films").string(), Links::kTell).status().code(), StatusCode::kUnsupported);
  EXPECT_FALSE(Open("films/a.mp4", Links::kTell).ok());
}

}  // namespace
}  // namespace crossface::io
