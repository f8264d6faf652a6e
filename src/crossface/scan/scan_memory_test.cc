// Scans of real faces when memory is short.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "crossface/scan/scan_case.h"
#include "crossface/scan/source_scanner.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Says that memory is short, in one way or the other, where it is asked for the n-th time.
class ShortOfMemory : public Embedder {
 public:
  enum class Way { kThrows, kTells };
  ShortOfMemory(std::unique_ptr<Embedder> embedder, Way way, std::atomic<int>* calls_left)
      : embedder_(std::move(embedder)), way_(way), calls_left_(*calls_left) {}
  const std::string& name() const override { return embedder_->name(); }
  const std::string& sha256() const override { return embedder_->sha256(); }
  int dimensions() const override { return embedder_->dimensions(); }
  Result<std::vector<Embedding>> Embed(std::span<const FacePicture> faces) const override {
    if (--calls_left_ != 0) return embedder_->Embed(faces);
    if (way_ == Way::kThrows) throw std::bad_alloc();
    return Status(StatusCode::kOutOfResources, "the net ran out of memory");
  }

 private:
  const std::unique_ptr<Embedder> embedder_;
  const Way way_;
  std::atomic<int>& calls_left_;
};

class ScanMemory : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos/pf_single_face.mp4");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    settings_.models = testing::Models().folder();
    settings_.detectors = {DetectorKind::kScrfd500m};
    settings_.embedders = {"arcface_ms1m"};
    settings_.threads = 2;
    auto models = ScanModels::Load(settings_);
    ASSERT_TRUE(models.ok()) << models.status().message();
    models_ = std::move(*models);
  }
  static std::filesystem::path Video(const std::string& name) {
    return testing::SharedFolder() / "data/videos" / name;
  }
  // The tracks of a video, and what the budget held when they came.
  std::vector<TrackRecord> Scan(const std::string& name, const Directory* spool_folder,
                                ByteBudget* budget = nullptr) {
    const auto reader = OpenSource(Video(name), {});
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    std::vector<TrackRecord> tracks;
    ThreadPool pool(2);
    ScanCallbacks callbacks;
    callbacks.budget = budget;
    callbacks.spool_folder = spool_folder;
    callbacks.chunk = [&](ScanChunk chunk) {
      if (budget != nullptr) held_ = budget->held();
      std::move(chunk.tracks.begin(), chunk.tracks.end(), std::back_inserter(tracks));
      return Status();
    };
    const auto outcome = ScanSource(**reader, {}, models_, settings_, pool, callbacks);
    EXPECT_TRUE(outcome.ok()) << outcome.status().message();
    info_ = (*reader)->info();
    return tracks;
  }

  const testing::ScratchFolder scratch_;
  ScanSettings settings_;
  ScanModels models_;
  SourceInfo info_;
  int64_t held_ = 0;
};

TEST_F(ScanMemory, PicturesThatArePutAsideAreTheSame) {
  const auto folder = Directory::Open(scratch_.path());
  ASSERT_TRUE(folder.ok());
  const auto kept = Scan("pf_single_face.mp4", nullptr), aside = Scan("pf_single_face.mp4", &*folder);
  ASSERT_THAT(kept, SizeIs(::testing::Ge(1)));
  ASSERT_EQ(aside.size(), kept.size());
  for (size_t t = 0; t < kept.size(); ++t) {
    ASSERT_EQ(aside[t].faces.size(), kept[t].faces.size());
    for (size_t f = 0; f < kept[t].faces.size(); ++f) {
      EXPECT_TRUE(aside[t].faces[f].jpeg.empty());
      EXPECT_FALSE(kept[t].faces[f].jpeg.empty());
      EXPECT_EQ(*PictureOf(aside[t].faces[f]), kept[t].faces[f].jpeg);
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch_.path()));
}

TEST_F(ScanMemory, FacesThatWaitForTheEndOfTheirShotCount) {
  ByteBudget budget(int64_t{1} << 30);
  int64_t faces = 0;
  for (const TrackRecord& track : Scan("pf_single_face.mp4", nullptr, &budget))
    faces += static_cast<int64_t>(track.faces.size());
  ASSERT_GT(faces, 3);
  const int64_t decoder = int64_t{18} * info_.width * info_.height;
  EXPECT_GE(held_, decoder + faces * static_cast<int64_t>(sizeof(FaceRecord)));
  EXPECT_EQ(budget.held(), 0);
}

TEST_F(ScanMemory, OneSourceThatIsTooMuchFailsAloneAndIsTriedAgain) {
  const std::vector<SourceFile> files = {{Video("pf_single_face.mp4"), "a.mp4"},
                                         {Video("grid_app_test.mp4"), "b.mp4"},
                                         {Video("asl_yes.mkv"), "c.mkv"}};
  for (const auto way : {ShortOfMemory::Way::kThrows, ShortOfMemory::Way::kTells}) {
    const testing::ScratchFolder scratch;
    auto gallery = Gallery::Open(scratch.path() / "case", Gallery::Mode::kCreate);
    ASSERT_TRUE(gallery.ok()) << gallery.status().message();
    std::atomic<int> calls_left = 1;
    auto& embedder = models_.embedders.front();
    embedder = std::make_unique<ShortOfMemory>(std::move(embedder), way, &calls_left);
    const auto scanned = ScanCase(**gallery, files, models_, settings_, {});
    ASSERT_TRUE(scanned.ok()) << scanned.status().message();
    EXPECT_EQ(scanned->scanned, 2);
    ASSERT_THAT(scanned->failed, SizeIs(1));
    const auto [name, why] = scanned->failed.front();
    EXPECT_THAT(why, HasSubstr("memory"));
    std::vector<SourceRecord> sources = *(*gallery)->ReadSources();
    ASSERT_THAT(sources, SizeIs(3));
    for (const SourceRecord& source : sources) {
      EXPECT_EQ(source.state == SourceState::kDone, source.name != name) << source.name;
      EXPECT_EQ(source.tracks > 0, source.name != name) << source.name;
    }
    const auto again = ScanCase(**gallery, files, models_, settings_, {});
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_THAT(again->failed, IsEmpty());
    EXPECT_EQ(again->scanned, 1);
    EXPECT_EQ(again->unchanged, 2);
    sources = *(*gallery)->ReadSources();
    for (const SourceRecord& source : sources) {
      EXPECT_EQ(source.state, SourceState::kDone) << source.name;
      EXPECT_GT(source.tracks, 0) << source.name;
      EXPECT_EQ(source.message, "") << source.name;
    }
  }
}

}  // namespace
}  // namespace crossface
