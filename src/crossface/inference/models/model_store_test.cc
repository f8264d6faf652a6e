#include "crossface/inference/models/model_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(Manifest, NamesEveryModelAndFileOnce) {
  std::set<std::string> names, files;
  for (const ModelEntry& entry : KnownModels()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(files.insert(entry.file).second) << entry.file;
    EXPECT_EQ(FindModel(entry.name), &entry);
  }
  EXPECT_EQ(names.size(), 22u);
  EXPECT_EQ(FindModel("no such model"), nullptr);
}

TEST(Manifest, EveryFileCanBeChecked) {
  for (const ModelEntry& entry : KnownModels()) {
    SCOPED_TRACE(entry.name);
    EXPECT_FALSE(entry.origins.empty());
    EXPECT_TRUE(!entry.sha256.empty() || entry.output_check);
    if (!entry.sha256.empty()) {
      EXPECT_THAT(entry.sha256, MatchesRegex("[0-9a-f]{64}"));
      EXPECT_GT(entry.bytes, 0);
    }
    for (const ModelEntry::Origin& origin : entry.origins) {
      const bool package = origin.kind == "pypi" || origin.kind == "npm";
      EXPECT_TRUE(origin.convert.empty() || entry.output_check);
      // What a package holds is known; what nobody published a checksum of is recorded at its first use.
      EXPECT_THAT(origin.source_sha256, MatchesRegex(package ? "[0-9a-f]{64}" : "([0-9a-f]{64})?"));
      EXPECT_TRUE(origin.source_sha256.empty() || !origin.convert.empty());
    }
  }
}

TEST(Manifest, NonCommercialWeightsAreNotPermissive) {
  for (const char* name : {"scrfd_500m", "scrfd_2.5g", "vgg_face"})
    EXPECT_FALSE(FindModel(name)->permissive) << name;
  for (const char* name : {"yunet", "mtcnn_onet", "retinaface", "arcface_foamliu"})
    EXPECT_TRUE(FindModel(name)->permissive) << name;
}

TEST(ModelStore, MissingModelSaysHowToInstallIt) {
  testing::ScratchFolder scratch;
  const ModelStore store(scratch.path());
  EXPECT_EQ(store.Find("yunet").status().code(), StatusCode::kModelMissing);
  EXPECT_EQ(store.Find("yunet").status().remedy(), Remedy::kInstallModels);
  EXPECT_EQ(store.InstalledHash("yunet").status().code(), StatusCode::kModelMissing);
  EXPECT_EQ(store.Find("yunet2").status().code(), StatusCode::kNotFound);
}

TEST(ModelStore, HashIsTheRecordedOneElseThatOfTheContent) {
  testing::ScratchFolder scratch;
  const ModelStore store(scratch.path());
  const ModelEntry& entry = *FindModel("yunet");
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / entry.file, "content").ok());
  EXPECT_EQ(*store.InstalledHash("yunet"), Sha256Hex("content"));
  ASSERT_TRUE(WriteFileAtomically(store.RecordFile(entry), R"({"sha256": 5})").ok());
  EXPECT_EQ(*store.InstalledHash("yunet"), Sha256Hex("content"));
  ASSERT_TRUE(WriteFileAtomically(store.RecordFile(entry), R"({"sha256": "abc"})").ok());
  EXPECT_EQ(*store.InstalledHash("yunet"), "abc");
}

// Puts a variable of the environment back at the end.
class ScopedVariable {
 public:
  explicit ScopedVariable(const char* name) : name_(name) {
    if (const char* value = std::getenv(name)) value_ = value;
  }
  ~ScopedVariable() { value_ ? ::setenv(name_, value_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> value_;
};

TEST(ModelStore, FolderFollowsTheEnvironment) {
  const ScopedVariable data("XDG_DATA_HOME"), models("CROSSFACE_MODELS");
  ::setenv("XDG_DATA_HOME", "/data", 1);
  ::unsetenv("CROSSFACE_MODELS");
  EXPECT_EQ(ModelStore::DefaultFolder(), "/data/crossface/models");
  ::setenv("CROSSFACE_MODELS", "/weights", 1);
  EXPECT_EQ(ModelStore::DefaultFolder(), "/weights");
}

}  // namespace
}  // namespace crossface
