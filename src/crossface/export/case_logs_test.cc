#include "crossface/export/case_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <clocale>
#include <set>

#include "crossface/export/case_view.h"
#include "crossface/export/made_case_for_test.h"
#include "crossface/gallery/file_name.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

CaseView ReadView(const Gallery& gallery) {
  auto view = CaseView::Read(gallery);
  EXPECT_TRUE(view.ok()) << view.status().message();
  return *view;
}

class CaseLogs : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
    FillSmallCase(*gallery_);
  }
  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(CaseLogs, AppearancesAreExactlyTheseBytes) {
  const CaseView view = ReadView(*gallery_);
  const std::vector<size_t> all = {0, 1, 2, 3, 4};
  EXPECT_EQ(AppearancesCsv(view, all),
            "person,source,track,start_ms,end_ms,start_timecode,end_timecode,faces,confidence,portrait,start_"
            "time,end_time,"
            "time_from,reason\r\n"
            "person-0001,b.mkv,1,0,500,00:00:00.000,00:00:00.500,1,0.875,people/person-0001/faces/"
            "b_00-00-00.000_t1_f1.jpg,2026-11-23T10:20:30.000Z,2026-11-23T10:20:30.500Z,creation_time,\r\n"
            ",b.mkv,2,9999,10400,00:00:09.999,00:00:10.400,2,0.000,unassigned/faces/b_00-00-10.199_t2_f2.jpg,"
            "2026-11-23T10:20:39.999Z,2026-11-23T10:20:40.400Z,creation_time,in doubt\r\n"
            "person-0001,day "
            "1/a.mp4,1,1000,4000,00:00:01.000,00:00:04.000,3,0.875,people/person-0001/faces/"
            "a_00-00-01.400_t1_f3.jpg,,,,\r\n"
            "person-0002,day "
            "1/a.mp4,2,3661001,3662500,01:01:01.001,01:01:02.500,2,0.875,people/person-0002/faces/"
            "a_01-01-01.201_t2_f2.jpg,,,,\r\n"
            "person-0002,x.jpg,1,0,0,00:00:00.000,00:00:00.000,1,0.875,people/person-0002/faces/"
            "x_00-00-00.000_t1_f1.jpg,,,,\r\n");
}

TEST_F(CaseLogs, FacesAreExactlyTheseBytesInEveryLocale) {
  const CaseView view = ReadView(*gallery_);
  const std::vector<size_t> one = {3};
  const std::string expected =
      "person,source,track,face,time_ms,frame,x,y,w,h,score,detectors,quality,image,reason\r\n"
      "person-0002,day "
      "1/a.mp4,2,1,3661001,91525,10.2,20.0,30.5,40.0,0.900,scrfd_500m+mtcnn,0.500,people/person-0002/faces/"
      "a_01-01-01.001_t2_f1.jpg,\r\n"
      "person-0002,day "
      "1/a.mp4,2,2,3661201,91530,11.2,20.0,30.5,40.0,0.900,scrfd_500m+mtcnn,0.600,people/person-0002/faces/"
      "a_01-01-01.201_t2_f2.jpg,\r\n";
  EXPECT_EQ(FacesCsv(view, one), expected);
  const auto nobodys = ParseCsv(FacesCsv(view, std::vector<size_t>{1}));
  ASSERT_TRUE(nobodys.ok());
  ASSERT_EQ(nobodys->rows.size(), 2u);
  for (const auto& row : nobodys->rows) EXPECT_EQ(row.back(), "in doubt");
  for (const char* locale : {"de_DE.UTF-8", "fr_FR.UTF-8"}) {
    if (std::setlocale(LC_ALL, locale) == nullptr) continue;  // not on this machine
    EXPECT_EQ(FacesCsv(view, one), expected);
  }
  std::setlocale(LC_ALL, "C");
}

TEST_F(CaseLogs, SuggestionsAreExactlyTheseBytesAndOnlyThoseThatStand) {
  // By name of source: b.mkv 1 and 2, a.mp4 1 and 2, x.jpg 1.
  std::vector<TrackRecord> tracks = *gallery_->ReadTracks({});
  using Kind = SuggestionRecord::Kind;
  ASSERT_TRUE(
      gallery_
          ->ReplaceGrouping(
              {{1, "Anna, A"}, {2, "person-0002"}},
              {{tracks[0].id, 0, 1}, {tracks[2].id, 0, 1}, {tracks[3].id, 0, 1}, {tracks[4].id, 1, 1}},
              {{Kind::kMixture, 0, -1, {tracks[0].id, tracks[3].id}, 0.97251f, 2.5f},
               {Kind::kMerge, 0, 1, {}, 0.5f, 1},
               {Kind::kMixture, 1, -1, {tracks[4].id}, 0.4f, 0.5f},
               {Kind::kMerge, 1, 0, {}, 0.25f, 0.5f}})
          .ok());
  ASSERT_TRUE(gallery_->SettleSuggestions({4}).ok());
  // The third names all that the person has: there is nobody to be told apart from.
  EXPECT_EQ(SuggestionsCsv(ReadView(*gallery_)),
            "rank,kind,person,other,tracks,probability,gain,image,other_image\r\n"
            "1,mixture,\"Anna, A\",,b.mkv:1; day 1/a.mp4:2,0.973,2.50,\"people/Anna, A/faces/"
            "a_00-00-01.400_t1_f3.jpg\",\"people/Anna, A/faces/a_01-01-01.201_t2_f2.jpg\"\r\n"
            "2,merge,\"Anna, A\",person-0002,,0.500,1.00,\"people/Anna, A/faces/a_00-00-01.400_t1_f3.jpg\","
            "people/person-0002/faces/x_00-00-00.000_t1_f1.jpg\r\n");
}

TEST_F(CaseLogs, SourcesAreExactlyTheseBytes) {
  const std::string a64(64, 'a');
  EXPECT_EQ(SourcesCsv(ReadView(*gallery_)),
            "source,sha256,bytes,duration_ms,width,height,rotation,fps,codec,created,created_from,latitude,"
            "longitude,device,decoded,"
            "dark,still,kept,faces,tracks,status,message,geometry,also_at\r\n"
            "b.mkv," +
                a64 +
                ",1000,20000,640,360,0,29.970,h264,2026-11-23T10:20:30Z,creation_time,-12.345679,0.000000,"
                "\"Maker, Model\",100,3,7,40,3,2,ok,,,\r\n"
                "broken.mp4," +
                a64 +
                ",1000,0,640,360,0,29.970,h264,,,,,,0,0,0,0,0,0,failed,\"not a video, \"\"really\"\"\",,\r\n"
                "day 1/a.mp4," +
                a64 +
                ",1000,3700000,640,360,0,29.970,h264,,,,,,100,3,7,40,5,2,ok,,,\r\n"
                "x.jpg," +
                a64 + ",1000,0,640,360,0,29.970,h264,,,,,,1,3,7,40,1,1,ok,,,\r\n");
}

TEST_F(CaseLogs, HostileSourceNamesStayOneFieldAndOneFile) {
  const std::string name = "dir/=cmd|' /C,\"quoted\"\r\n<script>..\\x.mp4";
  auto gallery = *Gallery::Open(scratch_.path() / "hostile", Gallery::Mode::kCreate);
  FillCase(*gallery, {MadeSource(name, 1'000)}, {{name, 1, 0, 400, 1, -1}}, {});
  const CaseView view = ReadView(*gallery);
  const std::vector<size_t> all = {0};
  const auto faces = ParseCsv(FacesCsv(view, all));
  ASSERT_TRUE(faces.ok());
  EXPECT_EQ(faces->rows.at(0).at(1), name);
  const std::string image = faces->rows.at(0).at(13);
  EXPECT_EQ(image, "unassigned/faces/C,_quoted____script_.._x_00-00-00.000_t1_f1.jpg");
}

TEST(UniqueStemsTest, OnlySourcesThatShareAStemGetDigits) {
  EXPECT_THAT(UniqueStems({"a/one.mp4", "two.mkv", "no_extension", ".hidden"}),
              ElementsAre("one", "two", "no_extension", "_hidden"));
  EXPECT_THAT(UniqueStems({"1/img.jpg", "2/IMG.png", "other.jpg"}),
              ElementsAre(MatchesRegex("img-[0-9a-f]{6}"), MatchesRegex("IMG-[0-9a-f]{6}"), "other"));
  // The same digits whatever else is in the case.
  EXPECT_EQ(UniqueStems({"1/img.jpg", "2/IMG.png"})[1],
            UniqueStems({"0/img.avi", "2/IMG.png", "3/img.gif"})[1]);
}

RC_GTEST_PROP(UniqueStemsTest, AnyNamesGiveDifferentSafeStems, (const std::set<std::string>& names)) {
  const std::vector<std::string> list(names.begin(), names.end());
  std::set<std::string> folded;
  for (const std::string& stem : UniqueStems(list)) {
    RC_ASSERT(FileNameProblem(stem).empty());
    RC_ASSERT(stem.size() <= 200u);
    folded.insert(CaseFolded(stem));
  }
  RC_ASSERT(folded.size() == list.size());
}

TEST(MillisecondsTest, RoundsHalvesUpOnBothSidesOfZero) {
  EXPECT_EQ(Milliseconds(0), 0);
  EXPECT_EQ(Milliseconds(499), 0);
  EXPECT_EQ(Milliseconds(500), 1);
  EXPECT_EQ(Milliseconds(33'333), 33);
  EXPECT_EQ(Milliseconds(-499), 0);
  EXPECT_EQ(Milliseconds(-500), 0);
  EXPECT_EQ(Milliseconds(-501), -1);
  EXPECT_EQ(Milliseconds(-1'500), -1);
}

}  // namespace
}  // namespace crossface
