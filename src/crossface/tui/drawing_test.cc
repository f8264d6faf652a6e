// What is drawn, cell by cell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ftxui/screen/screen.hpp>
#include <ftxui/screen/terminal.hpp>
#include <opencv2/core.hpp>

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
