// The only place that writes to the terminal: results to stdout, everything else to stderr.
//
// Characters that would steer the terminal, which file names and tags may hold, are shown as "?"; in JSON
// they are escaped. Progress is a few redrawn lines on a terminal and one plain line every few seconds
// elsewhere. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/app/watch.h"
#include "crossface/util/printable.h"

namespace crossface {

class Terminal {
 public:
  // Colours: as asked for; where that is not said, on a terminal and unless NO_COLOR is set.
  // `plain`: nothing is drawn over the whole terminal.
  explicit Terminal(bool quiet, std::optional<bool> colour = {}, bool plain = false);
  ~Terminal();

  bool interactive() const { return stdin_is_tty_ && stderr_is_tty_; }
  // Whether results are read by somebody who looks at the terminal.
  bool results_are_seen() const { return stdout_is_tty_; }
  // Whether the whole terminal may be drawn on, and in colours.
  bool drawable() const;
  bool colour() const { return colour_; }

  // Lines of results, on stdout.
  void Print(std::string_view lines);
  // One JSON document, on stdout: any program reads the same out of it as was given.
  void PrintJson(std::string_view json);
  // A line on stderr; line ends in it are not obeyed, since they may come out of a file's name. Notes and
  // progress are left out when quiet; warnings and errors never are.
  void Note(std::string_view line);
  // A text of the program's own, of several lines.
  void NoteLines(std::string_view text);
  void Warn(std::string_view line);
  void Error(std::string_view line);

  void ShowScan(const ScanProgress& progress);
  void ShowExport(int64_t done, int64_t total);
  // Any other long work: `share` of it done, 0..1; `remaining_s` seconds left, -1 while unknown.
  void ShowWork(std::string_view name, double share, double remaining_s);
  void EndProgress();

  // Asks on the terminal; nothing at end of input. REQUIRES: interactive().
  std::optional<std::string> Ask(std::string_view question);
  // The same without showing what is typed.
  std::optional<std::string> AskSecret(std::string_view question);

 private:
  std::string Styled(std::string_view text, std::string_view code) const;
  void Draw(const std::vector<std::string>& lines);
  bool TimeForPlainLine();

  bool quiet_, plain_, stdin_is_tty_, stdout_is_tty_, stderr_is_tty_, colour_;
  size_t drawn_lines_ = 0;
  std::chrono::steady_clock::time_point last_plain_line_;
};

}  // namespace crossface
