#include "crossface/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "crossface/app/words.h"
#include "crossface/tui/terminal_state.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"
#include "crossface/util/unicode.h"

namespace crossface {
namespace {

constexpr auto kPlainLineInterval = std::chrono::seconds(5);

size_t TerminalWidth() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
  return 80;
}

std::string Bar(double share, size_t width) {
  const auto filled = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  std::string bar;
  for (size_t i = 0; i < width; ++i) bar += i < filled ? "█" : "░";
  return bar;
}

std::string Shortened(const std::string& text, size_t width) {
  return text.size() <= width ? text : "…" + text.substr(text.size() - width + 1);
}

double Share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string Summary(const ScanProgress& progress) {
  const double seconds = progress.elapsed_s > 1 ? progress.elapsed_s : 0;
  std::string text = fmt::format("{:.0f}%  {}/{}", 100 * Share(progress.bytes_done, progress.bytes),
                                 progress.done, Counted(progress.sources, "source"));
  if (const std::string amount = ScannedAmount(progress.video_ms, progress.pictures); !amount.empty())
    text += fmt::format(", {}", amount);
  text += fmt::format(", {}, {}", Counted(progress.faces, "face"), Counted(progress.tracks, "track"));
  if (const std::string pace = ScanPace(progress.video_ms, progress.pictures, seconds); !pace.empty())
    text += fmt::format(", {}", pace);
  if (const std::string workers = WorkersText(progress); !workers.empty()) text += "; " + workers;
  if (progress.remaining_s >= 0 && progress.elapsed_s > 2)
    text += fmt::format(", {} left", ShortDuration(progress.remaining_s));
  return text;
}

}  // namespace

Terminal::Terminal(bool quiet, std::optional<bool> colour, bool plain)
    : quiet_(quiet),
      plain_(plain),
      stdin_is_tty_(::isatty(STDIN_FILENO) == 1),
      stdout_is_tty_(::isatty(STDOUT_FILENO) == 1),
      stderr_is_tty_(::isatty(STDERR_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = colour.value_or(stderr_is_tty_ && (no_colour == nullptr || *no_colour == '\0'));
}

Terminal::~Terminal() { EndProgress(); }

bool Terminal::drawable() const { return !quiet_ && !plain_ && CanDrawOnTerminal(); }

void Terminal::Print(std::string_view lines) {
  EndProgress();
  fmt::print(stdout, "{}\n", Printable(lines, U"\n"));
  std::fflush(stdout);
}

void Terminal::PrintJson(std::string_view json) {
  EndProgress();
  std::string escaped;
  // Control characters below the blank stand escaped in JSON, but for the line ends between its parts.
  for (const char32_t c : ToCharacters(json)) {
    const bool plain = c < 0x20 || !SteersTerminal(c) || c >= 0x110000;
    escaped += plain ? ToUtf8({&c, 1}) : fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
  }
  fmt::print(stdout, "{}\n", escaped);
  std::fflush(stdout);
}

void Terminal::Note(std::string_view line) {
  if (quiet_) return;
  EndProgress();
  fmt::print(stderr, "{}\n", Printable(line));
}

void Terminal::NoteLines(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    Note(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

void Terminal::Warn(std::string_view line) {
  EndProgress();
  fmt::print(stderr, "{} {}\n", Styled("warning:", "33"), Printable(line));
}

void Terminal::Error(std::string_view line) {
  EndProgress();
  fmt::print(stderr, "{} {}\n", Styled("error:", "31"), Printable(line));
}

void Terminal::ShowScan(const ScanProgress& progress) {
  if (quiet_) return;
  for (const std::string& line : progress.finished) Note(line);
  if (!stderr_is_tty_) {
    if (TimeForPlainLine()) fmt::print(stderr, "scan: {}\n", Summary(progress));
    return;
  }
  const size_t width = TerminalWidth();
  std::vector<std::string> lines = {Styled(Bar(Share(progress.bytes_done, progress.bytes), 24), "36") + " " +
                                    Summary(progress).substr(0, width - 26)};
  for (const SourceProgress& source : progress.active) {
    lines.push_back(fmt::format("  {} {:>5.1f}x  {}", Bar(Share(source.time_ms, source.duration_ms), 12),
                                source.speed, Shortened(Printable(source.name), width - 30)));
  }
  Draw(lines);
}

void Terminal::ShowExport(int64_t done, int64_t total) {
  if (quiet_) return;
  if (stderr_is_tty_) {
    Draw({Styled(Bar(Share(done, total), 24), "36") +
          fmt::format(" writing the case folder: {}/{} files", done, total)});
  } else if (TimeForPlainLine()) {
    fmt::print(stderr, "export: {}/{} files\n", done, total);
  }
}

void Terminal::ShowWork(std::string_view name, double share, double remaining_s) {
  if (quiet_) return;
  std::string text = share < 0 ? "" : fmt::format(": {:.0f}%", 100 * share);
  if (remaining_s >= 0) text += fmt::format(", {} left", ShortDuration(remaining_s));
  if (stderr_is_tty_) {
    const std::string bar = share < 0 ? "" : Styled(Bar(share, 24), "36") + " ";
    Draw({bar + Printable(name) + text});
  } else if (TimeForPlainLine()) {
    fmt::print(stderr, "{}{}\n", name, text);
  }
}

void Terminal::EndProgress() { Draw({}); }

std::optional<std::string> Terminal::Ask(std::string_view question) {
  EndProgress();
  fmt::print(stderr, "{} ", Styled(Printable(question), "1"));
  std::fflush(stderr);
  std::string answer;
  if (!std::getline(std::cin, answer)) return std::nullopt;
  const auto begin = answer.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return answer.substr(begin, answer.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<std::string> Terminal::AskSecret(std::string_view question) {
  termios shown{};
  const bool is_terminal = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (is_terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  EndProgress();
  fmt::print(stderr, "{} ", Styled(Printable(question), "1"));
  std::fflush(stderr);
  std::string answer;
  const bool read = static_cast<bool>(std::getline(std::cin, answer));
  if (is_terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  fmt::print(stderr, "\n");
  return read ? std::optional(std::move(answer)) : std::nullopt;
}

std::string Terminal::Styled(std::string_view text, std::string_view code) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

void Terminal::Draw(const std::vector<std::string>& lines) {
  std::string output;
  if (drawn_lines_ > 0) output += fmt::format("\x1b[{}F\x1b[J", drawn_lines_);
  for (const std::string& line : lines) output += line + "\n";
  drawn_lines_ = lines.size();
  if (output.empty()) return;
  fmt::print(stderr, "{}", output);
  std::fflush(stderr);
}

bool Terminal::TimeForPlainLine() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_plain_line_ < kPlainLineInterval) return false;
  last_plain_line_ = now;
  return true;
}

}  // namespace crossface
