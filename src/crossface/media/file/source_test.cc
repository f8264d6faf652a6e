#include "crossface/media/file/source.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

// The beginning of a PNG and of an MP4 file.
const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0\x4bm)\xdc", 33);
const std::string kMp4(
    "\0\0\0\x20"
    "ftypisom\0\0\2\0isomiso2avc1mp41\0\0\0\x08"
    "free\0\0\0\x08mdat\0\0\0\x08moov",
    56);

class FindSourcesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Put("videos/a.mp4");
    Put("videos/sub/b.MOV");
    Put("videos/sub/deep/photo.JPG");
  }
  fs::path Put(const fs::path& relative, const std::string& content = "x") const {
    EXPECT_TRUE(WriteFileAtomically(root() / relative, content).ok());
    return root() / relative;
  }
  fs::path root() const { return scratch_.path(); }
  static std::vector<std::string> Names(const Result<SourceSearch>& search) {
    std::vector<std::string> names;
    for (const SourceFile& file : search->files) names.push_back(file.name);
    return names;
  }
  std::vector<std::string> Find(const std::vector<fs::path>& roots) const {
    const auto search = FindSources(roots);
    EXPECT_TRUE(search.ok()) << search.status().message();
    return Names(search);
  }
  using Strings = std::vector<std::string>;
  testing::ScratchFolder scratch_;
};

TEST_F(FindSourcesTest, ListsMediaBelowAFolderByRelativeName) {
  Put("videos/notes.txt", "not a video");
  Put("videos/table.csv", "a,b\r\n1,2\r\n");
  Put("videos/.hidden.mp4");
  Put("videos/.git/c.mp4");
  EXPECT_EQ(Find({root() / "videos"}), (Strings{"a.mp4", "sub/b.MOV", "sub/deep/photo.JPG"}));
  const auto search = FindSources({root() / "videos/"});
  EXPECT_EQ(search->files[1].path, root() / "videos/sub/b.MOV");
}

TEST_F(FindSourcesTest, RecognisesFilesByContentWhereTheNameSaysNothing) {
  Put("videos/recording", kMp4);
  Put("videos/picture.dat", kPng);
  Put("videos/disguised.txt", kMp4);
  Put("videos/plain.dat", "nothing to see");
  EXPECT_EQ(Find({root() / "videos"}), (Strings{"a.mp4", "disguised.txt", "picture.dat", "recording",
                                                "sub/b.MOV", "sub/deep/photo.JPG"}));
}

TEST_F(FindSourcesTest, TakesAFileThatIsNamedWhateverItIs) {
  Put("notes.txt", "not a video");
  EXPECT_EQ(Find({root() / "notes.txt", root() / "videos/a.mp4"}), (Strings{"a.mp4", "notes.txt"}));
}

TEST_F(FindSourcesTest, ListsNoFileTwice) {
  EXPECT_EQ(Find({root() / "videos", root() / "videos/sub", root() / "videos/a.mp4", root() / "videos"}),
            (Strings{"a.mp4", "sub/b.MOV", "sub/deep/photo.JPG"}));
}

TEST_F(FindSourcesTest, PutsTheFoldersNameInFrontWhereNamesClash) {
  Put("other/a.mp4");
  Put("other/z.mp4");
  EXPECT_EQ(Find({root() / "videos", root() / "other"}),
            (Strings{"other/a.mp4", "sub/b.MOV", "sub/deep/photo.JPG", "videos/a.mp4", "z.mp4"}));
  Put("x/same/a.mp4");
  Put("y/same/a.mp4");
  EXPECT_EQ(Find({root() / "x/same", root() / "y/same"}), (Strings{"x/same/a.mp4", "y/same/a.mp4"}));
}

TEST_F(FindSourcesTest, FollowsLinksOnceAndSurvivesLoops) {
  fs::create_directory_symlink("..", root() / "videos/sub/up");
  fs::create_symlink("self", root() / "videos/self");
  fs::create_symlink("gone.mp4", root() / "videos/broken.mp4");
  fs::create_symlink("a.mp4", root() / "videos/0_alias.mp4");
  Put("elsewhere/c.mp4");
  fs::create_directory_symlink(root() / "elsewhere", root() / "videos/linked");
  EXPECT_EQ(Find({root() / "videos"}), (Strings{"a.mp4", "linked/c.mp4", "sub/b.MOV", "sub/deep/photo.JPG"}));
}

TEST_F(FindSourcesTest, LeavesCasesOut) {
  Put("videos/case/crossface.db");
  Put("videos/case/people/person-0001/portrait.jpg");
  Put("videos/case/top.mp4");
  EXPECT_EQ(Find({root() / "videos"}), (Strings{"a.mp4", "sub/b.MOV", "sub/deep/photo.JPG"}));
  // A case among the videos themselves: only what was exported is left out.
  Put("videos/crossface.db");
  Put("videos/people/person-0001/portrait.jpg");
  Put("videos/unassigned/faces/f.jpg");
  EXPECT_EQ(Find({root() / "videos"}), (Strings{"a.mp4", "sub/b.MOV", "sub/deep/photo.JPG"}));
}

TEST_F(FindSourcesTest, WhatCrossfaceWroteIsNeverFootage) {
  Put("case/crossface.db");
  for (const char* folder : {"people", "ignored", "unassigned", "search"}) {
    Put(std::string("case/") + folder + "/person-0001/faces/a.jpg");
    Put(std::string("videos/") + folder + "/mine.mp4");
  }
  Put("case/footage/b.mp4");
  EXPECT_EQ(Find({root() / "case"}), (Strings{"footage/b.mp4"}));
  for (const char* inside : {"people", "ignored", "unassigned/person-0001", "ignored/person-0001/faces"}) {
    const auto refused = FindSources({root() / "case" / inside});
    EXPECT_EQ(refused.status().code(), StatusCode::kInvalidArgument) << inside;
  }
  fs::create_directory_symlink(root() / "case/ignored", root() / "videos/linked");
  fs::create_directory_symlink(root() / "case/people/person-0001", root() / "videos/linked too");
  EXPECT_EQ(Find({root() / "videos"}),
            (Strings{"a.mp4", "ignored/mine.mp4", "people/mine.mp4", "search/mine.mp4", "sub/b.MOV",
                     "sub/deep/photo.JPG", "unassigned/mine.mp4"}));
}

TEST_F(FindSourcesTest, DoesNotWaitForPipes) {
  ASSERT_EQ(::mkfifo((root() / "videos/pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((root() / "videos/pipe.mp4").c_str(), 0600), 0);
  EXPECT_EQ(Find({root() / "videos"}), (Strings{"a.mp4", "sub/b.MOV", "sub/deep/photo.JPG"}));
}

TEST_F(FindSourcesTest, RefusesAPipeSocketOrDeviceThatIsNamedAtOnce) {
  const fs::path pipe = root() / "pipe.mp4", link = root() / "link.mp4", socket_path = root() / "s";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  fs::create_symlink(pipe, link);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  ASSERT_LT(socket_path.native().size(), sizeof address.sun_path);
  std::copy_n(socket_path.c_str(), socket_path.native().size() + 1, address.sun_path);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  for (const fs::path& named : {pipe, link, socket_path, fs::path("/dev/zero"), fs::path("/dev/stdin"),
                                fs::path("/proc/self/fd/0")}) {
    const Status status = FindSources({root() / "videos", named}).status();
    EXPECT_EQ(status.code(), StatusCode::kUnsupported) << named;
    EXPECT_NE(status.message().find(named.string() + ": is a pipe"), std::string::npos) << status.message();
  }
  EXPECT_EQ(Sha256OfFile(pipe).status().code(), StatusCode::kUnsupported) << "it would wait for a writer";
}

TEST_F(FindSourcesTest, CountsWhatItLeavesOut) {
  EXPECT_EQ(FindSources({root() / "videos"})->left_out, LeftOut());
  EXPECT_EQ(LeftOutText({}), "");
  Put("videos/.hidden.mp4");
  Put("videos/.git/c.mp4");
  Put("videos/.git/d.mp4");
  Put("videos/notes.txt", "not a video");
  Put("videos/sub/archive.zip", "PK");
  Put("videos/sub/player.exe", "MZ");
  Put("videos/case/crossface.db");
  ASSERT_EQ(::mkfifo((root() / "videos/pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", root() / "videos/to_pipe");
  fs::create_symlink("gone.mp4", root() / "videos/broken.mp4");
  const auto search = FindSources({root() / "videos"});
  EXPECT_EQ(search->left_out,
            (LeftOut{.hidden = 2, .other_files = 3, .special = 2, .dead_links = 1, .cases = 1}));
  EXPECT_EQ(
      LeftOutText(search->left_out),
      "not looked at: 2 hidden files and folders (their names begin with a dot), 3 files that hold neither "
      "video nor picture, 2 pipes, sockets or devices, 1 link to nothing, 1 folder of a case; a file or "
      "folder "
      "that is named itself is looked at");
  EXPECT_EQ(FindSources({root() / "videos/.hidden.mp4", root() / "videos/.git"})->files.size(), 3u);
}

TEST_F(FindSourcesTest, NamesAreValidUtf8) {
  Put("odd/gr\xFC\xDF.mp4");
  Put("odd/gr%FC%DF.mp4");
  Put("odd/Übung, \"1\".mp4");
  EXPECT_EQ(Find({root() / "odd"}), (Strings{"gr%FC%DF.mp4", "gr%FC%DF.mp4 (2)", "Übung, \"1\".mp4"}));
}

TEST_F(FindSourcesTest, SaysWhatIsMissing) {
  const auto search = FindSources({root() / "videos", root() / "nowhere"});
  EXPECT_EQ(search.status().code(), StatusCode::kNotFound);
  EXPECT_NE(search.status().message().find("nowhere"), std::string::npos);
  fs::create_directory(root() / "empty");
  EXPECT_TRUE(Find({root() / "empty"}).empty());
}

// As another user than the super-user, who may list anything.
TEST_F(FindSourcesTest, GoesPastFoldersItMayNotList) {
  ASSERT_EQ(::chmod(root().c_str(), 0755), 0);
  ASSERT_EQ(::chmod((root() / "videos/sub").c_str(), 0), 0);
  const auto search_as_other = [&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) std::_Exit(2);
    const auto search = FindSources({root() / "videos"});
    if (!search.ok() || Names(search) != Strings{"a.mp4"} || search->unreadable.size() != 1) std::_Exit(3);
    if (search->unreadable[0].message().find("videos/sub") == std::string::npos) std::_Exit(4);
    std::_Exit(FindSources({root() / "videos/sub"}).status().code() == StatusCode::kPermissionDenied ? 0 : 5);
  };
  EXPECT_EXIT(search_as_other(), ::testing::ExitedWithCode(0), "");
  ASSERT_EQ(::chmod((root() / "videos/sub").c_str(), 0755), 0);
}

TEST_F(FindSourcesTest, TakesTenThousandStillsInNestedFolders) {
  for (int folder = 0; folder < 100; ++folder) {
    fs::create_directories(root() / "many" / std::to_string(folder % 10) / std::to_string(folder));
    for (int i = 0; i < 100; ++i) {
      std::ofstream(root() / "many" / std::to_string(folder % 10) / std::to_string(folder) /
                    (std::to_string(i) + ".jpg"))
          << 'x';
    }
  }
  const auto names = Find({root() / "many"});
  EXPECT_EQ(names.size(), 10'000u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST(HasImageExtension, LooksAtTheNameOnly) {
  EXPECT_TRUE(HasImageExtension("a.JPEG"));
  EXPECT_TRUE(HasImageExtension("x/y.webp"));
  EXPECT_FALSE(HasImageExtension("a.mp4"));
  EXPECT_FALSE(HasImageExtension("jpg"));
}

}  // namespace
}  // namespace crossface
