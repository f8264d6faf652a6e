#include "crossface/tui/player.h"

#include <fmt/format.h>

#include <utility>

#include "crossface/util/subprocess.h"
#include "crossface/util/time.h"

namespace crossface {
Player::~Player() {
  for (std::jthread& player : players_) player.request_stop();
}

void Player::Open(const std::string& path, int64_t time_us) {
  players_.emplace_back([this, path, time_us](const std::stop_token& stop) { Play(stop, path, time_us); });
}

std::string Player::TakeProblem() {
  MutexLock lock(mutex_);
  return std::exchange(problem_, "");
}

void Player::Play(const std::stop_token& stop, const std::string& path, int64_t time_us) {
  const std::string seconds = fmt::format("{:.3f}", static_cast<double>(time_us) / 1e6);
  // Paths begin with a slash: none is taken for an option.
  const std::vector<std::vector<std::string>> programs = {{"mpv", "--start=" + seconds, "--pause", path},
                                                          {"vlc", "--start-time=" + seconds, path},
                                                          {"xdg-open", path}};
  std::string problem = "there is no mpv, vlc or xdg-open to open it with";
  for (const auto& program : programs) {
    const auto ended = RunSubprocess(program, stop);
    if (ended.status().code() == StatusCode::kNotFound) continue;
    if (ended.status().code() == StatusCode::kInterrupted || (ended.ok() && ended->exit_code == 0)) return;
    problem =
        fmt::format("{}: {}", program.front(), ended.ok() ? LastLine(*ended) : ended.status().message());
    break;
  }
  MutexLock lock(mutex_);
  problem_ = fmt::format("{} at {}: {}", path, Timecode(Milliseconds(time_us)), problem);
}

}  // namespace crossface
