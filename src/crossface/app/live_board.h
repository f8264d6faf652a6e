// What a watch of live streams shows while it lasts, for other programs to look at, such as the page:
// CASE/live/<number>/ has who is seen now and how streams do, in a file that is replaced when that changes,
// and pictures of the newest faces. Of bounded size, made anew all the time and never needed again: it goes
// with the watch, and can be deleted.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossface/live/live_event.h"
#include "crossface/util/directory.h"
#include "crossface/util/status.h"

namespace crossface {

inline constexpr char kLiveBoards[] = "live";  // in the case folder

// The writing side, of one watch. Not thread-safe. A board that cannot be written harms no watch.
class LiveBoard {
 public:
  static constexpr size_t kMostFaces = 24, kMostRings = 20, kMostNotes = 20, kMostPresent = 60;

  // `recorded`: the streams are recorded. `watched`: whom somebody waits for.
  LiveBoard(bool recorded, std::vector<std::string> watched);
  // Takes it down.
  ~LiveBoard();
  LiveBoard(const LiveBoard&) = delete;
  LiveBoard& operator=(const LiveBoard&) = delete;

  // The case must be there. Takes down boards that other watches left.
  void Begin(const std::filesystem::path& case_folder);
  void Take(const LiveEvent& event);
  // Writes, as often as it is worth it.
  void Show(const LiveProgress& progress);
  // Why it could not be written, once.
  std::optional<std::string> TakeProblem() { return std::exchange(problem_, std::nullopt); }

 private:
  struct Shown {
    SeenEvent event;       // without its picture
    int64_t since_us = 0;  // of the first face, wall clock
    int64_t face = 0;      // number of the picture; 0: none
    // The track is over, and the same face goes on as another one, which is not told yet.
    std::optional<std::chrono::steady_clock::time_point> goes_on = {};
  };

  void Add(const SeenEvent& event);
  void Add(const LostEvent& event);
  void Add(const StreamEvent& event);
  void Add(const StatsEvent& event) { (void)event; }
  void Add(const LetGoEvent& event) { (void)event; }
  int64_t KeepPicture(const SeenEvent& event);
  void RemoveOldPictures();
  static nlohmann::json Fields(const Shown& shown);
  nlohmann::json Told(const LiveProgress& progress) const;
  void Note(const Status& done);

  const bool recorded_;
  const std::vector<std::string> watched_;
  std::optional<Directory> case_folder_;
  std::string folder_;
  std::map<int64_t, Shown> present_;  // by track
  std::deque<Shown> faces_, rings_;   // the newest first
  std::deque<StreamEvent> notes_;     // the newest first
  std::deque<int64_t> pictures_;      // that lie in the folder, oldest first
  int64_t next_face_ = 1;
  bool changed_ = true;
  std::chrono::steady_clock::time_point written_;
  std::optional<std::string> problem_;
  bool told_problem_ = false;
};

// The boards of a case, oldest first, as docs/openapi.json has LiveWatches. Of one that was not touched for
// ten seconds it is told when it began and when it was last heard of: its watch was killed, or stands still.
// Errors: those of Directory.
Result<nlohmann::json> ReadLiveBoards(const std::filesystem::path& case_folder);
// A JPEG. Errors: kNotFound, those of Directory.
Result<std::string> ReadLiveFace(const std::filesystem::path& case_folder, int64_t watch, int64_t face);

}  // namespace crossface
