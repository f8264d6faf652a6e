// What to do, for who starts crossface without saying: go on with a case, or begin one with a folder of
// videos. Not thread-safe.
#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

namespace crossface {

struct FirstChoice {
  enum What { kQuit, kIdentify, kReview };
  What what = kQuit;
  std::filesystem::path sources;      // of kIdentify
  std::filesystem::path case_folder;  // of both
};

// Shows cases that lie in the folders `look_in`, those changed last first, and asks. REQUIRES:
// CanDrawOnTerminal().
FirstChoice AskWhatToDo(const std::vector<std::filesystem::path>& look_in, bool colour,
                        const std::stop_token& stop);

}  // namespace crossface
