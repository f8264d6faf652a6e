#include "crossface/gallery/template_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kDimensions = 24;

std::vector<float> UnitVector(uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDimensions);
  float squares = 0;
  for (float& value : vector) {
    value = normal(random);
    squares += value * value;
  }
  for (float& value : vector) value /= std::sqrt(squares);
  return vector;
}

class TemplateIndexTest : public ::testing::Test {
 protected:
  std::filesystem::path case_folder() const { return scratch_.path(); }
  std::filesystem::path folder() const { return case_folder() / TemplateIndex::kFolder; }
  Directory Root() const { return *Directory::Open(case_folder()); }
  Status Save(const TemplateIndex& index) const {
    return index.Save(*Root().OpenInside(TemplateIndex::kFolder, true));
  }
  std::unique_ptr<TemplateIndex> Make(int64_t tracks) {
    auto index = std::make_unique<TemplateIndex>(kDimensions, "faces", 10);
    for (int64_t id = 1; id <= tracks; ++id) index->Add(id, 10 * id, UnitVector(static_cast<uint32_t>(id)));
    return index;
  }
  Result<std::unique_ptr<TemplateIndex>> Load(const std::string& identity = "faces",
                                              TemplateIndexOptions options = {}) {
    const auto opened = Root().OpenInside(TemplateIndex::kFolder);
    if (!opened.ok()) return opened.status();
    return TemplateIndex::Load(*opened, kDimensions, identity, options);
  }
  std::vector<std::filesystem::path> Files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(TemplateIndexTest, FindsEveryVectorByItselfBeforeAndAfterItWasSaved) {
  const auto made = Make(300);
  ASSERT_TRUE(Save(*made).ok());
  const auto loaded = Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  EXPECT_EQ((*loaded)->versions(), made->versions());
  EXPECT_EQ((*loaded)->versions().at(300), 3000);
  for (uint32_t id = 1; id <= 300; ++id) {
    const auto found = made->Nearest(UnitVector(id), 5);
    ASSERT_EQ(found.size(), 5u);
    EXPECT_EQ(found.front(), id);
    EXPECT_EQ((*loaded)->Nearest(UnitVector(id), 5), found);
  }
  EXPECT_THAT(*CheckTemplateIndex(Root()), IsEmpty());
}

TEST_F(TemplateIndexTest, TheNearestComeInTheOrderOfTheirInnerProducts) {
  const auto index = Make(200);
  const std::vector<float> question = UnitVector(9999);
  std::vector<std::pair<float, int64_t>> products;
  for (uint32_t id = 1; id <= 200; ++id) {
    const std::vector<float> vector = UnitVector(id);
    float product = 0;
    for (int d = 0; d < kDimensions; ++d) product += vector[d] * question[d];
    products.emplace_back(-product, id);
  }
  std::sort(products.begin(), products.end());
  const auto found = index->Nearest(question, 10);
  ASSERT_EQ(found.size(), 10u);
  for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], products[i].second) << i;
}

TEST_F(TemplateIndexTest, WhatWasRemovedIsNotProposedAnyMoreAndWhatWasAddedLaterIs) {
  auto index = Make(100);
  index->Remove(42);
  ASSERT_TRUE(Save(*index).ok());
  auto loaded = std::move(*Load());
  EXPECT_EQ(loaded->removed(), 1u);
  EXPECT_FALSE(loaded->versions().contains(42));
  EXPECT_THAT(loaded->Nearest(UnitVector(42), 100), Not(Contains(42)));
  for (int64_t id = 101; id <= 250; ++id) loaded->Add(id, 1, UnitVector(static_cast<uint32_t>(id)));
  ASSERT_TRUE(Save(*loaded).ok());
  loaded = std::move(*Load());
  EXPECT_EQ(loaded->Nearest(UnitVector(250), 1), std::vector<int64_t>{250});
  EXPECT_THAT(loaded->Nearest(UnitVector(42), 250), Not(Contains(42)));
  EXPECT_EQ(Files().size(), 2u) << "the former graph was left behind";
  EXPECT_THROW(loaded->Add(7, 1, UnitVector(7)), std::logic_error);
  EXPECT_THROW(loaded->Add(42, 1, UnitVector(42)), std::logic_error);
  EXPECT_THROW(loaded->Add(999, 1, std::vector<float>(3)), std::logic_error);
}

TEST_F(TemplateIndexTest, IsLoadedOnlyUnderItsIdentityAndSettings) {
  EXPECT_EQ(Load().status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(Save(*Make(5)).ok());
  EXPECT_TRUE(Load().ok());
  EXPECT_EQ(Load("other faces").status().code(), StatusCode::kMismatch);
  EXPECT_EQ(Load("faces", {.links = 8}).status().code(), StatusCode::kMismatch);
  EXPECT_EQ(TemplateIndex::Load(*Root().OpenInside(TemplateIndex::kFolder), kDimensions + 1, "faces")
                .status()
                .code(),
            StatusCode::kMismatch);
  EXPECT_TRUE(Load("faces", {.breadth = 7}).ok()) << "how it is asked is no part of what it is";
}

TEST_F(TemplateIndexTest, EveryChangedOrMissingByteIsNoticed) {
  ASSERT_TRUE(Save(*Make(40)).ok());
  std::mt19937 random(5);
  for (const auto& file : Files()) {
    const std::string sound = *ReadFile(file);
    for (int trial = 0; trial < 40; ++trial) {
      std::string damaged = sound;
      const size_t place = random() % damaged.size();
      trial % 2 == 0 ? damaged.resize(place)
                     : void(damaged[place] = static_cast<char>(damaged[place] ^ 0x10));
      ASSERT_TRUE(WriteFileAtomically(file, damaged).ok());
      EXPECT_FALSE(Load().ok()) << file << " at " << place;
      EXPECT_THAT(*CheckTemplateIndex(Root()), Not(IsEmpty())) << file << " at " << place;
    }
    ASSERT_TRUE(WriteFileAtomically(file, sound).ok());
    ASSERT_TRUE(Load().ok());
    std::filesystem::remove(file);
    EXPECT_FALSE(Load().ok());
    ASSERT_TRUE(WriteFileAtomically(file, sound).ok());
  }
  ASSERT_TRUE(WriteFileAtomically(folder() / "notes.txt", "mine").ok());
  const auto problems = *CheckTemplateIndex(Root());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].path, "search/notes.txt");
  EXPECT_TRUE(problems[0].extra);
}

// Whoever makes a file to do harm makes the sums fit. hnswlib would follow every number in it.
TEST_F(TemplateIndexTest, AGraphThatLeadsOutOfItselfIsNotLoadedThoughItsSumFits) {
  ASSERT_TRUE(Save(*Make(300)).ok());
  const auto files = Files();
  const std::string list = *ReadFile(folder() / "tracks.index"), sound = *ReadFile(files[0]);
  ASSERT_THAT(files[0].filename().string(), ::testing::StartsWith("graph-"));
  const std::string old_sum = Sha256Hex(sound);
  std::mt19937 random(7);
  int refused = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::string graph = sound;
    // Numbers of the head, of lists and behind the nodes, to something far off.
    const size_t place = trial < 96 ? static_cast<size_t>(trial) : random() % (graph.size() - 4);
    graph[place] = static_cast<char>(graph[place] ^ (trial % 3 == 0 ? 0x80 : 0x7f));
    if (trial % 5 == 4) graph.resize(graph.size() - random() % 64);
    const std::string sum = Sha256Hex(graph);
    std::string body = list.substr(65);
    body.replace(0, 64, sum);
    std::filesystem::remove_all(folder());
    ASSERT_TRUE(WriteFileAtomically(folder() / ("graph-" + sum.substr(0, 16) + ".hnsw"), graph).ok());
    ASSERT_TRUE(WriteFileAtomically(folder() / "tracks.index", Sha256Hex(body) + "\n" + body).ok());
    const auto loaded = Load();
    if (!loaded.ok()) {
      EXPECT_EQ(loaded.status().code(), StatusCode::kCorrupt);
      ++refused;
      continue;
    }
    // Vectors may have changed: that leads nowhere.
    (*loaded)->Nearest(UnitVector(3), 20);
    for (int64_t id = 1000; id < 1010; ++id) (*loaded)->Add(id, 1, UnitVector(static_cast<uint32_t>(id)));
  }
  EXPECT_GT(refused, 100);
}

TEST_F(TemplateIndexTest, AFullDiskLeavesTheFormerIndexAndNothingElse) {
  ASSERT_TRUE(Save(*Make(20)).ok());
  const auto before = Files();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {16'000, 16'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(10);
    const Status saved = Save(*Make(500));
    ::_exit(saved.code() == StatusCode::kIo ? 0 : 11);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(Files(), before);
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ((*Load())->versions().size(), 20u);
}

TEST_F(TemplateIndexTest, DeletingTakesWhatCrashesLeftToo) {
  ASSERT_TRUE(Save(*Make(20)).ok());
  ASSERT_TRUE(WriteFileAtomically(folder() / ".crossface-77-graph.tmp", "half").ok());
  ASSERT_TRUE(DeleteTemplateIndex(Root()).ok());
  EXPECT_FALSE(std::filesystem::exists(folder()));
  EXPECT_TRUE(DeleteTemplateIndex(Root()).ok());
}

}  // namespace
}  // namespace crossface
