// The only place that writes to the terminal: results to stdout, everything else to stderr.
//
// Progress is a few redrawn lines on a terminal and one plain line every few seconds elsewhere. Not
// thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/pipeline/scan_case.h"

namespace crossface {

class Terminal {
 public:
  explicit Terminal(bool quiet);
  ~Terminal();

  bool interactive() const { return stdin_is_tty_ && stderr_is_tty_; }

  // A line of results, on stdout.
  void Print(std::string_view line);
  // Lines on stderr. Notes and progress are left out when quiet; warnings and errors never are.
  void Note(std::string_view line);
  void Warn(std::string_view line);
  void Error(std::string_view line);

  void ShowScan(const ScanProgress& progress);
  void ShowExport(int64_t done, int64_t total);
  // Any other long work: `share` of it done, 0..1; `remaining_s` seconds left, -1 while unknown.
  void ShowWork(std::string_view name, double share, double remaining_s);
  void EndProgress();

  // Asks on the terminal; nothing at end of input. REQUIRES: interactive().
  std::optional<std::string> Ask(std::string_view question);

 private:
  std::string Styled(std::string_view text, std::string_view code) const;
  void Draw(const std::vector<std::string>& lines);
  bool TimeForPlainLine();

  bool quiet_, stdin_is_tty_, stderr_is_tty_, colour_;
  size_t drawn_lines_ = 0;
  std::chrono::steady_clock::time_point last_plain_line_;
};

}  // namespace crossface
