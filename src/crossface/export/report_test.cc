#include "crossface/export/report.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "crossface/export/case_exporter.h"
#include "crossface/export/made_case_for_test.h"
#include "crossface/export/report_pictures.h"
#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

nlohmann::json DataOf(const std::string& page) {
  return nlohmann::json::parse(Between(page, "<script type=\"application/json\" id=\"case\">", "</script>"));
}

// Begins what the page is built of.
constexpr char kData[] = "<script type=\"application/json\"";

size_t CountOf(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

class ReportTest : public ::testing::Test {
 protected:
  void SetUp() override { gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate); }
  std::string Html() {
    const auto view = CaseView::Read(*gallery_);
    const auto html = ReportHtml(*view, *gallery_);
    EXPECT_TRUE(html.ok()) << html.status().message();
    return *html;
  }
  // Of a case of one source: `page` as it shall be now that these persons have changed.
  std::optional<std::string> Updated(const std::string& page, const std::set<int64_t>& touched) {
    const auto view = CaseView::Read(*gallery_);
    ReportChange change{.touched = touched};
    for (const PersonView& person : view->persons)
      change.persons.push_back({person.record.id, person.record.ignored, person.screen_us,
                                static_cast<int64_t>(person.tracks.size())});
    for (size_t i = 0; i < view->tracks.size(); ++i) {
      const TrackRecord& track = view->tracks[i];
      change.tracks[0].push_back(
          {.person_id = view->persons[static_cast<size_t>(view->person_of[i])].record.id,
           .start_us = track.start_us,
           .end_us = track.end_us,
           .faces = track.face_count,
           .confidence = view->confidence[i]});
    }
    std::string updated;
    const auto append = [&](std::string_view text) {
      updated += text;
      return Status();
    };
    const auto is_updated = UpdateReport(page, change, *view, *gallery_, nullptr, append);
    EXPECT_TRUE(is_updated.ok()) << is_updated.status().message();
    if (is_updated.ok() && *is_updated) return updated;
    EXPECT_EQ(updated, "") << "nothing was appended";
    return std::nullopt;
  }
  std::filesystem::path browser_log() const { return scratch_.path() / "log"; }
  // The report's page as a browser has built it. It builds what is in the window when it paints, which a busy
  // computer may do late: once more, with more time, until `is_built`.
  std::string InBrowser(int height, const std::function<bool(const std::string& shown)>& is_built) const {
    const std::string dom_file = (scratch_.path() / "dom.html").string();
    std::string dom;
    for (const int budget_ms : {3000, 6000, 12'000, 24'000}) {
      const std::string command = fmt::format(
          "timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
          "--disable-background-networking --disable-component-update --no-first-run --enable-logging=stderr "
          "--user-data-dir='{}' --virtual-time-budget={} --window-size=1200,{} --dump-dom 'file://{}' >'{}' "
          "2>'{}'",
          (scratch_.path() / "profile").string(), budget_ms, height,
          (scratch_.path() / "case/report.html").string(), dom_file, browser_log().string());
      EXPECT_EQ(testing::RunCommand(command), 0) << *ReadFile(browser_log());
      dom = *ReadFile(dom_file);
      if (is_built(dom.substr(0, dom.find(kData)))) break;
    }
    return dom;
  }
  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(ReportTest, HoldsThePersonsSeenLongestFirstWithTheirFaces) {
  FillSmallCase(*gallery_);
  ASSERT_TRUE(gallery_->RenamePerson(2, "Ада").ok());
  const auto data = DataOf(Html());
  ASSERT_EQ(data["persons"].size(), 2u);
  const auto& first = data["persons"][0];
  EXPECT_EQ(first["name"], "person-0001");
  EXPECT_EQ(first["screen"], 3'500);
  EXPECT_EQ(first["sources"], 2);
  EXPECT_EQ(first["tracks"], 2);
  EXPECT_EQ(first["faces"], 4);
  EXPECT_EQ(first["strip"].size(), 3u);  // all but the portrait
  EXPECT_EQ(data["persons"][1]["name"], "Ада");
  EXPECT_EQ(data["unassigned"]["tracks"], 1);
  EXPECT_EQ(data["unassigned"]["strip"].size(), 2u);
  EXPECT_EQ(data["unassigned"]["strip"][0][4], "in doubt");
  EXPECT_EQ(data["unassigned"]["reasons"], nlohmann::json::parse(R"([["in doubt", 1]])"));
  EXPECT_EQ(first["strip"][0].size(), 4u) << "no reason where there is a person";
  EXPECT_EQ(data["tracks"][1][6], "in doubt");
  EXPECT_EQ(data["sources"].size(), 4u);
  EXPECT_EQ(data["sources"][1]["status"], "failed");
  EXPECT_EQ(data["tracks"].size(), 5u);
  EXPECT_EQ(data["tracks"][3], nlohmann::json::parse("[2, 2, 3661001, 3662500, 2, 875]"));
  ASSERT_EQ(data["models"].size(), 2u);
  EXPECT_EQ(data["models"][0]["name"], "arcface_ms1m");
  EXPECT_EQ(data["models"][0]["sha256"], "0123456789abcdef");
}

TEST_F(ReportTest, ReasonsAreCountedByTrackTheMostFrequentFirst) {
  FillSmallCase(*gallery_);
  const auto tracks = *gallery_->ReadTracks({});
  using enum UnassignedReason;
  const UnassignedReason reasons[] = {kBlurred, kCovered, kBlurred, kNone, kAlone};
  std::vector<Gallery::NewAssignment> assignments;
  for (size_t i = 0; i < tracks.size(); ++i) assignments.push_back({tracks[i].id, -1, 0, reasons[i]});
  ASSERT_TRUE(gallery_->ReplaceGrouping({}, assignments).ok());
  const auto data = DataOf(Html());
  EXPECT_EQ(data["unassigned"]["reasons"],
            nlohmann::json::parse(R"([["blurred", 2], ["alone", 1], ["covered", 1]])"));
  EXPECT_EQ(data["tracks"][3].size(), 6u) << "the user made it nobody's";
}

TEST_F(ReportTest, SameGallerySameBytes) {
  FillSmallCase(*gallery_);
  EXPECT_EQ(Html(), Html());
}

TEST_F(ReportTest, PolicyNamesTheOneScriptAndForbidsAllElse) {
  FillSmallCase(*gallery_);
  const std::string page = Html();
  const std::string policy = Between(page, "Content-Security-Policy\" content=\"", "\"");
  const std::string script = Between(page, "<script>", "</script>");
  std::string digest;
  const std::string hex = Sha256Hex(script);
  for (size_t i = 0; i < hex.size(); i += 2)
    digest += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("script-src 'sha256-" + Base64(digest) + "'"));
  EXPECT_EQ(CountOf(page, "http"), CountOf(page, "http-equiv"));  // no address of anything outside
}

TEST_F(ReportTest, NoTextOfTheCaseCanEndTheElementItStandsIn) {
  const std::string name = "</script><script>alert(1)</script><!--\"'&\xE2\x80\xA8.mp4";
  FillCase(*gallery_, {MadeSource(name, 5'000)}, {{name, 1, 0, 400, 1, 0}}, {"A & 'B'"});
  const std::string page = Html();
  EXPECT_EQ(CountOf(page, "<script"), 2u);
  EXPECT_EQ(CountOf(page, "<!--"), 0u);
  EXPECT_EQ(DataOf(page)["sources"][0]["name"], name);
  EXPECT_EQ(DataOf(page)["persons"][0]["name"], "A & 'B'");
}

TEST(ReportShares, SharesAboutAsManyPicturesInEveryCase) {
  EXPECT_EQ(ReportSharesFor(0), (ReportShares{0, 0}));
  EXPECT_EQ(ReportSharesFor(100), (ReportShares{100, 24}));
  EXPECT_EQ(ReportSharesFor(1'000), (ReportShares{1'000, 1}));
  EXPECT_EQ(ReportSharesFor(100'000), (ReportShares{1'333, 0}));
  for (size_t persons = 1; persons < 20'000; ++persons) {
    const ReportShares shares = ReportSharesFor(persons);
    EXPECT_LE(3 * shares.portraits + shares.faces * persons, 4'000u) << persons;
  }
}

TEST_F(ReportTest, IsTakenApartAndPutTogetherAgain) {
  EXPECT_EQ(ReportPage(*SplitReport(Html())), Html()) << "nothing in it";
  FillSmallCase(*gallery_);
  ASSERT_TRUE(gallery_->RenamePerson(2, "A, [B] {id, 7}").ok());
  const std::string page = Html();
  const auto lines = SplitReport(page);
  ASSERT_TRUE(lines.has_value());
  EXPECT_EQ(lines->sources.size(), 4u);
  ASSERT_EQ(lines->tracks.size(), 3u) << "one line for each source that has tracks";
  EXPECT_EQ(SourceOfLine(lines->tracks[1]), 2);
  ASSERT_EQ(lines->persons.size(), 2u);
  EXPECT_EQ(PersonOfLine(lines->persons[1]), 2);
  EXPECT_EQ(ReportPage(*lines), page);
  EXPECT_FALSE(SplitReport(page.substr(0, page.size() - 1)));
  EXPECT_FALSE(SplitReport("<html></html>"));
}

// Of so many persons not everybody has a portrait: who has one depends on who else is there.
TEST_F(ReportTest, IsChangedInPartWhereOthersGetOrLoseTheirPortraits) {
  constexpr int64_t kPersons = 1335;
  std::vector<MadeTrack> tracks;
  tracks.reserve(kPersons);
  for (int64_t i = 0; i < kPersons; ++i) {
    tracks.push_back({"a", i + 1, i * 1000, i * 1000 + 900 - i / 2, 1, static_cast<int>(i)});
  }
  FillCase(*gallery_, {MadeSource("a", kPersons * 1000)}, tracks, std::vector<std::string>(kPersons));
  const std::string before = Html();
  ASSERT_TRUE(gallery_->RenamePerson(7, "Ada").ok());
  EXPECT_EQ(Updated(before, {7}), Html());

  // Some of who is seen longest are merged into one, so that others come among those with portraits; then
  // they are parted again.
  const auto persons = *gallery_->ReadPersons();
  const auto merged_into = [&](size_t taken) {
    std::vector<Gallery::NewAssignment> assignments;
    const auto all = *gallery_->ReadTracks({});
    for (size_t i = 0; i < all.size(); ++i)
      assignments.push_back({all[i].id, static_cast<int>(i < taken ? 0 : i), 1});
    EXPECT_TRUE(gallery_->ReplaceGrouping(persons, assignments).ok());
  };
  std::set<int64_t> touched;
  for (size_t i = 0; i < 5; ++i) touched.insert(persons[i].id);
  std::string page = Html();
  for (const size_t taken : {5, 2, 4, 1}) {
    merged_into(taken);
    const std::string whole = Html();
    EXPECT_EQ(Updated(page, touched), whole) << taken;
    EXPECT_NE(page, whole);
    page = whole;
  }
  merged_into(3);
  page = Html();
  merged_into(1);
  EXPECT_EQ(Updated(page, {persons[0].id}), std::nullopt) << "somebody is there of whom nothing was said";
}

TEST_F(ReportTest, ThumbnailsAreMadeOnceAndKeptAsLongAsTheyAreShown) {
  FillSmallCase(*gallery_);
  const auto view = CaseView::Read(*gallery_);
  ReportThumbnails first, second;
  const std::string page = *ReportHtml(*view, *gallery_, &first);
  ASSERT_FALSE(first.made.empty());
  ASSERT_TRUE(gallery_->KeepThumbnails(first.made, first.shown_faces).ok());
  EXPECT_EQ(*ReportHtml(*view, *gallery_, &second), page);
  EXPECT_TRUE(second.made.empty());
  EXPECT_EQ(second.shown_faces, first.shown_faces);
  const Thumbnail& kept = first.made.front();
  EXPECT_EQ(*gallery_->ReadThumbnail(kept.face_id, kept.pixels, kept.quality), kept.jpeg);
  EXPECT_EQ(*gallery_->ReadThumbnail(kept.face_id, kept.pixels + 1, kept.quality), std::nullopt);
  ASSERT_TRUE(gallery_->KeepThumbnails({}, {}).ok());
  EXPECT_EQ(*gallery_->ReadThumbnail(kept.face_id, kept.pixels, kept.quality), std::nullopt);
}

TEST_F(ReportTest, FacesOfOtherSourcesComeBeforeMoreOfTheSame) {
  FillCase(*gallery_, {MadeSource("a", 90'000), MadeSource("b", 90'000)},
           {{"a", 1, 0, 9'000, 12, 0}, {"a", 2, 20'000, 21'000, 3, 0}, {"b", 1, 0, 400, 1, 0}}, {""});
  const auto view = *CaseView::Read(*gallery_);
  std::vector<size_t> tracks;
  for (const FacePlace& place : ChooseReportFaces(view, view.persons[0].tracks, 5, nullptr))
    tracks.push_back(place.track);
  EXPECT_THAT(tracks, ElementsAre(0, 2, 1, 0, 1));
  EXPECT_EQ(ChooseReportFaces(view, view.persons[0].tracks, 100, nullptr).size(), 4u + 3u + 1u);
}

TEST(Base64Test, GivesTheExamplesOfRfc4648) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foob"), "Zm9vYg==");
  EXPECT_EQ(Base64("\xFF\xEF\xBE"), "/+++");
}

// A port of this machine that counts who comes.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(socket_, 8);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  int port() const { return port_; }
  bool SomebodyCame() const {
    const int caller = ::accept(socket_, nullptr, nullptr);
    if (caller >= 0) ::close(caller);
    return caller >= 0;
  }

 private:
  int socket_, port_ = 0;
};

TEST_F(ReportTest, BrowserShowsThePersonsAndAsksNobodyForAnything) {
  if (testing::RunCommand("command -v chromium >/dev/null") != 0) GTEST_SKIP() << "chromium is not installed";
  const Listener listener;
  const std::string lure = "http://127.0.0.1:" + std::to_string(listener.port()) + "/x";
  const std::string name = "</script><img src=" + lure +
                           " onerror=document.title='taken'><link rel=stylesheet href=" + lure + ">.mp4";
  FillSmallCase(*gallery_);
  ASSERT_TRUE(gallery_->RenamePerson(1, "Марія & O'Neill").ok());
  {
    SourceRecord hostile = MadeSource(name, 60'000);
    hostile.message = "<img src=" + lure + ">";
    hostile.info.device = hostile.message;
    const auto id = gallery_->WriteSource(hostile);
    ASSERT_TRUE(gallery_->AppendTracks(*id, {MadeTrackRecord({name, 1, 1'000, 30'000, 3})}, {}).ok());
  }
  ASSERT_TRUE(ExportCase(*gallery_).ok());
  const std::string dom =
      InBrowser(3000, [](const std::string& shown) { return CountOf(shown, "<span>in doubt</span>") == 2; });
  const std::string shown = dom.substr(0, dom.find(kData));
  EXPECT_EQ(CountOf(shown, "<article class=\"person\""), 2u);
  EXPECT_THAT(shown, HasSubstr("Марія &amp; O'Neill"));
  EXPECT_THAT(shown, HasSubstr("person-0002"));
  EXPECT_THAT(shown, HasSubstr("<li>in doubt 1</li>"));
  EXPECT_EQ(CountOf(shown, "<span>in doubt</span>"), 2u);
  EXPECT_EQ(CountOf(shown, "<article class=\"source\""), 3u);
  EXPECT_GE(CountOf(shown, "%; width: "), 5u);  // segments of the timelines
  EXPECT_GE(CountOf(shown, "src=\"data:image/jpeg;base64,"), 8u);
  EXPECT_THAT(shown, HasSubstr("not a video, \"really\""));
  EXPECT_THAT(shown, HasSubstr("&lt;/script&gt;&lt;img src="));
  EXPECT_THAT(shown, Not(HasSubstr("<img src=\"http")));
  EXPECT_THAT(dom, Not(HasSubstr("<title>taken")));
  EXPECT_THAT(*ReadFile(browser_log()), Not(HasSubstr("CONSOLE")));  // neither errors nor refused requests
  EXPECT_FALSE(listener.SomebodyCame());
}

TEST_F(ReportTest, BrowserPutsALongListOnThePageAStretchAtATime) {
  if (testing::RunCommand("command -v chromium >/dev/null") != 0) GTEST_SKIP() << "chromium is not installed";
  std::vector<MadeTrack> tracks;
  tracks.reserve(700);
  for (int64_t person = 0; person < 700; ++person) {
    tracks.push_back({"a.mp4", person + 1, person * 1000, person * 1000 + 500, 1, static_cast<int>(person)});
  }
  FillCase(*gallery_, {MadeSource("a.mp4", 900'000)}, tracks, std::vector<std::string>(700));
  ASSERT_TRUE(ExportCase(*gallery_).ok());
  const std::string dom = InBrowser(
      900, [](const std::string& shown) { return CountOf(shown, "<article class=\"person\"") >= 90; });
  const std::string shown = dom.substr(0, dom.find(kData));
  const auto cards = CountOf(shown, "<article class=\"person\"");
  EXPECT_GE(cards, 90u);
  EXPECT_LT(cards, 700u) << "what is far below is not there yet";
  EXPECT_THAT(shown, HasSubstr("people are not on the page yet"));
  EXPECT_EQ(DataOf(*ReadFile(scratch_.path() / "case/report.html"))["persons"].size(), 700u);
  EXPECT_THAT(*ReadFile(browser_log()), Not(HasSubstr("CONSOLE")));
}

}  // namespace
}  // namespace crossface
