// Scans of made footage in which nobody is to be seen, so that no network is needed: what is kept, replaced
// and told.
#include "crossface/scan/scan_case.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "crossface/scan/file_content.h"
#include "crossface/testing/curation_case.h"
#include "crossface/testing/kill_at_statement.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kSettings[] = R"({"exhaustive":false,"models":{"yunet":"a"},"scan":2})";
constexpr char kOtherSettings[] = R"({"exhaustive":false,"models":{"mtcnn":"b","yunet":"a"},"scan":2})";

class ScanCaseTest : public ::testing::Test {
 protected:
  ScanCaseTest() { models_.fingerprint = kSettings; }
  fs::path In(const std::string& name) const { return scratch_.path() / name; }
  void MakeDarkVideo(const std::string& name, int frames) {
    fs::create_directories(In(name).parent_path());
    ASSERT_EQ(
        testing::RunCommand(fmt::format("ffmpeg -nostdin -v error -y -f lavfi -i color=black:s=64x64:r=10 "
                                        "-frames:v {} {}",
                                        frames, In(name).string())),
        0);
  }
  std::unique_ptr<Gallery> Open() {
    auto gallery = Gallery::Open(In("case"), Gallery::Mode::kCreate);
    EXPECT_TRUE(gallery.ok()) << gallery.status().message();
    return gallery.ok() ? *std::move(gallery) : nullptr;
  }
  Result<ScanSummary> Scan(Gallery& gallery, const std::vector<std::string>& names,
                           std::stop_token stop = {}) {
    std::vector<SourceFile> files;
    files.reserve(names.size());
    for (const std::string& name : names) files.push_back({In(name), name});
    return ScanCase(gallery, files, models_, settings_, {.stop = std::move(stop)});
  }
  // Scans a.mkv, and does something in the middle of decoding: it was opened for its hash before.
  Result<ScanSummary> ScanAnd(const std::function<void()>& work, Gallery& gallery,
                              std::stop_token stop = {}) {
    bool worked = false;
    testing::Faults faults = testing::DuringReads(2, 10, [&] {
      work();
      worked = true;
    });
    faults.most_bytes = 64;
    const testing::LocalFaults local(std::move(faults));
    auto scanned = Scan(gallery, {"a.mkv"}, std::move(stop));
    EXPECT_TRUE(worked);
    return scanned;
  }
  // A source with three tracks, as if somebody had been seen in it.
  void MakeCase() {
    MakeDarkVideo("a.mkv", 30);
    auto gallery = Open();
    const auto scanned = Scan(*gallery, {"a.mkv"});
    ASSERT_TRUE(scanned.ok()) << scanned.status().message();
    ASSERT_EQ(scanned->scanned, 1);
    const SourceRecord source = gallery->ReadSources()->at(0);
    ASSERT_EQ(source.state, SourceState::kDone);
    ASSERT_EQ(source.counts.decoded, 30);
    old_hash_ = source.sha256;
    const std::vector<TrackRecord> tracks = {TrackOf({.number = 1}), TrackOf({.number = 2}),
                                             TrackOf({.number = 3})};
    ASSERT_TRUE(gallery->AppendTracks(source.id, tracks, {}).ok());
  }
  // The old results or the new ones, whole; true for the new.
  bool ExpectWhole(const Gallery& gallery) {
    EXPECT_THAT(*gallery.CheckIntegrity(), IsEmpty());
    const auto sources = *gallery.ReadSources();
    EXPECT_THAT(sources, SizeIs(1));
    const bool is_new = sources.at(0).settings == kOtherSettings || sources.at(0).sha256 != old_hash_;
    EXPECT_EQ(sources[0].name, "a.mkv");
    EXPECT_EQ(sources[0].state, SourceState::kDone);
    EXPECT_EQ(sources[0].counts.decoded, is_new ? new_frames_ : 30);
    EXPECT_EQ(sources[0].tracks, is_new ? 0 : 3);
    EXPECT_THAT(*gallery.ReadTracks({}), SizeIs(is_new ? 0 : 3));
    return is_new;
  }

  // Scans a.mkv, killed at every statement.
  void ExpectOldOrNewAtEveryStatement() {
    fs::copy(In("case"), In("before"), fs::copy_options::recursive);
    int killed_at = 0;
    for (int statement = 1;; ++statement) {
      fs::remove_all(In("case"));
      fs::copy(In("before"), In("case"), fs::copy_options::recursive);
      const bool killed = testing::KilledAtStatement(statement, [&] {
        auto gallery = Gallery::Open(In("case"), Gallery::Mode::kWrite);
        return gallery.ok() && Scan(**gallery, {"a.mkv"}).ok();
      });
      SCOPED_TRACE(statement);
      auto gallery = Open();
      ASSERT_NE(gallery, nullptr);
      const bool was_new = ExpectWhole(*gallery);
      const auto again = Scan(*gallery, {"a.mkv"});
      ASSERT_TRUE(again.ok()) << again.status().message();
      EXPECT_EQ(again->scanned, was_new ? 0 : 1);
      EXPECT_TRUE(ExpectWhole(*gallery));
      EXPECT_THAT(*gallery->ReadRescans(), IsEmpty());
      if (HasFailure() || !killed) break;
      killed_at = statement;
    }
    EXPECT_GT(killed_at, 25);
  }

  testing::ScratchFolder scratch_;
  std::string old_hash_;
  int64_t new_frames_ = 30;
  ScanModels models_;
  ScanSettings settings_{.threads = 2};
};

TEST_F(ScanCaseTest, KilledAtEveryStatementOfAScanWithOtherModelsThereAreOldResultsOrNewOnes) {
  MakeCase();
  models_.fingerprint = kOtherSettings;
  settings_.rescan = true;
  ExpectOldOrNewAtEveryStatement();
}

TEST_F(ScanCaseTest, KilledAtEveryStatementOfAScanOfChangedContentThereAreOldResultsOrNewOnes) {
  MakeCase();
  new_frames_ = 12;
  MakeDarkVideo("a.mkv", 12);
  ExpectOldOrNewAtEveryStatement();
}

TEST_F(ScanCaseTest, OtherSettingsAreToldAndNothingIsScannedUntilItIsAskedFor) {
  MakeCase();
  models_.fingerprint = kOtherSettings;
  auto gallery = Open();
  const auto scanned = *Scan(*gallery, {"a.mkv"});
  EXPECT_EQ(scanned.scanned, 0);
  EXPECT_EQ(scanned.kept, 1);
  EXPECT_THAT(scanned.differences, ElementsAre("with mtcnn"));
  EXPECT_FALSE(ExpectWhole(*gallery));
}

TEST_F(ScanCaseTest, WithoutItsModelsNothingNewIsScannedAndNothingIsLost) {
  MakeCase();
  MakeDarkVideo("b.mkv", 5);
  models_.unavailable = Status(StatusCode::kModelMissing, "they are not here");
  auto gallery = Open();
  EXPECT_EQ(Scan(*gallery, {"a.mkv"})->unchanged, 1);
  const Status refused = Scan(*gallery, {"a.mkv", "b.mkv"}).status();
  EXPECT_EQ(refused.code(), StatusCode::kModelMissing);
  EXPECT_THAT(refused.message(), HasSubstr("b.mkv"));
  EXPECT_FALSE(ExpectWhole(*gallery));
}

TEST_F(ScanCaseTest, ChangedContentTakesThePlaceOfTheOldOnlyWhenItCouldBeRead) {
  MakeCase();
  auto gallery = Open();
  const std::string old_hash = gallery->ReadSources()->at(0).sha256;
  fs::rename(In("a.mkv"), In("good"));
  std::ofstream(In("a.mkv")) << "this is no video";
  auto scanned = *Scan(*gallery, {"a.mkv"});
  ASSERT_THAT(scanned.failed, SizeIs(1));
  EXPECT_THAT(scanned.failed[0].second, HasSubstr("what was found in it before stays"));
  EXPECT_FALSE(ExpectWhole(*gallery));
  EXPECT_EQ(gallery->ReadSources()->at(0).sha256, old_hash);

  MakeDarkVideo("a.mkv", 12);
  scanned = *Scan(*gallery, {"a.mkv"});
  EXPECT_THAT(scanned.changed, ElementsAre("a.mkv"));
  const SourceRecord source = gallery->ReadSources()->at(0);
  EXPECT_EQ(source.counts.decoded, 12);
  EXPECT_NE(source.sha256, old_hash);
  EXPECT_THAT(*gallery->ReadTracks({}), IsEmpty());
}

TEST_F(ScanCaseTest, WhatCannotBeReadThisTimeIsTriedAgainAndKeepsItsResults) {
  MakeCase();
  auto gallery = Open();
  fs::rename(In("a.mkv"), In("away"));
  auto scanned = *Scan(*gallery, {"a.mkv", "b.mkv"});
  EXPECT_THAT(scanned.failed, ElementsAre(Pair("a.mkv", HasSubstr("there is no such file")),
                                          Pair("b.mkv", HasSubstr("there is no such file"))));
  auto sources = *gallery->ReadSources();
  ASSERT_THAT(sources, SizeIs(2));
  EXPECT_EQ(sources[0].state, SourceState::kDone);
  EXPECT_EQ(sources[0].sha256.size(), 64u);
  EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(3));
  EXPECT_EQ(sources[1].state, SourceState::kPending);
  EXPECT_THAT(sources[1].message, HasSubstr("there is no such file"));
  fs::rename(In("away"), In("a.mkv"));
  MakeDarkVideo("b.mkv", 5);
  scanned = *Scan(*gallery, {"a.mkv", "b.mkv"});
  EXPECT_THAT(scanned.failed, IsEmpty());
  EXPECT_EQ(scanned.scanned, 1);
  EXPECT_EQ(gallery->ReadSources()->at(1).state, SourceState::kDone);
  EXPECT_EQ(gallery->ReadSources()->at(1).message, "");
}

TEST_F(ScanCaseTest, WhatIsTheFilesFaultIsRememberedForItsBytes) {
  auto gallery = Open();
  std::ofstream(In("a.mkv")) << "this is no video";
  EXPECT_THAT(Scan(*gallery, {"a.mkv"})->failed, SizeIs(1));
  EXPECT_EQ(gallery->ReadSources()->at(0).state, SourceState::kFailed);
  const auto again = *Scan(*gallery, {"a.mkv"});
  EXPECT_EQ(again.unchanged, 1);
  EXPECT_THAT(again.failed, SizeIs(1));
  MakeDarkVideo("a.mkv", 5);
  EXPECT_THAT(Scan(*gallery, {"a.mkv"})->failed, IsEmpty());
  EXPECT_EQ(gallery->ReadSources()->at(0).state, SourceState::kDone);
}

TEST_F(ScanCaseTest, AFileThatGrowsWhileItIsReadIsReadAgainAndWhatIsStoredIsOfItsHash) {
  MakeDarkVideo("a.mkv", 200);
  auto gallery = Open();
  const auto scanned = *ScanAnd([&] { std::ofstream(In("a.mkv"), std::ios::app) << "more"; }, *gallery);
  EXPECT_THAT(scanned.rewritten, ElementsAre("a.mkv"));
  EXPECT_THAT(scanned.failed, IsEmpty());
  const SourceRecord source = gallery->ReadSources()->at(0);
  EXPECT_EQ(source.sha256, ReadFileContent(In("a.mkv"))->sha256);
  EXPECT_EQ(source.info.bytes, static_cast<int64_t>(fs::file_size(In("a.mkv"))));
  EXPECT_EQ(Scan(*gallery, {"a.mkv"})->unchanged, 1);
}

TEST_F(ScanCaseTest, ATouchedFileIsNotReadAgain) {
  MakeDarkVideo("a.mkv", 200);
  auto gallery = Open();
  const auto touch = [&] { fs::last_write_time(In("a.mkv"), fs::file_time_type::clock::now()); };
  EXPECT_THAT(ScanAnd(touch, *gallery)->rewritten, IsEmpty());
}

TEST_F(ScanCaseTest, AFileThatNeverComesToRestIsToldAndTriedAgain) {
  MakeDarkVideo("a.mkv", 200);
  auto gallery = Open();
  const auto scanned = [&] {
    const testing::LocalFaults growing({.before_read = [&](const std::string&, int64_t, int64_t) {
      std::ofstream(In("a.mkv"), std::ios::app) << "more";
      return Status();
    }});
    return *Scan(*gallery, {"a.mkv"});
  }();
  ASSERT_THAT(scanned.failed, SizeIs(1));
  EXPECT_THAT(scanned.failed[0].second, HasSubstr("still being written"));
  EXPECT_EQ(gallery->ReadSources()->at(0).state, SourceState::kPending);
  EXPECT_THAT(Scan(*gallery, {"a.mkv"})->failed, IsEmpty());
  EXPECT_EQ(gallery->ReadSources()->at(0).state, SourceState::kDone);
}

TEST_F(ScanCaseTest, AnInterruptedRescanGoesOnAndAnInterruptedScanToo) {
  MakeCase();
  models_.fingerprint = kOtherSettings;
  settings_.rescan = true;
  auto gallery = Open();
  std::stop_source stop;
  EXPECT_EQ(ScanAnd([&] { stop.request_stop(); }, *gallery, stop.get_token()).status().code(),
            StatusCode::kInterrupted);
  EXPECT_FALSE(ExpectWhole(*gallery));
  EXPECT_EQ(Scan(*gallery, {"a.mkv"})->scanned, 1);
  EXPECT_TRUE(ExpectWhole(*gallery));
}

}  // namespace
}  // namespace crossface
