#include "crossface/app/live_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;

class Board : public ::testing::Test {
 protected:
  SeenEvent Seen(int64_t track, const std::string& name, bool opened = true, bool picture = true) {
    return {.stream = "gate",
            .time_us = ++now_us_ * 1'000'000,
            .track = track,
            .opened = opened,
            .person = {.name = name, .is_new = true, .confidence = 0.8},
            .picture = picture ? std::make_shared<const std::string>("jpeg of " + name) : nullptr};
  }
  Json Shown() {
    LiveProgress progress{.people = 7};
    progress.streams.push_back({.name = "gate", .shown = "rtsp://camera/", .frames = ++frames_});
    board_->Show(progress);
    return Watches().at(0)["now"];
  }
  Json Watches() const {
    auto boards = ReadLiveBoards(folder());
    EXPECT_TRUE(boards.ok()) << boards.status().message();
    return boards.ok() ? (*boards)["watches"] : Json();
  }
  static std::vector<std::string> Names(const Json& list) {
    std::vector<std::string> names;
    for (const Json& one : list) names.push_back(one["person"]);
    return names;
  }
  fs::path folder() const { return scratch_.path(); }
  fs::path OnlyBoard() const { return fs::directory_iterator(folder() / "live")->path(); }
  void Begin() {
    board_.emplace(true, std::vector<std::string>{"Anna"});
    board_->Begin(folder());
  }

  testing::ScratchFolder scratch_;
  std::optional<LiveBoard> board_;
  int64_t now_us_ = 1'700'000'000, frames_ = 0;
};

TEST_F(Board, ShowsWhoIsThereAndGoesWithTheWatch) {
  EXPECT_THAT(Watches(), IsEmpty());
  Begin();
  board_->Take(Seen(1, "new-0001"));
  SeenEvent anna = Seen(2, "Anna");
  anna.watched = true;
  board_->Take(anna);
  Json now = Shown();
  EXPECT_EQ(Names(now["present"]), (std::vector<std::string>{"Anna", "new-0001"}));
  EXPECT_EQ(Names(now["faces"]), (std::vector<std::string>{"Anna", "new-0001"}));
  EXPECT_EQ(Names(now["rings"]), (std::vector<std::string>{"Anna"}));
  EXPECT_EQ(now["people"], 7);
  EXPECT_EQ(now["streams"][0]["address"], "rtsp://camera/");
  const int64_t watch = Watches()[0]["id"];
  EXPECT_EQ(*ReadLiveFace(folder(), watch, now["rings"][0]["face"]), "jpeg of Anna");
  EXPECT_EQ(ReadLiveFace(folder(), watch, 99).status().code(), StatusCode::kNotFound);

  // She is known better now: one face of her, and since when she is there stays.
  board_->Take(Seen(1, "Berta", false));
  board_->Take(LostEvent{.stream = "gate", .track = 2});
  now = Shown();
  EXPECT_EQ(Names(now["present"]), (std::vector<std::string>{"Berta"}));
  EXPECT_EQ(Names(now["faces"]), (std::vector<std::string>{"Berta", "Anna"}));
  EXPECT_LT(now["present"][0]["since"].get<std::string>(), now["present"][0]["time"].get<std::string>());
  board_.reset();
  EXPECT_THAT(Watches(), IsEmpty());
  EXPECT_FALSE(fs::exists(folder() / "live"));
}

TEST_F(Board, AFaceThatGoesOnAsAnotherTrackIsNobodyNew) {
  Begin();
  board_->Take(Seen(1, "Anna"));
  const std::string since = Shown()["present"][0]["since"];
  board_->Take(LostEvent{.stream = "gate", .track = 1, .goes_on = true});
  EXPECT_EQ(Names(Shown()["present"]), (std::vector<std::string>{"Anna"}));
  board_->Take(Seen(2, "Anna"));
  const Json now = Shown();
  ASSERT_THAT(now["present"], SizeIs(1));
  EXPECT_EQ(now["present"][0]["track"], 2);
  EXPECT_EQ(now["present"][0]["since"], since);
  EXPECT_THAT(now["faces"], SizeIs(1));
}

TEST_F(Board, IsOfBoundedSizeHoweverManyCome) {
  Begin();
  for (int track = 1; track <= 500; ++track) {
    SeenEvent seen = Seen(track, "Anna" + std::to_string(track));
    seen.watched = true;
    board_->Take(seen);
    if (track % 2 == 0) board_->Take(LostEvent{.stream = "gate", .track = track});
    board_->Take(
        StreamEvent{.stream = "gate", .state = StreamEvent::State::kNote, .message = "lost packets"});
    if (track % 50 == 0) Shown();
  }
  const Json now = Shown();
  EXPECT_THAT(now["present"], SizeIs(LiveBoard::kMostPresent));
  EXPECT_EQ(now["present_total"], 250);
  EXPECT_THAT(now["faces"], SizeIs(LiveBoard::kMostFaces));
  EXPECT_THAT(now["rings"], SizeIs(LiveBoard::kMostRings));
  EXPECT_THAT(now["notes"], SizeIs(LiveBoard::kMostNotes));
  for (const char* list : {"present", "faces", "rings"})
    for (const Json& one : now[list])
      EXPECT_TRUE(ReadLiveFace(folder(), Watches()[0]["id"], one["face"]).ok()) << one;
  // Of those beyond, whose tracks last, no picture is kept.
  const auto files = std::distance(fs::directory_iterator(OnlyBoard()), {});
  EXPECT_LT(files, 350);
  EXPECT_LT(fs::file_size(OnlyBoard() / "watch.json"), 100'000u);
}

TEST_F(Board, OfAWatchThatWasKilledOnlyItsTimesAreToldAndTheNextOneClearsItAway) {
  Begin();
  board_->Take(Seen(1, "Anna"));
  Shown();
  const std::string killed = OnlyBoard();
  fs::copy(killed, folder() / "live/1700000000000", fs::copy_options::recursive);
  for (const double seconds : {-3600.0, 3600.0}) {  // the clock may have been set back since
    fs::last_write_time(
        folder() / "live/1700000000000/watch.json",
        fs::file_time_type::clock::now() + std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000)));
    const Json watches = Watches();
    ASSERT_THAT(watches, SizeIs(2));
    EXPECT_EQ(watches[0]["begun"], "2023-11-14T22:13:20.000Z");
    EXPECT_TRUE(watches[0]["now"].is_null());
    EXPECT_FALSE(watches[1]["now"].is_null());
  }
  LiveBoard next(false, {});
  next.Begin(folder());
  next.Show({});
  const Json watches = Watches();
  ASSERT_THAT(watches, SizeIs(2));
  EXPECT_NE(watches[0]["id"], 1700000000000);
}

TEST_F(Board, WhatSomebodyElsePutThereIsNotShown) {
  fs::create_directories(folder() / "live/17/");
  fs::create_directories(folder() / "live/18");
  fs::create_directories(folder() / "live/19");
  fs::create_directories(folder() / "live/../elsewhere");
  std::ofstream(folder() / "elsewhere/watch.json") << R"({"streams":[]})";
  fs::create_directory_symlink(folder() / "elsewhere", folder() / "live/20");
  std::ofstream(folder() / "live/17/watch.json") << std::string(2 << 20, '[');
  std::ofstream(folder() / "live/18/watch.json") << std::string(1000, '[');
  std::ofstream(folder() / "live/19/watch.json") << R"({"streams":7})";
  const Json watches = Watches();
  ASSERT_THAT(watches, SizeIs(2));
  for (const Json& watch : watches) EXPECT_TRUE(watch["now"].is_null()) << watch;
  std::ofstream(folder() / "secret.jpg") << "x";
  fs::create_symlink(folder() / "secret.jpg", folder() / "live/18/1.jpg");
  EXPECT_FALSE(ReadLiveFace(folder(), 18, 1).ok());
}

TEST_F(Board, OneThatCannotBeWrittenIsToldOnceAndHarmsNothing) {
  std::ofstream(folder() / "live") << "in the way";
  Begin();
  const auto problem = board_->TakeProblem();
  ASSERT_TRUE(problem);
  EXPECT_THAT(*problem, ::testing::HasSubstr("page"));
  board_->Take(Seen(1, "Anna"));
  board_->Show({});
  EXPECT_FALSE(board_->TakeProblem());
  board_.reset();
  EXPECT_EQ(*ReadFile(folder() / "live"), "in the way");
}

}  // namespace
}  // namespace crossface
