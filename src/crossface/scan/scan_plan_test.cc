// Which source is which, over made files and galleries: nothing is decoded here.
#include "crossface/scan/scan_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "crossface/scan/source_place.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kSettings[] = R"({"exhaustive":false,"models":{"yunet":"a"},"scan":2})";
constexpr char kOtherSettings[] = R"({"exhaustive":false,"models":{"mtcnn":"b","yunet":"a"},"scan":2})";

class ScanPlanTest : public ::testing::Test {
 protected:
  ScanPlanTest() {
    gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
    models_.fingerprint = kSettings;
  }
  fs::path In(const std::string& name) const { return scratch_.path() / name; }
  void Write(const std::string& name, const std::string& content) {
    fs::create_directories(In(name).parent_path());
    ASSERT_TRUE(WriteFileAtomically(In(name), content).ok());
    // Times of files that are made one after the other must differ as they do in life.
    fs::last_write_time(In(name), fs::file_time_type::clock::now() + std::chrono::seconds(++clock_));
  }
  ScanPlan Plan(const std::vector<fs::path>& roots) {
    const auto found = FindSources(roots);
    EXPECT_TRUE(found.ok()) << found.status().message();
    auto plan = PlanScans(*gallery_, found->files, models_, settings_, pool_);
    EXPECT_TRUE(plan.ok()) << plan.status().message();
    return *std::move(plan);
  }
  // Does what the plan says; every source that can be read is scanned with success.
  ScanPlan Identify(const std::vector<fs::path>& roots) {
    ScanPlan plan = Plan(roots);
    EXPECT_TRUE(gallery_->Forget({.sources = plan.dropped}).ok());
    EXPECT_TRUE(gallery_->WritePlaces(plan.placed).ok());
    for (const PlannedScan& scan : plan.scans) {
      const auto content = ReadFileContent(scan.file.path);
      SourceRecord record = scan.source;
      record.sha256 = content.ok() ? content->sha256 : "";
      record.info.bytes = content.ok() ? content->version.bytes : 0;
      record.modified_ns = content.ok() ? content->version.modified_ns : 0;
      record.info.duration_ms = 60'000;
      record.state = content.ok() ? SourceState::kDone : SourceState::kPending;
      record.settings = scan.settings;
      EXPECT_TRUE(gallery_->WriteSource(record).ok());
    }
    return plan;
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const auto sources = *gallery_->ReadSources();
    for (const SourceRecord& source : sources) names.push_back(source.name);
    return names;
  }
  SourceRecord Source(const std::string& name) {
    const auto sources = *gallery_->ReadSources();
    for (const SourceRecord& source : sources) {
      if (source.name == name) return source;
    }
    ADD_FAILURE() << "no source " << name;
    return {};
  }
  static std::vector<std::string> PlaceNames(const SourceRecord& source) {
    std::vector<std::string> names;
    for (const SourcePlace& place : source.places) names.push_back(place.name);
    return names;
  }
  // The sources to scan: their ids, 0 for new ones.
  static std::vector<int64_t> Ids(const ScanPlan& plan) {
    std::vector<int64_t> ids;
    for (const PlannedScan& scan : plan.scans) ids.push_back(scan.source.id);
    return ids;
  }
  void ExpectNothingToDo(const std::vector<fs::path>& roots) {
    const ScanPlan plan = Plan(roots);
    EXPECT_THAT(plan.scans, IsEmpty());
    EXPECT_THAT(plan.placed, IsEmpty());
    EXPECT_THAT(plan.dropped, IsEmpty());
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
  ScanModels models_;
  ScanSettings settings_;
  ThreadPool pool_{2};
  int clock_ = 0;
};

TEST_F(ScanPlanTest, FilesOfOneNameInTwoFoldersAreTwoSources) {
  Write("camA/clip.mp4", "one");
  Write("camB/clip.mp4", "another");
  Identify({In("camA")});
  const int64_t a = Source("clip.mp4").id;
  EXPECT_THAT(Ids(Identify({In("camB")})), ElementsAre(0));
  EXPECT_THAT(Names(), ElementsAre("camB/clip.mp4", "clip.mp4"));
  EXPECT_EQ(Source("clip.mp4").id, a) << "the older one keeps its name";
  EXPECT_EQ(Source("camB/clip.mp4").path, fs::canonical(In("camB/clip.mp4")));
  ExpectNothingToDo({In("camA")});
  ExpectNothingToDo({In("camB")});
  ExpectNothingToDo({In("camA"), In("camB")});
}

TEST_F(ScanPlanTest, NamesTakeAsMuchOfThePathAsTheyNeed) {
  for (const char* folder : {"x/cam", "y/cam", "z/cam"}) {
    Write(std::string(folder) + "/day/1.mp4", folder);
    Identify({In(folder)});
  }
  EXPECT_THAT(Names(), ElementsAre("cam/day/1.mp4", "day/1.mp4", "z/cam/day/1.mp4"));
  std::set<std::string> taken = {"a.mp4", "r/a.mp4"};
  EXPECT_EQ(FreeName("a.mp4", "/r/a.mp4", &taken), "a.mp4 (2)");
  EXPECT_EQ(FreeName("a.mp4", "/r/a.mp4", &taken), "a.mp4 (3)");
}

TEST_F(ScanPlanTest, OneFolderIsTheSameHoweverItIsReached) {
  Write("footage/cam/a.mp4", "one");
  Write("footage/cam/b.mp4", "two");
  Identify({In("footage/cam")});
  fs::create_directory_symlink(In("footage"), In("link"));
  fs::create_symlink(In("footage/cam/a.mp4"), In("a link.mp4"));
  for (const auto& roots : std::vector<std::vector<fs::path>>{{In("footage")},
                                                              {In("footage/../footage/./cam/")},
                                                              {In("link/cam")},
                                                              {In("link")},
                                                              {fs::relative(In("footage"))},
                                                              {In("footage/cam/a.mp4")},
                                                              {In("a link.mp4")},
                                                              {In("footage/cam/a.mp4"), In("footage/cam")},
                                                              {In("link"), In("footage/cam")}}) {
    SCOPED_TRACE(roots[0]);
    ExpectNothingToDo(roots);
  }
  EXPECT_THAT(Names(), ElementsAre("a.mp4", "b.mp4"));
}

TEST_F(ScanPlanTest, TwoFoldersOfOneCallAndOneOfThemLater) {
  Write("camA/clip.mp4", "one");
  Write("camB/clip.mp4", "another");
  Identify({In("camA"), In("camB")});
  EXPECT_THAT(Names(), ElementsAre("camA/clip.mp4", "camB/clip.mp4"));
  ExpectNothingToDo({In("camB")});
}

TEST_F(ScanPlanTest, WhatWasMovedIsKnownAgain) {
  Write("cam/a.mp4", "one");
  Write("cam/b.mp4", "two");
  Identify({In("cam")});
  const int64_t a = Source("a.mp4").id;
  fs::rename(In("cam"), In("renamed"));
  ScanPlan plan = Identify({In("renamed")});
  EXPECT_THAT(plan.scans, IsEmpty());
  EXPECT_THAT(plan.renamed, IsEmpty());
  EXPECT_EQ(Source("a.mp4").id, a);
  EXPECT_EQ(Source("a.mp4").path, fs::canonical(In("renamed/a.mp4")));
  ExpectNothingToDo({In("renamed")});

  fs::create_directory(In("renamed/day"));
  fs::rename(In("renamed/a.mp4"), In("renamed/day/first.mp4"));
  plan = Identify({In("renamed")});
  EXPECT_THAT(plan.scans, IsEmpty());
  EXPECT_THAT(plan.renamed, ElementsAre(Pair("a.mp4", "day/first.mp4")));
  EXPECT_EQ(Source("day/first.mp4").id, a);
  EXPECT_THAT(Source("day/first.mp4").places, IsEmpty());
  ExpectNothingToDo({In("renamed")});
}

TEST_F(ScanPlanTest, ACopyIsAFurtherPlaceOfItsSource) {
  Write("cam/a.mp4", "one");
  Identify({In("cam")});
  const int64_t a = Source("a.mp4").id;
  Write("copies/a.mp4", "one");
  Write("copies/z.mp4", "one");
  ScanPlan plan = Identify({In("copies")});
  EXPECT_THAT(plan.scans, IsEmpty());
  EXPECT_THAT(plan.copies, ElementsAre(Pair("copies/a.mp4", "a.mp4"), Pair("z.mp4", "a.mp4")));
  EXPECT_THAT(Names(), ElementsAre("a.mp4"));
  EXPECT_THAT(PlaceNames(Source("a.mp4")), UnorderedElementsAre("copies/a.mp4", "z.mp4"));
  EXPECT_EQ(Source("a.mp4").path, fs::canonical(In("cam/a.mp4")));
  ExpectNothingToDo({In("copies")});
  ExpectNothingToDo({In("cam"), In("copies")});

  // The original goes, and one of the copies becomes something else.
  fs::remove(In("cam/a.mp4"));
  Write("copies/a.mp4", "something else");
  plan = Identify({In("copies")});
  EXPECT_THAT(Ids(plan), ElementsAre(0));
  EXPECT_EQ(Source("z.mp4").id, a);
  EXPECT_EQ(Source("z.mp4").path, fs::canonical(In("copies/z.mp4")));
  EXPECT_THAT(Source("z.mp4").places, IsEmpty());
  EXPECT_NE(Source("a.mp4").id, a);
  ExpectNothingToDo({In("copies")});
}

TEST_F(ScanPlanTest, CopiesOfOneCallAreScannedOnce) {
  Write("a.mp4", "one");
  Write("b/c.mp4", "one");
  Write("d.mp4", "two");
  const ScanPlan plan = Identify({In("a.mp4"), In("b"), In("d.mp4")});
  EXPECT_THAT(Ids(plan), ElementsAre(0, 0));
  EXPECT_THAT(Names(), ElementsAre("a.mp4", "d.mp4"));
  EXPECT_THAT(PlaceNames(Source("a.mp4")), ElementsAre("c.mp4"));
  ExpectNothingToDo({In("a.mp4"), In("b"), In("d.mp4")});
}

TEST_F(ScanPlanTest, FilesWithoutAByteHaveNothingInCommon) {
  Write("a.mp4", "");
  Write("b.mp4", "");
  EXPECT_THAT(Ids(Identify({In("a.mp4"), In("b.mp4")})), ElementsAre(0, 0));
  EXPECT_THAT(Names(), ElementsAre("a.mp4", "b.mp4"));
}

TEST_F(ScanPlanTest, OtherContentInAPlaceTakesTheOldOnesUnlessThatIsElsewhereNow) {
  Write("cam/a.mp4", "one");
  Identify({In("cam")});
  const int64_t a = Source("a.mp4").id;
  Write("cam/a.mp4", "two, and longer");
  EXPECT_THAT(Ids(Plan({In("cam")})), ElementsAre(a)) << "the old source, scanned anew";
  Identify({In("cam")});

  // A recorder gives its files other names before it makes a new one.
  fs::rename(In("cam/a.mp4"), In("cam/a.1.mp4"));
  Write("cam/a.mp4", "three");
  const ScanPlan plan = Identify({In("cam")});
  EXPECT_THAT(Ids(plan), ElementsAre(0));
  EXPECT_EQ(Source("a.1.mp4").id, a);
  EXPECT_EQ(Source("a.mp4").path, fs::canonical(In("cam/a.mp4")));
  ExpectNothingToDo({In("cam")});
}

TEST_F(ScanPlanTest, FilesThatExchangeTheirNamesTakeTheirResultsAlong) {
  Write("a.mp4", "one");
  Write("b.mp4", "another");
  Identify({In("a.mp4"), In("b.mp4")});
  const int64_t a = Source("a.mp4").id, b = Source("b.mp4").id;
  fs::rename(In("a.mp4"), In("x"));
  fs::rename(In("b.mp4"), In("a.mp4"));
  fs::rename(In("x"), In("b.mp4"));
  EXPECT_THAT(Identify({In("a.mp4"), In("b.mp4")}).scans, IsEmpty());
  EXPECT_EQ(Source("a.mp4").id, b);
  EXPECT_EQ(Source("b.mp4").id, a);
  EXPECT_EQ(Source("b.mp4").path, fs::canonical(In("b.mp4")));
}

TEST_F(ScanPlanTest, AFileThatIsOverwrittenByACopyKeepsWhatWasFoundInIt) {
  Write("a.mp4", "one");
  Write("b.mp4", "another");
  Identify({In("a.mp4"), In("b.mp4")});
  Write("b.mp4", "one");
  EXPECT_THAT(Identify({In("a.mp4"), In("b.mp4")}).scans, IsEmpty());
  EXPECT_THAT(Names(), ElementsAre("a.mp4", "b.mp4"));
  EXPECT_THAT(PlaceNames(Source("a.mp4")), SizeIs(1));
  ExpectNothingToDo({In("a.mp4"), In("b.mp4")});
}

TEST_F(ScanPlanTest, PartsOfAFileAreSourcesOfTheirOwn) {
  Write("a.mp4", "one");
  std::vector<SourceFile> files = {{In("a.mp4"), "a.mp4", ""}, {In("a.mp4"), "a.mp4#2", "2"}};
  auto plan = PlanScans(*gallery_, files, models_, settings_, pool_);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(Ids(*plan), ElementsAre(0, 0));
  for (const PlannedScan& scan : plan->scans) {
    SourceRecord record = scan.source;
    EXPECT_EQ(record.info.part, scan.file.part);
    const auto content = *ReadFileContent(scan.file.path);
    record.sha256 = content.sha256;
    record.info.bytes = content.version.bytes, record.modified_ns = content.version.modified_ns;
    record.state = SourceState::kDone, record.settings = kSettings;
    ASSERT_TRUE(gallery_->WriteSource(record).ok());
  }
  fs::rename(In("a.mp4"), In("b.mp4"));
  files = {{In("b.mp4"), "b.mp4", ""}, {In("b.mp4"), "b.mp4#2", "2"}};
  plan = PlanScans(*gallery_, files, models_, settings_, pool_);
  EXPECT_THAT(plan->scans, IsEmpty());
  EXPECT_THAT(plan->renamed, UnorderedElementsAre(Pair("a.mp4", "b.mp4"), Pair("a.mp4#2", "b.mp4#2")));
}

TEST_F(ScanPlanTest, UnchangedFilesAreNotRead) {
  Write("a.mp4", "one");
  Identify({In("a.mp4")});
  const auto time = fs::last_write_time(In("a.mp4"));
  ASSERT_TRUE(WriteFileAtomically(In("a.mp4"), "two").ok());
  fs::last_write_time(In("a.mp4"), time);
  ExpectNothingToDo({In("a.mp4")});
  // Touched: read, found to be the same, and not read again.
  ASSERT_TRUE(WriteFileAtomically(In("a.mp4"), "one").ok());
  const ScanPlan plan = Identify({In("a.mp4")});
  EXPECT_THAT(plan.scans, IsEmpty());
  EXPECT_THAT(plan.placed, SizeIs(1));
  ExpectNothingToDo({In("a.mp4")});
}

TEST_F(ScanPlanTest, PathsOfOlderGalleriesMayHaveLinksInThem) {
  Write("real/a.mp4", "one");
  fs::create_directory_symlink(In("real"), In("link"));
  Identify({In("real")});
  SourceRecord source = Source("a.mp4");
  source.path = In("link/a.mp4");
  ASSERT_TRUE(gallery_->WriteSource(source).ok());
  EXPECT_THAT(Identify({In("link")}).scans, IsEmpty());
  EXPECT_EQ(Source("a.mp4").path, fs::canonical(In("real/a.mp4")));
  EXPECT_THAT(Source("a.mp4").places, IsEmpty());
}

TEST_F(ScanPlanTest, OtherModelsChangeNothingUntilItIsAskedFor) {
  Write("a.mp4", "one");
  Write("b.mp4", "another");
  Identify({In("a.mp4")});
  models_.fingerprint = kOtherSettings;
  ScanPlan plan = Plan({In("a.mp4"), In("b.mp4")});
  EXPECT_THAT(Ids(plan), ElementsAre(0));
  EXPECT_EQ(plan.scans[0].settings, kOtherSettings);
  EXPECT_EQ(plan.kept, 1);
  EXPECT_EQ(plan.kept_ms, 60'000);
  EXPECT_THAT(plan.differences, ElementsAre("with mtcnn"));
  EXPECT_EQ(plan.unfinished, 0);
  settings_.rescan = true;
  const int64_t a = Source("a.mp4").id;
  EXPECT_THAT(Ids(Plan({In("a.mp4"), In("b.mp4")})), ElementsAre(a, 0));

  // It has begun: with the option it goes on.
  SourceRecord begun = Source("a.mp4");
  begun.replaces = a, begun.settings = kOtherSettings, begun.state = SourceState::kScanning;
  ASSERT_TRUE(gallery_->BeginScan(begun).ok());
  plan = Plan({In("a.mp4")});
  ASSERT_THAT(plan.scans, SizeIs(1));
  ASSERT_TRUE(plan.scans[0].rescan.has_value());
  settings_.rescan = false;
  EXPECT_EQ(Plan({In("a.mp4")}).unfinished, 1);
}

TEST_F(ScanPlanTest, WhatIsSaidOfASourcesGeometryNeedsNoOtherWord) {
  Write("a.mp4", "one");
  Identify({In("a.mp4")});
  settings_.geometry.clockwise = 90;
  EXPECT_THAT(Plan({In("a.mp4")}).scans, SizeIs(1));
  Identify({In("a.mp4")});
  settings_.geometry = {};
  ExpectNothingToDo({In("a.mp4")});
  settings_.geometry.forget = true;
  EXPECT_THAT(Plan({In("a.mp4")}).scans, SizeIs(1));
}

TEST_F(ScanPlanTest, WhatHasNoResultsIsTriedAgainWhenItMayHelp) {
  Write("a.mp4", "one");
  Identify({In("a.mp4")});
  SourceRecord source = Source("a.mp4");
  for (const auto& [state, tries] : {std::pair(SourceState::kFailed, 0),
                                     {SourceState::kPending, 1},
                                     {SourceState::kScanning, 1},
                                     {SourceState::kDamaged, 0}}) {
    source.state = state;
    ASSERT_TRUE(gallery_->WriteSource(source).ok());
    EXPECT_THAT(Plan({In("a.mp4")}).scans, SizeIs(tries)) << SourceStateName(state);
  }
  source.state = SourceState::kFailed;
  ASSERT_TRUE(gallery_->WriteSource(source).ok());
  models_.fingerprint = kOtherSettings;
  EXPECT_THAT(Plan({In("a.mp4")}).scans, SizeIs(1)) << "there is nothing to lose";
}

TEST_F(ScanPlanTest, CopiesThatAreGoneAreNoPlacesAnyMoreButThoseOfAnAbsentDiskAre) {
  for (const char* name : {"a.mp4", "disk/a.mp4", "folder/a.mp4"}) Write(name, "one");
  Identify({In("a.mp4")});
  Identify({In("disk"), In("folder")});
  ASSERT_THAT(Source("a.mp4").places, SizeIs(2));
  fs::remove(In("folder/a.mp4"));
  fs::rename(In("disk"), In("away"));
  Identify({In("a.mp4")});
  EXPECT_THAT(PlaceNames(Source("a.mp4")), ElementsAre("disk/a.mp4"));
}

TEST_F(ScanPlanTest, AnUnfinishedScanOfContentThatIsNoLongerThereGoes) {
  Write("a.mp4", "one");
  Identify({In("a.mp4")});
  SourceRecord begun = Source("a.mp4");
  begun.replaces = begun.id, begun.sha256 = std::string(64, 'f'), begun.state = SourceState::kScanning;
  const int64_t id = *gallery_->BeginScan(begun);
  EXPECT_THAT(Identify({In("a.mp4")}).dropped, ElementsAre(id));
  EXPECT_THAT(*gallery_->ReadRescans(), IsEmpty());
  EXPECT_THAT(Names(), ElementsAre("a.mp4"));
}

TEST_F(ScanPlanTest, WhatWasNeverReadAndIsACopyIsNoSource) {
  Write("a.mp4", "one");
  Identify({In("a.mp4")});
  SourceRecord unread{.name = "b.mp4", .path = fs::canonical(scratch_.path()) / "b.mp4", .settings = "{}"};
  ASSERT_TRUE(gallery_->WriteSource(unread).ok());
  Write("b.mp4", "one");
  EXPECT_THAT(Identify({In("a.mp4"), In("b.mp4")}).scans, IsEmpty());
  EXPECT_THAT(Names(), ElementsAre("a.mp4"));
  EXPECT_THAT(PlaceNames(Source("a.mp4")), ElementsAre("b.mp4"));
}

TEST_F(ScanPlanTest, ASourceIsFoundBelowAFolderByItsNameOrItsPath) {
  Write("disk/evidence/camB/clip.mp4", "one");
  Write("disk/clip.mp4", "two");
  const SourceRecord source{.name = "camB/clip.mp4", .path = "/old/evidence/camB/clip.mp4"};
  EXPECT_THAT(PlacesBelow(In("disk/evidence"), source), ElementsAre(In("disk/evidence/camB/clip.mp4")));
  EXPECT_THAT(PlacesBelow(In("disk/evidence/camB"), source), ElementsAre(In("disk/evidence/camB/clip.mp4")));
  EXPECT_THAT(PlacesBelow(In("disk"), source),
              ElementsAre(In("disk/evidence/camB/clip.mp4"), In("disk/clip.mp4")));
  EXPECT_THAT(PlacesBelow(In("nowhere"), source), IsEmpty());
}

}  // namespace
}  // namespace crossface
