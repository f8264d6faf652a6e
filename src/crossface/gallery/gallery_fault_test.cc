// What is left of a gallery after kills, full disks and damage.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "crossface/gallery/gallery.h"
#include "crossface/gallery/schema.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using testing::ScratchFolder;

constexpr int64_t kTracksPerChunk = 3;
constexpr int64_t kFacesPerTrack = 4;

// One shot's tracks: chunk c holds the tracks 3c + 1 to 3c + 3.
std::vector<TrackRecord> MakeChunk(int64_t chunk) {
  std::vector<TrackRecord> tracks;
  for (int64_t i = 0; i < kTracksPerChunk; ++i) {
    TrackRecord track;
    track.number = chunk * kTracksPerChunk + i + 1;
    for (int64_t number = 1; number <= kFacesPerTrack; ++number) {
      FaceRecord face;
      face.number = number;
      face.jpeg = std::string(3000, static_cast<char>('a' + number));
      face.embeddings = {{"m", "hash", std::vector<float>(512, static_cast<float>(chunk))}};
      track.faces.push_back(face);
    }
    track.templates = {{"m", "hash", std::vector<float>(512, static_cast<float>(track.number))}};
    tracks.push_back(track);
  }
  return tracks;
}

ScanCheckpoint AfterChunk(int64_t chunk) { return {.next_frame = (chunk + 1) * 100, .next_shot = chunk + 1}; }

class GalleryFault : public ::testing::Test {
 protected:
  std::filesystem::path folder() const { return scratch_.path() / "case"; }
  std::filesystem::path database() const { return folder() / "crossface.db"; }

  int64_t CreateWithOneSource() {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
    SourceRecord source;
    source.name = "a.mp4";
    source.state = SourceState::kScanning;
    return *(*gallery)->WriteSource(source);
  }

  // The case holds the chunks 0 to n - 1, each whole, and the checkpoint after them; returns n.
  int64_t ExpectWholeChunks(int64_t source) {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    EXPECT_TRUE(gallery.ok()) << gallery.status().message();
    const int64_t chunks = (*gallery)->ReadCheckpoint(source)->next_shot;
    EXPECT_EQ((*gallery)->ReadCheckpoint(source)->next_frame, chunks * 100);
    const auto tracks = *(*gallery)->ReadTracks({.faces = true, .embeddings = true, .templates = true});
    EXPECT_EQ(static_cast<int64_t>(tracks.size()), chunks * kTracksPerChunk);
    for (size_t i = 0; i < tracks.size(); ++i) {
      EXPECT_EQ(tracks[i].number, static_cast<int64_t>(i) + 1);
      EXPECT_EQ(tracks[i].templates.at(0).vector.at(511), static_cast<float>(tracks[i].number));
      EXPECT_EQ(static_cast<int64_t>(tracks[i].faces.size()), kFacesPerTrack);
      for (const FaceRecord& face : tracks[i].faces) {
        EXPECT_EQ((*gallery)->ReadFacePicture(face.id)->size(), 3000u);
        EXPECT_EQ(face.embeddings.size(), 1u);
      }
    }
    EXPECT_EQ((*gallery)->ReadSources()->at(0).tracks, chunks * kTracksPerChunk);
    return chunks;
  }

  ScratchFolder scratch_;
};

// Runs in a child process: appends chunks for ever, and tells each on the pipe after it was acknowledged.
[[noreturn]] void AppendForEver(const std::filesystem::path& folder, int64_t source, int64_t chunk,
                                int pipe) {
  auto gallery = Gallery::Open(folder, Gallery::Mode::kWrite);
  if (!gallery.ok()) ::_exit(1);
  for (;; ++chunk) {
    if (!(*gallery)->AppendTracks(source, MakeChunk(chunk), AfterChunk(chunk)).ok()) ::_exit(2);
    const int64_t acknowledged = chunk + 1;
    if (::write(pipe, &acknowledged, sizeof acknowledged) != sizeof acknowledged) ::_exit(3);
  }
}

TEST_F(GalleryFault, KilledAtAnyMomentItHoldsAllThatWasAcknowledgedAndNothingHalf) {
  const int64_t source = CreateWithOneSource();
  std::minstd_rand random(20);
  int64_t stored = 0;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) AppendForEver(folder(), source, stored, ends[1]);
    ::close(ends[1]);
    int64_t acknowledged = stored, told = 0;
    const auto wanted = static_cast<int>(random() % 5) + 1;
    for (int i = 0; i < wanted && ::read(ends[0], &told, sizeof told) == sizeof told; ++i)
      acknowledged = told;
    ::usleep(static_cast<useconds_t>(random() % 20'000));
    ::kill(child, SIGKILL);
    int how = 0;
    ASSERT_EQ(::waitpid(child, &how, 0), child);
    ASSERT_TRUE(WIFSIGNALED(how)) << "the child ended by itself with " << WEXITSTATUS(how);
    while (::read(ends[0], &told, sizeof told) == sizeof told) acknowledged = told;
    ::close(ends[0]);
    EXPECT_GT(acknowledged, stored);
    stored = ExpectWholeChunks(source);
    EXPECT_GE(stored, acknowledged);
    EXPECT_LE(stored, acknowledged + 1);
  }
}

// Runs in a child process: appends until there is no space. 0 when the gallery behaved.
int AppendUntilFull(const std::filesystem::path& folder, int64_t source) {
  auto gallery = Gallery::Open(folder, Gallery::Mode::kWrite);
  if (!gallery.ok()) return 11;
  for (int64_t chunk = 0; chunk < 1000; ++chunk) {
    const Status status = (*gallery)->AppendTracks(source, MakeChunk(chunk), AfterChunk(chunk));
    if (status.ok()) continue;
    if (status.code() != StatusCode::kOutOfResources) return 12;
    if (status.message().find("crossface.db: free disk space and run the same command again") ==
        std::string::npos)
      return 13;
    // It can still be read.
    const auto tracks = (*gallery)->ReadTracks({});
    return tracks.ok() && static_cast<int64_t>(tracks->size()) == chunk * kTracksPerChunk ? 0 : 14;
  }
  return 15;
}

TEST_F(GalleryFault, LargestFileSizeIsToldAndGoneOnFromAfterwards) {
  const int64_t source = CreateWithOneSource();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {2 << 20, 2 << 20};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(10);
    ::_exit(AppendUntilFull(folder(), source));
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  ASSERT_TRUE(WIFEXITED(how));
  ASSERT_EQ(WEXITSTATUS(how), 0);
  const int64_t chunks = ExpectWholeChunks(source);
  EXPECT_GT(chunks, 3);
  {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    ASSERT_TRUE((*gallery)->AppendTracks(source, MakeChunk(chunks), AfterChunk(chunks)).ok());
  }
  EXPECT_EQ(ExpectWholeChunks(source), chunks + 1);
}

TEST_F(GalleryFault, FullDiskIsTold) {
  constexpr int kCannotMount = 77;
  std::filesystem::create_directories(folder());
  const pid_t child = ::fork();
  if (child == 0) {
    // A file system of its own that only this process sees.
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(kCannotMount);
    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::mount("none", folder().c_str(), "tmpfs", 0, "size=3m") != 0) ::_exit(kCannotMount);
    ::_exit(AppendUntilFull(folder(), CreateWithOneSource()));
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  ASSERT_TRUE(WIFEXITED(how));
  if (WEXITSTATUS(how) == kCannotMount) GTEST_SKIP() << "this machine lets nobody mount a small file system";
  EXPECT_EQ(WEXITSTATUS(how), 0);
}

TEST_F(GalleryFault, RandomBytesAreNoGallery) {
  std::filesystem::create_directories(folder());
  std::minstd_rand random(1);
  std::string bytes(50'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  ASSERT_TRUE(WriteFileAtomically(database(), bytes).ok());
  for (const auto mode : {Gallery::Mode::kCreate, Gallery::Mode::kWrite, Gallery::Mode::kRead}) {
    const Status status = Gallery::Open(folder(), mode).status();
    EXPECT_EQ(status.code(), StatusCode::kCorrupt);
    EXPECT_THAT(status.message(), HasSubstr("crossface.db is damaged"));
  }
  EXPECT_EQ(*ReadFile(database()), bytes);
}

TEST_F(GalleryFault, TruncatedGalleryIsToldAtWhateverByte) {
  const int64_t source = CreateWithOneSource();
  {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    for (int64_t chunk = 0; chunk < 3; ++chunk) {
      ASSERT_TRUE((*gallery)->AppendTracks(source, MakeChunk(chunk), AfterChunk(chunk)).ok());
    }
  }
  const std::string whole = *ReadFile(database());
  std::minstd_rand random(5);
  for (int round = 0; round < 40; ++round) {
    const size_t size = 1 + random() % (whole.size() - 1);
    ASSERT_TRUE(WriteFileAtomically(database(), whole.substr(0, size)).ok());
    const Status status = Gallery::Open(folder(), Gallery::Mode::kWrite).status();
    EXPECT_EQ(status.code(), StatusCode::kCorrupt)
        << size << " of " << whole.size() << ": " << status.message();
  }
}

TEST_F(GalleryFault, DamageInTheMiddleNeverCrashes) {
  const int64_t source = CreateWithOneSource();
  {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
    for (int64_t chunk = 0; chunk < 3; ++chunk) {
      ASSERT_TRUE((*gallery)->AppendTracks(source, MakeChunk(chunk), AfterChunk(chunk)).ok());
    }
  }
  const std::string whole = *ReadFile(database());
  std::minstd_rand random(6);
  int told = 0;
  for (int round = 0; round < 40; ++round) {
    std::string damaged = whole;
    const size_t begin = 100 + random() % (damaged.size() - 4196);
    for (size_t i = 0; i < 4096; ++i) damaged[begin + i] = static_cast<char>(random());
    ASSERT_TRUE(WriteFileAtomically(database(), damaged).ok());
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kRead);
    Status status = gallery.status();
    if (gallery.ok())
      status = (*gallery)->ReadTracks({.faces = true, .embeddings = true, .templates = true}).status();
    if (gallery.ok() && status.ok()) status = (*gallery)->ReadSources().status();
    told += status.code() == StatusCode::kCorrupt;
  }
  EXPECT_GT(told, 0);
}

TEST_F(GalleryFault, EmptyDatabaseOfAnInterruptedBeginningIsCompleted) {
  std::filesystem::create_directories(folder());
  std::ofstream(database()).flush();
  auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
  ASSERT_TRUE(gallery.ok()) << gallery.status().message();
  EXPECT_TRUE((*gallery)->ReadSources()->empty());
}

TEST_F(GalleryFault, NewerGalleryAndOtherProgramsDatabasesAreRefusedUntouched) {
  CreateWithOneSource();
  SQLite::Database(database().native(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  for (const auto mode : {Gallery::Mode::kCreate, Gallery::Mode::kWrite, Gallery::Mode::kRead}) {
    const Status newer = Gallery::Open(folder(), mode).status();
    EXPECT_EQ(newer.code(), StatusCode::kUnsupported);
    EXPECT_THAT(
        newer.message(),
        HasSubstr("written by crossface schema 99; this program knows up to 12; install the newer version"));
  }
  std::filesystem::remove(database());
  SQLite::Database(database().native(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE bookmarks(url)");
  const std::string before = *ReadFile(database());
  const Status other = Gallery::Open(folder(), Gallery::Mode::kCreate).status();
  EXPECT_EQ(other.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(other.message(), HasSubstr("another program"));
  EXPECT_EQ(*ReadFile(database()), before);
}

TEST_F(GalleryFault, MigrationsRunInOrderOnceAndAFailedOneLeavesTheOldVersion) {
  SQLite::Database old((scratch_.path() / "x.db").native(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const std::vector<std::string_view> first = {"CREATE TABLE t(a)"};
  const std::vector<std::string_view> broken = {first[0], "ALTER TABLE t ADD COLUMN b", "nonsense"};
  const std::vector<std::string_view> second = {first[0], "ALTER TABLE t ADD COLUMN b",
                                                "INSERT INTO t(a, b) VALUES (1, 2)"};
  ASSERT_TRUE(Migrate(old, first).ok());
  EXPECT_THROW((void)Migrate(old, broken), SQLite::Exception);
  EXPECT_EQ(old.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(old.execAndGet("SELECT count(*) FROM pragma_table_info('t')").getInt(), 1);
  ASSERT_TRUE(Migrate(old, second).ok());
  ASSERT_TRUE(Migrate(old, second).ok());
  EXPECT_EQ(old.execAndGet("SELECT count(*) FROM t").getInt(), 1);
  EXPECT_EQ(Migrate(old, first).code(), StatusCode::kUnsupported);
}

TEST_F(GalleryFault, CaseOnAReadOnlyFolderCanBeRead) {
  CreateWithOneSource();
  if (::geteuid() == 0) {
    // The superuser writes everywhere, so as another user.
    ASSERT_EQ(::chmod(scratch_.path().c_str(), 0755), 0);
  }
  std::filesystem::remove(folder() / "crossface.lock");
  std::filesystem::permissions(folder(), std::filesystem::perms(0555));
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(1);
    auto reader = Gallery::Open(folder(), Gallery::Mode::kRead);
    if (!reader.ok() || (*reader)->ReadSources()->size() != 1) ::_exit(2);
    const Status status = Gallery::Open(folder(), Gallery::Mode::kWrite).status();
    ::_exit(status.code() == StatusCode::kPermissionDenied ? 0 : 3);
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  std::filesystem::permissions(folder(), std::filesystem::perms(0755));
  EXPECT_EQ(how, 0);
}

}  // namespace
}  // namespace crossface
