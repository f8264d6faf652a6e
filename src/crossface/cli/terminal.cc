#include "crossface/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "crossface/util/time.h"

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

// Control characters in file names must not reach the terminal.
std::string Printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return clean;
}

std::string Shortened(const std::string& text, size_t width) {
  return text.size() <= width ? text : "…" + text.substr(text.size() - width + 1);
}

double Share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string Summary(const ScanProgress& progress) {
  std::string text = fmt::format(
      "{:.0f}%  {}/{} sources, {} of video, {} faces, {} tracks",
      100 * Share(progress.bytes_done, progress.bytes), progress.done, progress.sources,
      ShortDuration(static_cast<double>(progress.video_ms) / 1000), progress.faces, progress.tracks);
  if (progress.elapsed_s > 1)
    text += fmt::format(", {:.1f}x real time",
                        static_cast<double>(progress.video_ms) / 1000 / progress.elapsed_s);
  if (progress.remaining_s >= 0 && progress.elapsed_s > 2)
    text += fmt::format(", {} left", ShortDuration(progress.remaining_s));
  return text;
}

}  // namespace

Terminal::Terminal(bool quiet)
    : quiet_(quiet),
      stdin_is_tty_(::isatty(STDIN_FILENO) == 1),
      stderr_is_tty_(::isatty(STDERR_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = stderr_is_tty_ && (no_colour == nullptr || *no_colour == '\0');
}

Terminal::~Terminal() { EndProgress(); }

void Terminal::Print(std::string_view line) {
  EndProgress();
  fmt::print(stdout, "{}\n", line);
  std::fflush(stdout);
}

void Terminal::Note(std::string_view line) {
  if (quiet_) return;
  EndProgress();
  fmt::print(stderr, "{}\n", Printable(line));
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
  std::string text = fmt::format("{:.0f}%", 100 * share);
  if (remaining_s >= 0) text += fmt::format(", {} left", ShortDuration(remaining_s));
  if (stderr_is_tty_) {
    Draw({Styled(Bar(share, 24), "36") + fmt::format(" {}: {}", name, text)});
  } else if (TimeForPlainLine()) {
    fmt::print(stderr, "{}: {}\n", name, text);
  }
}

void Terminal::EndProgress() { Draw({}); }

std::optional<std::string> Terminal::Ask(std::string_view question) {
  EndProgress();
  fmt::print(stderr, "{} ", Styled(question, "1"));
  std::fflush(stderr);
  std::string answer;
  if (!std::getline(std::cin, answer)) return std::nullopt;
  const auto begin = answer.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return answer.substr(begin, answer.find_last_not_of(" \t\r") - begin + 1);
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
