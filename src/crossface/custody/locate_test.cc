#include "crossface/custody/locate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "crossface/testing/curation_case.h"
#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class LocateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gallery = Gallery::Open(In("case"), Gallery::Mode::kCreate);
    ASSERT_TRUE(gallery.ok()) << gallery.status().message();
    gallery_ = std::move(*gallery);
    for (const std::string name : {"a.mp4", "camB/b.mp4"}) {
      WriteFile(In("films") / name, "what " + name + " holds");
      SourceRecord source = SourceOf(name);
      source.path = fs::canonical(In("films") / name);
      source.sha256 = *Sha256OfFile(source.path);
      source.info.bytes = static_cast<int64_t>(fs::file_size(source.path));
      ASSERT_TRUE(gallery_->WriteSource(source).ok());
    }
  }
  fs::path In(const std::string& name) const { return scratch_.path() / name; }
  static void WriteFile(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  LocateSummary Locate(const fs::path& place, const std::string& source = "") {
    const auto summary = LocateSources(*gallery_, {.place = place, .source = source});
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    return summary.ok() ? *summary : LocateSummary();
  }
  std::string PathOf(const std::string& name) const {
    const auto sources = *gallery_->ReadSources();
    for (const SourceRecord& source : sources)
      if (source.name == name) return source.path;
    return "";
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(LocateTest, WhatWasMovedIsFoundByItsContentAndRemembered) {
  EXPECT_THAT(Locate(In("films")).found, IsEmpty()) << "nothing is amiss";
  fs::rename(In("films"), In("disk"));
  const LocateSummary summary = Locate(In("disk"));
  const std::string a = fs::canonical(In("disk/a.mp4")), b = fs::canonical(In("disk/camB/b.mp4"));
  EXPECT_THAT(summary.found, ElementsAre(Pair("a.mp4", a), Pair("camB/b.mp4", b)));
  EXPECT_THAT(summary.missing, IsEmpty());
  EXPECT_EQ(PathOf("a.mp4"), a);
  EXPECT_EQ(PathOf("camB/b.mp4"), b);
  EXPECT_THAT(*gallery_->ReadSources(), SizeIs(2));
}

TEST_F(LocateTest, OtherContentOfTheSameNameAndSizeIsRefused) {
  const std::string before = PathOf("a.mp4");
  fs::rename(In("films"), In("disk"));
  WriteFile(In("disk/a.mp4"), "WHAT a.mp4 holds");
  const LocateSummary summary = Locate(In("disk"));
  EXPECT_THAT(summary.others, ElementsAre("a.mp4"));
  EXPECT_THAT(summary.found, SizeIs(1));
  EXPECT_EQ(PathOf("a.mp4"), before);
  EXPECT_THAT(Locate(In("disk/camB"), "a.mp4").missing, ElementsAre("a.mp4"));
}

TEST_F(LocateTest, AFileOfAnotherNameIsTakenWhereItIsTheOneThatIsMeant) {
  fs::rename(In("films/a.mp4"), In("renamed.mp4"));
  EXPECT_THAT(Locate(In("renamed.mp4"), "a.mp4").found, SizeIs(1));
  EXPECT_EQ(PathOf("a.mp4"), fs::canonical(In("renamed.mp4")));
  EXPECT_THAT(Locate(In("renamed.mp4"), "camB/b.mp4").others, ElementsAre("camB/b.mp4"));
  EXPECT_EQ(PathOf("camB/b.mp4"), fs::canonical(In("films/camB/b.mp4")));
}

TEST_F(LocateTest, AStopRemembersNothingAndWhatIsNotThereIsTold) {
  const std::string before = PathOf("a.mp4");
  fs::rename(In("films"), In("disk"));
  EXPECT_EQ(LocateSources(*gallery_, {.place = In("disk"), .stop = testing::Stopped()}).status().code(),
            StatusCode::kInterrupted);
  EXPECT_EQ(PathOf("a.mp4"), before);
  EXPECT_EQ(LocateSources(*gallery_, {.place = In("nowhere")}).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(LocateSources(*gallery_, {.place = In("disk"), .source = "z.mp4"}).status().code(),
            StatusCode::kNotFound);
}

}  // namespace
}  // namespace crossface
