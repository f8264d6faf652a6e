#include "crossface/util/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = Directory::Kind;

class DirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(inside());
    fs::create_directories(outside() / "people");
    ASSERT_TRUE(WriteFileAtomically(outside() / "precious", "mine").ok());
    ASSERT_TRUE(WriteFileAtomically(outside() / "people/precious", "mine too").ok());
  }
  void TearDown() override {
    std::vector<std::string> left;
    for (const auto& entry : fs::recursive_directory_iterator(outside()))
      left.push_back(entry.path().lexically_relative(outside()).string());
    std::sort(left.begin(), left.end());
    EXPECT_THAT(left, ElementsAre("people", "people/precious", "precious"));
    EXPECT_EQ(*ReadFile(outside() / "precious"), "mine");
    EXPECT_EQ(*ReadFile(outside() / "people/precious"), "mine too");
  }
  fs::path inside() const { return scratch_.path() / "case"; }
  fs::path outside() const { return scratch_.path() / "outside"; }
  Directory Open() const { return *Directory::Open(inside()); }
  testing::ScratchFolder scratch_;
};

TEST(InnerPath, StaysBelowItsFolder) {
  using namespace std::string_literals;
  for (const auto& good : {"a"s, "a/b"s, ".a/..b/c..."s, "\xff/ü"s, " "s})
    EXPECT_TRUE(IsInnerPath(good)) << good;
  for (const auto& bad :
       {""s, "/"s, "/a"s, "a/"s, "a//b"s, "."s, ".."s, "a/.."s, "../a"s, "a/../b"s, "a/./b"s, "a\0b"s})
    EXPECT_FALSE(IsInnerPath(bad)) << bad;
}

TEST_F(DirectoryTest, WhatIsWrittenIsReadListedRenamedAndRemoved) {
  const Directory folder = Open();
  ASSERT_TRUE(folder.Write("people/Ada/faces/1.jpg", "picture").ok());
  ASSERT_TRUE(folder.Write("people/Ada/faces/1.jpg", "another", Durability::kSync).ok());
  EXPECT_EQ(*folder.Read("people/Ada/faces/1.jpg"), "another");
  EXPECT_EQ(folder.Look("people/Ada/faces/1.jpg").bytes, 7);
  EXPECT_EQ(folder.Look("people").kind, Kind::kFolder);
  EXPECT_EQ(folder.Look("people/Bea").kind, Kind::kNothing);
  ASSERT_TRUE(folder.AppendLine("run.jsonl", "one").ok());
  ASSERT_TRUE(folder.AppendLine("run.jsonl", "two").ok());
  EXPECT_EQ(*folder.Read("run.jsonl"), "one\ntwo\n");
  ASSERT_TRUE(folder.Rename("people/Ada", "ignored/Ada").ok());
  std::vector<std::string> files;
  ASSERT_TRUE(folder
                  .ForEachFile([&](const std::string& path) {
                    files.push_back(path);
                    return Status();
                  })
                  .ok());
  EXPECT_THAT(files, ElementsAre("run.jsonl", "ignored/Ada/faces/1.jpg"));
  EXPECT_EQ(folder.RemoveFolder("ignored").code(), StatusCode::kIo) << "it is not empty";
  EXPECT_EQ(folder.RemoveFile("ignored/Bea").code(), StatusCode::kNotFound);
  ASSERT_TRUE(folder.RemoveTree("ignored").ok());
  ASSERT_TRUE(folder.RemoveTree("ignored").ok());
  ASSERT_TRUE(folder.RemoveFolder("people").ok());
  EXPECT_EQ(folder.List("")->size(), 1u);
}

TEST_F(DirectoryTest, NamesAreGivenWithoutALookAtWhatTheyAreOf) {
  const Directory folder = Open();
  ASSERT_TRUE(folder.Write("people/1.jpg", "picture").ok());
  fs::create_directory(inside() / ".hidden");
  fs::create_symlink(outside() / "precious", inside() / "link");
  std::vector<std::string> names;
  const auto take = [&](std::string_view name) { names.emplace_back(name); };
  ASSERT_TRUE(folder.ForEachName(take).ok());
  EXPECT_THAT(names, ::testing::UnorderedElementsAre(".hidden", "link", "people"));
  EXPECT_EQ(folder.Look("link").kind, Kind::kOther);
  EXPECT_EQ(folder.Look("..").kind, Kind::kNothing);
  fs::remove_all(inside());
  names.clear();
  ASSERT_TRUE(folder.ForEachName(take).ok()) << "it is still open";
  EXPECT_THAT(names, ElementsAre());
}

TEST_F(DirectoryTest, PathsThatLeadOutAreRefused) {
  const Directory folder = Open();
  for (const std::string& path :
       std::vector<std::string>{"../outside/precious", "people/../../outside/precious",
                                (outside() / "precious").string(), "people/", ""}) {
    EXPECT_EQ(folder.Read(path).status().code(), StatusCode::kInvalidArgument) << path;
    EXPECT_EQ(folder.Write(path, "bad").code(), StatusCode::kInvalidArgument) << path;
    EXPECT_EQ(folder.RemoveFile(path).code(), StatusCode::kInvalidArgument) << path;
    EXPECT_FALSE(folder.Rename("a", path).ok()) << path;
    EXPECT_EQ(folder.Look(path).kind, Kind::kNothing) << path;
  }
  EXPECT_EQ(folder.List("..").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(folder.OpenInside("../outside").status().code(), StatusCode::kInvalidArgument);
}

TEST_F(DirectoryTest, NoLinkIsFollowedAndEachIsNamed) {
  fs::create_symlink(outside() / "people", inside() / "people");
  fs::create_symlink(outside() / "precious", inside() / "faces.csv");
  fs::create_symlink(outside() / "new", inside() / "dangling");
  const Directory folder = Open();
  EXPECT_EQ(folder.Look("faces.csv").kind, Kind::kOther);
  EXPECT_EQ(folder.Look("people/precious").kind, Kind::kNothing);
  for (const Status& refused :
       {folder.Read("people/precious").status(), folder.Write("people/precious", "bad"),
        folder.RemoveFile("people/precious"), folder.CreateFolders("people/Ada"),
        folder.List("people").status(), folder.Rename("people/precious", "mine"),
        folder.Read("faces.csv").status(), folder.OpenForChange("faces.csv").status(),
        folder.AppendLine("dangling", "bad"), folder.OpenInside("people", true).status()}) {
    EXPECT_EQ(refused.code(), StatusCode::kPermissionDenied) << refused.message();
    EXPECT_THAT(refused.message(), HasSubstr("is a link to somewhere else"));
  }
  ASSERT_TRUE(folder.Write("faces.csv", "rows").ok());
  EXPECT_EQ(folder.Look("faces.csv").kind, Kind::kFile);
  ASSERT_TRUE(folder.RemoveTree("people").ok());
  EXPECT_FALSE(fs::exists(fs::symlink_status(inside() / "people")));
}

TEST_F(DirectoryTest, ATreeWithLinksIsRemovedWithoutWhatTheyLeadTo) {
  const Directory folder = Open();
  ASSERT_TRUE(folder.Write("search/deep/file", "x").ok());
  fs::create_directory_symlink(outside(), inside() / "search/deep/out");
  fs::create_directory_symlink(inside() / "search", inside() / "search/deep/round");
  ASSERT_TRUE(folder.RemoveTree("search").ok());
  EXPECT_FALSE(fs::exists(inside() / "search"));
}

TEST_F(DirectoryTest, PipesAndDevicesAreRefusedAtOnce) {
  ASSERT_EQ(::mkfifo((inside() / "run.jsonl").c_str(), 0600), 0);
  const Directory folder = Open();
  EXPECT_EQ(folder.Look("run.jsonl").kind, Kind::kOther);
  EXPECT_EQ(folder.Read("run.jsonl").status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(folder.AppendLine("run.jsonl", "x").code(), StatusCode::kPermissionDenied);
  fs::create_symlink("/dev/zero", inside() / "zero");
  EXPECT_FALSE(folder.Read("zero").ok());
}

TEST_F(DirectoryTest, AFileWithAnotherNameIsReadButNotChanged) {
  fs::create_hard_link(outside() / "precious", inside() / "run.jsonl");
  const Directory folder = Open();
  EXPECT_EQ(*folder.Read("run.jsonl"), "mine");
  const Status refused = folder.AppendLine("run.jsonl", "bad");
  EXPECT_EQ(refused.code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(refused.message(), HasSubstr("hard link"));
  EXPECT_TRUE(folder.Write("run.jsonl", "its own").ok());
}

TEST_F(DirectoryTest, TakenTemporaryNamesAreNotFollowed) {
  const Directory folder = Open();
  const std::string next = folder.CreateTemporary("")->path;
  const size_t dash = next.rfind('-');
  const int number = std::stoi(next.substr(dash + 1));
  for (int i = number + 1; i < number + 20; ++i)
    fs::create_symlink(outside() / "precious",
                       inside() / (next.substr(0, dash + 1) + std::to_string(i) + ".tmp"));
  ASSERT_TRUE(folder.Write("faces.csv", "rows").ok());
  EXPECT_EQ(*folder.Read("faces.csv"), "rows");
}

TEST_F(DirectoryTest, TheFolderItselfMayBeReachedByALink) {
  fs::create_directory_symlink(inside(), scratch_.path() / "link");
  const auto folder = Directory::Open(scratch_.path() / "link");
  ASSERT_TRUE(folder.ok());
  EXPECT_TRUE(folder->Write("a", "b").ok());
  EXPECT_EQ(*ReadFile(inside() / "a"), "b");
  EXPECT_EQ(Directory::Open(scratch_.path() / "nothing").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace crossface
