// Other vectors for a case of drawn films, by fake models.
#include "crossface/scan/reembed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "crossface/scan/scan_case.h"
#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOther[] = "facenet_vggface2";

class ReembedTest : public ::testing::Test {
 protected:
  ReembedTest() {
    for (const char* name : {"a", "b", "c"}) {
      const int number = name[0] - 'a';
      const testing::DrawnFilm film = {
          .shots = {{.frames = 14,
                     .faces = {{.person = number, .at = {40, 60}, .step = {3, 1}},
                               {.person = number + 1, .at = {200, 60}, .step = {0, 1}}}},
                    {.frames = 14, .faces = {{.person = number, .at = {90, 90}, .step = {-2, 0}}}}},
          .scene = number};
      EXPECT_TRUE(io::Put("memory://films/" + std::string(name) + ".y4m", film.AsYuv4Mpeg()).ok());
    }
  }
  std::unique_ptr<Gallery> ScannedCase(const std::string& name) {
    auto gallery = *Gallery::Open(scratch_.path() / name, Gallery::Mode::kCreate);
    const auto found = FindSources({"memory://films"});
    EXPECT_TRUE(ScanCase(*gallery, found->files, testing::FakeModels(), {.threads = 2}, {}).ok());
    EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(9));
    return gallery;
  }
  static ReembedOptions Options(const std::function<void()>& embedding = {}) {
    ReembedOptions options{.embedders = {kOther}, .threads = 2};
    options.make_embedder = [embedding](const std::string& name) -> Result<std::unique_ptr<Embedder>> {
      return std::unique_ptr<Embedder>(std::make_unique<testing::FakeEmbedder>(name, embedding));
    };
    return options;
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
};

TEST_F(ReembedTest, GivesTheSameFacesTheOtherModelsVectors) {
  const auto gallery = ScannedCase("case");
  const auto before = *gallery->ReadTracks({.faces = true, .embeddings = true, .templates = true});
  const auto summary = Reembed(*gallery, Options());
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  EXPECT_EQ(summary->sources, 3);
  EXPECT_EQ(summary->tracks, 9);
  EXPECT_THAT(summary->from_pictures, IsEmpty());
  const auto after = *gallery->ReadTracks({.faces = true, .embeddings = true, .templates = true});
  ASSERT_EQ(after.size(), before.size());
  const testing::FakeEmbedder ms1m("arcface_ms1m");
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].id, before[i].id);
    ASSERT_THAT(after[i].templates, SizeIs(before[i].templates.size() + 1));
    // Who is one person by one model is so by the other, and nobody else.
    for (size_t k = 0; k < i; ++k) {
      const auto of = [](const TrackRecord& track, const std::string& model) {
        for (const FaceEmbedding& each : track.templates)
          if (each.model == model) return each.vector;
        return std::vector<float>();
      };
      const bool same = CosineSimilarity(of(after[i], ms1m.name()), of(after[k], ms1m.name())) > 0.9f;
      EXPECT_EQ(CosineSimilarity(of(after[i], kOther), of(after[k], kOther)) > 0.9f, same);
    }
  }
}

TEST_F(ReembedTest, StoppedAndGoneOnWithItGivesTheSame) {
  const auto whole = ScannedCase("whole");
  ASSERT_TRUE(Reembed(*whole, Options()).ok());
  const std::string expected = testing::AsText(*whole);
  bool ever_in_the_middle = false;
  for (const int stop_at : {1, 6, 14, 22}) {
    const auto gallery = ScannedCase("case" + std::to_string(stop_at));
    std::atomic<int> batches = 0;
    std::stop_source stop;
    ReembedOptions options = Options([&] {
      if (++batches == stop_at) stop.request_stop();
    });
    options.stop = stop.get_token();
    const auto stopped = Reembed(*gallery, options);
    ASSERT_EQ(stopped.status().code(), StatusCode::kInterrupted);
    const int done = batches;
    options.stop = {};
    const auto finished = Reembed(*gallery, options);
    ASSERT_TRUE(finished.ok()) << finished.status().message();
    ever_in_the_middle |= finished->sources > 0 && finished->sources < 3;
    EXPECT_GT(done, 0);
    EXPECT_EQ(testing::AsText(*gallery), expected) << stop_at;
  }
  EXPECT_TRUE(ever_in_the_middle) << "what is finished is not done again";
}

TEST_F(ReembedTest, WhereFootageIsGoneOrAnotherOneThePicturesHaveToDo) {
  const auto gallery = ScannedCase("case");
  memory_.store().Remove("memory://films/a.y4m");
  ASSERT_TRUE(io::Put("memory://films/b.y4m", "something else").ok());
  const auto summary = Reembed(*gallery, Options());
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  EXPECT_THAT(summary->from_pictures, ElementsAre("a.y4m", "b.y4m"));
  EXPECT_EQ(summary->tracks, 9);
}

}  // namespace
}  // namespace crossface
