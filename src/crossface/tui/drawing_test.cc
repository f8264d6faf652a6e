// What is drawn, cell by cell.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ftxui/screen/screen.hpp>
#include <ftxui/screen/terminal.hpp>
#include <opencv2/core.hpp>
#include <regex>

#include "crossface/testing/testing.h"
#include "crossface/tui/dashboard_observer.h"
#include "crossface/tui/dashboard_view.h"
#include "crossface/tui/folder_field.h"
#include "crossface/tui/picture.h"
#include "crossface/tui/style.h"
#include "crossface/util/jpeg.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ftxui::Screen Drawn(const ftxui::Element& element, int columns, int rows) {
  auto screen = ftxui::Screen::Create(ftxui::Dimension::Fixed(columns), ftxui::Dimension::Fixed(rows));
  ftxui::Render(screen, element);
  return screen;
}

std::vector<std::string> Lines(const ftxui::Element& element, int columns, int rows) {
  const ftxui::Screen screen = Drawn(element, columns, rows);
  std::vector<std::string> lines;
  for (int y = 0; y < rows; ++y) {
    lines.emplace_back();
    // A cell that nobody drew on is empty.
    for (int x = 0; x < columns; ++x) lines.back() += screen.at(x, y).empty() ? " " : screen.at(x, y);
  }
  return lines;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

// Left half red, right half blue; of a width whose rows end anywhere.
std::string TwoColours() {
  cv::Mat picture(65, 65, CV_8UC3, cv::Scalar(0, 0, 255));
  picture.colRange(32, 65).setTo(cv::Scalar(255, 0, 0));
  return EncodeJpeg(picture, 95);
}

TEST(Picture, IsDrawnInItsColoursByCells) {
  ftxui::Terminal::SetColorSupport(ftxui::Terminal::TrueColor);
  PictureBook book(Graphics::kCells, 10, 20);
  const ftxui::Screen screen = Drawn(book.Draw("two", TwoColours, 16, 8), 16, 8);
  const auto is_near = [](const ftxui::Color& colour, int red, int blue) {
    return colour == ftxui::Color::RGB(static_cast<uint8_t>(red), 0, static_cast<uint8_t>(blue)) ||
           colour.Print(true).starts_with(red > 0 ? "48;2;25" : "48;2;0;0;25");
  };
  // A cell is paper or all ink.
  const auto colour_at = [&](int x, int y) {
    const ftxui::Pixel& pixel = screen.PixelAt(x, y);
    return pixel.character == "█" ? pixel.foreground_color : pixel.background_color;
  };
  for (int y = 0; y < 8; ++y) {
    EXPECT_TRUE(is_near(colour_at(3, y), 255, 0)) << y << ": " << colour_at(3, y).Print(true);
    EXPECT_TRUE(is_near(colour_at(12, y), 0, 255)) << y << ": " << colour_at(12, y).Print(true);
  }
}

TEST(Picture, IsSentAsPixelsWhereTheTerminalTakesThem) {
  for (const auto& [graphics, begin] :
       {std::pair(Graphics::kKitty, "\x1b_G"), std::pair(Graphics::kSixel, "\x1bP")}) {
    PictureBook book(graphics, 10, 20);
    const ftxui::Screen screen =
        Drawn(ftxui::vbox({ftxui::text("above"), book.Draw("two", TwoColours, 16, 8)}), 20, 9);
    const auto placed = book.TakePlaced();
    ASSERT_EQ(placed.size(), 1u);
    EXPECT_EQ(placed[0].row, 1);
    EXPECT_EQ(placed[0].rows, 8);
    EXPECT_THAT(placed[0].sequence->substr(0, 3), HasSubstr(begin));
    EXPECT_EQ(screen.at(3, 4), "") << "the cells below stay empty";
    Drawn(book.Draw("two", TwoColours, 16, 8), 20, 4);
    EXPECT_TRUE(book.TakePlaced().empty()) << "what does not fit is left out";
  }
}

TEST(Picture, IsEmptyForWhatIsNone) {
  PictureBook book(Graphics::kCells, 10, 20);
  EXPECT_THAT(Lines(book.Draw(
                        "none", [] { return std::string("no JPEG"); }, 4, 2),
                    4, 2),
              ElementsAre("    ", "    "));
}

TEST(Style, SparklinesShowWhatWasAdded) {
  EXPECT_EQ(Sparkline({0, 0, 10, 15}, 3), "▁█▅");
  EXPECT_EQ(Sparkline({5}, 2), "  ");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(EndOf("a/long/path.mp4", 9), "…path.mp4");
}

TEST(FolderField, IsCompletedAsFarAsItIsCertain) {
  const testing::ScratchFolder scratch;
  const std::string at = scratch.path().string() + "/";
  for (const char* name : {"videos one", "videos two", "other", ".hidden"})
    std::filesystem::create_directories(at + name);
  std::ofstream(at + "vid.txt") << "no folder";
  EXPECT_EQ(CompleteFolder(at + "v").text, at + "videos ");
  EXPECT_THAT(CompleteFolder(at + "v").names, ElementsAre("videos one", "videos two"));
  EXPECT_EQ(CompleteFolder(at + "videos o").text, at + "videos one/");
  EXPECT_EQ(CompleteFolder(at + "nothing").text, at + "nothing");
  EXPECT_THAT(CompleteFolder(at).names, ElementsAre("other", "videos one", "videos two"));
  EXPECT_EQ(PathOfTyped("'/a b'"), "/a b");
}

// Writes down what it is told.
class Listener final : public Observer {
 public:
  void OnScan(const ScanProgress& progress) override {
    for (const std::string& line : progress.finished) told.push_back(line);
  }
  void OnWork(const WorkProgress&) override { told.emplace_back("work"); }
  void OnWarning(const std::string& text) override { told.push_back("warning: " + text); }
  void OnGrouped(const ClusterSummary& answer) override {
    told.push_back("people " + std::to_string(answer.persons));
  }
  std::vector<std::string> told;
};

TEST(DashboardObserver, RetellsAsTextWhatItWasToldInOrder) {
  DashboardObserver observer;
  ScanProgress progress;
  progress.finished = {"a.mp4: done"};
  observer.OnScan(progress);
  observer.OnWarning("b.mp4: damaged");
  observer.OnWork(CountedWork("export", 1, 2));
  ClusterSummary grouped;
  grouped.persons = 3;
  observer.OnGrouped(grouped);
  Listener listener;
  observer.Retell(listener);
  EXPECT_THAT(listener.told, ElementsAre("a.mp4: done", "warning: b.mp4: damaged", "people 3"));
}

DashboardFacts BusyFacts() {
  DashboardObserver observer;
  ScanProgress progress;
  progress.sources = 12;
  progress.done = 3;
  progress.bytes = 1000;
  progress.bytes_done = 250;
  progress.faces = 1234;
  progress.elapsed_s = 10;
  progress.remaining_s = 30;
  progress.counts = {.decoded = 98765, .dark = 11, .still = 222, .paced = 3333, .kept = 4444, .cuts = 5};
  for (int i = 0; i < 9; ++i)
    progress.active.push_back(
        {"a folder with a long name/and another one/\x1b[2Jclip " + std::to_string(i) + ".mp4", 30'000,
         60'000, 2.5});
  observer.OnScan(progress);
  for (int i = 0; i < 5; ++i) observer.OnWarning("warning number " + std::to_string(i));
  observer.OnTracks({{.source = "clip.mp4", .number = 1, .time_us = 5, .quality = 1, .jpeg = TwoColours()}});
  return observer.facts();
}

TEST(DashboardView, ShowsWhatMattersAtEverySize) {
  const DashboardFacts facts = BusyFacts();
  for (const auto& [columns, rows] : {std::pair(60, 15), std::pair(80, 24), std::pair(200, 60)}) {
    DashboardState state{.title = "crossface identify", .columns = columns, .rows = rows};
    PictureBook book(Graphics::kCells, 10, 20);
    const auto lines = Lines(DrawDashboard(facts, state, book), columns, rows);
    const std::string all = Joined(lines);
    EXPECT_THAT(all, HasSubstr(" 25 %  30 s left  3/12 sources"));
    EXPECT_THAT(all, HasSubstr("98,765"));
    EXPECT_THAT(all, HasSubstr("1,234"));
    EXPECT_THAT(all, HasSubstr("! warning number 4"));
    EXPECT_THAT(all, HasSubstr("2 earlier warnings"));
    EXPECT_THAT(all, HasSubstr("clip 0.mp4"));
    EXPECT_THAT(all, Not(HasSubstr("\x1b")));
    EXPECT_THAT(lines.back(), HasSubstr("q stop")) << columns;
    EXPECT_EQ(rows >= 24, all.find("newest faces") != std::string::npos) << all;
  }
}

LiveFacts WatchedFacts(size_t streams) {
  LiveFacts live;
  live.progress.people = 3;
  for (size_t i = 0; i < streams; ++i) {
    LiveStreamProgress stream{.name = fmt::format("camera-{}", i), .shown = "rtsp://10.0.0.1/live"};
    const bool lost = i % 3 == 2;
    stream.state = lost ? StreamEvent::State::kLost : StreamEvent::State::kConnected;
    stream.message = lost ? "rtsp://10.0.0.1/live: nothing came for 10 s" : "";
    stream.width = 1280, stream.height = 720, stream.codec = "h264";
    stream.frames = 45'678, stream.looked_at = 1'234, stream.dropped = 17, stream.recorded_bytes = 12'345'678;
    stream.delay_p50_ms = 90, stream.delay_p95_ms = 270;
    live.progress.streams.push_back(stream);
    live.frames.push_back({0, 12, 25, 37, 50});
  }
  return live;
}

TEST(LiveView, ShowsEveryStreamOrSaysHowManyMoreThereAre) {
  for (const auto& [columns, rows] : {std::pair(60, 15), std::pair(80, 24), std::pair(200, 60)}) {
    for (const size_t streams : {size_t{1}, size_t{3}, size_t{40}}) {
      DashboardFacts facts;
      facts.live = WatchedFacts(streams);
      const DashboardState state{.title = "crossface live", .columns = columns, .rows = rows};
      PictureBook book(Graphics::kCells, 10, 20);
      const auto lines = Lines(DrawDashboard(facts, state, book), columns, rows);
      const std::string all = Joined(lines);
      EXPECT_THAT(all, HasSubstr("camera-0"));
      EXPECT_THAT(all, HasSubstr("watching"));
      EXPECT_THAT(all, HasSubstr("3 people, 0 on screen"));
      EXPECT_THAT(lines.back(), HasSubstr("q stop, keep what is recorded"));
      if (columns >= 80) {
        EXPECT_THAT(all, HasSubstr("  25/s"));
        EXPECT_THAT(all, HasSubstr("delay   90/ 270 ms  dropped    17    12 MB"));
      }
      if (streams == 1) {
        EXPECT_THAT(all, HasSubstr("1280x720 h264"));
      }
      if (streams == 3 && columns >= 80) {
        EXPECT_THAT(all, HasSubstr("lost     rtsp://10.0.0.1/live: nothing came for 10 s"));
      }
      if (streams == 40) {
        EXPECT_TRUE(std::regex_search(all, std::regex("and \\d+ more, \\d+ of them not watched now"))) << all;
      }
    }
  }
}

class LiveListener final : public LiveObserver {
 public:
  void OnLive(const LiveEvent& event) override { told.push_back(event); }
  void OnWarning(const std::string& text) override { warnings.push_back(text); }
  std::vector<LiveEvent> told;
  std::vector<std::string> warnings;
};

SeenEvent Seen(int64_t track, const std::string& name, int64_t id = 0) {
  SeenEvent seen{.stream = "gate", .time_us = 1'000'000 * track, .track = track, .opened = true};
  seen.person = {.id = id, .name = name, .is_new = id == 0, .confidence = 0.98};
  seen.picture = std::make_shared<const std::string>(TwoColours());
  return seen;
}

TEST(LiveView, ShowsWhoIsThereNowKnownPeopleFirstAndWhoWas) {
  DashboardObserver observer;
  observer.OnLiveProgress(WatchedFacts(1).progress);
  observer.OnLive(Seen(1, "new-0001"));
  observer.OnLive(Seen(2, "Anna", 7));
  observer.OnLive(Seen(3, "new-0002"));
  SeenEvent better = Seen(3, "Ben", 8);
  better.watched = true;
  observer.OnLive(better);
  observer.OnLive(
      LostEvent{.stream = "gate", .time_us = 9'000'000, .track = 1, .person = {.name = "new-0001"}});
  observer.OnLive(StreamEvent{.stream = "gate", .state = StreamEvent::State::kLost, .message = "no answer"});
  const DashboardFacts facts = observer.facts();
  ASSERT_EQ(facts.newest.size(), 3u) << "one of each track";
  EXPECT_EQ(facts.newest.front()->label, "Ben");
  PictureBook book(Graphics::kCells, 10, 20);
  const std::string all = Joined(Lines(DrawDashboard(facts, DashboardState(), book), 80, 24));
  const size_t ben = all.find("Ben "), anna = all.find("Anna "), gone = all.find("00:00:00Z to 00:00:09Z");
  EXPECT_LT(ben, anna) << all;
  EXPECT_LT(anna, gone) << all;
  EXPECT_NE(gone, std::string::npos) << all;
  EXPECT_THAT(all, HasSubstr("gate  since 00:00:03Z  98 %  WATCHED"));
  EXPECT_THAT(all, HasSubstr("! 00:00:00Z gate: no answer"));
  EXPECT_THAT(all, HasSubstr("newest faces"));
}

TEST(DashboardObserver, TellsLiveEventsAtOnceOrTheLastOnesAtTheEnd) {
  LiveListener at_once, at_the_end;
  DashboardObserver writes(&at_once);
  writes.OnLive(Seen(1, "Anna", 7));
  EXPECT_EQ(at_once.told.size(), 1u);
  writes.RetellLive(at_the_end);
  EXPECT_TRUE(at_the_end.told.empty()) << "not twice";
  DashboardObserver keeps;
  keeps.OnLive(StatsEvent{});
  for (int i = 0; i < 600; ++i) keeps.OnLive(Seen(i, "Anna", 7));
  keeps.RetellLive(at_the_end);
  EXPECT_EQ(at_the_end.told.size(), 500u);
  EXPECT_EQ(std::get<SeenEvent>(at_the_end.told.back()).track, 599);
  EXPECT_THAT(at_the_end.warnings, ElementsAre(HasSubstr("100 events came before")));
}

TEST(DashboardView, SaysThatItStandsStillOrStops) {
  const DashboardFacts facts = BusyFacts();
  PictureBook book(Graphics::kCells, 10, 20);
  DashboardState state{.paused = true};
  EXPECT_THAT(Joined(Lines(DrawDashboard(facts, state, book), 80, 24)), HasSubstr("paused: p goes on"));
  state.stopping = true;
  EXPECT_THAT(Joined(Lines(DrawDashboard(facts, state, book), 80, 24)), HasSubstr("stopping"));
  EXPECT_THAT(Joined(Lines(DrawDashboard({}, DashboardState(), book), 80, 24)), HasSubstr("getting ready"));
}

}  // namespace
}  // namespace crossface
