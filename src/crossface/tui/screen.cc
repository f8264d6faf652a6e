#include "crossface/tui/screen.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ftxui/screen/screen.hpp>
#include <string_view>
#include <utility>

#include "crossface/tui/terminal_state.h"

namespace crossface {
namespace {

using namespace std::chrono_literals;

constexpr int kLeastColumns = 60, kLeastRows = 15;
// A terminal at the other end of a slow line answers later; it shows blocks then.
constexpr auto kPatience = 300ms;
constexpr auto kAfterEscape = 50ms;

// The other screen, without a cursor; and back.
constexpr std::string_view kOn = "\x1b[?1049h\x1b[?25l\x1b[2J", kOff = "\x1b[0m\x1b[?25h\x1b[?1049l";
constexpr std::string_view kForgetPictures = "\x1b_Ga=d,q=2\x1b\\";

// Where a signal handler finds it.
termios before;
std::atomic<bool> drawn_on = false;
static_assert(std::atomic<bool>::is_always_lock_free, "read from a signal handler");

void Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR && errno != EAGAIN) return;
    bytes.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
  }
}

bool Waits(std::chrono::milliseconds wait) {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  return ::poll(&ready, 1, static_cast<int>(wait.count())) > 0;
}

}  // namespace

bool CanDrawOnTerminal() {
  const char* kind = std::getenv("TERM");
  if (kind == nullptr || *kind == '\0' || std::strcmp(kind, "dumb") == 0) return false;
  winsize size{};
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 &&
         ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kLeastColumns &&
         size.ws_row >= kLeastRows;
}

void RestoreTerminal() {
  if (!drawn_on.exchange(false)) return;
  const int error = errno;
  if (::write(STDERR_FILENO, kOff.data(), kOff.size()) < 0) {  // there is no terminal any more
  }
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
  errno = error;
}

TerminalScreen::TerminalScreen(bool colour) : colour_(colour) {
  Enter();
  AskWhatItCan();
}

TerminalScreen::~TerminalScreen() { Leave(); }

void TerminalScreen::Enter() {
  if (::tcgetattr(STDIN_FILENO, &before) != 0) return;
  termios raw = before;
  // Ctrl-C stays a signal, which stops the work; whoever wants to go away quits, and can go on later.
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL | INLCR);
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  drawn_on = true;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  Write(kOn);
  shown_.clear();
  placed_.clear();
}

void TerminalScreen::Leave() {
  if (pictures_ && pictures_->graphics() == Graphics::kKitty) Write(kForgetPictures);
  RestoreTerminal();
}

void TerminalScreen::AskWhatItCan() {
  LookHowLarge();
  Graphics graphics = colour_ ? Graphics::kCells : Graphics::kMono;
  if (colour_) {
    Write(kGraphicsQuestion);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!HasAnswered(parser_.answers()) && std::chrono::steady_clock::now() < until) {
      const std::vector<Key> keys = Keys(10ms);
      early_.insert(early_.end(), keys.begin(), keys.end());
    }
    graphics = GraphicsOf(parser_.answers());
  }
  pictures_ = std::make_unique<PictureBook>(graphics, cell_width_, cell_height_);
}

void TerminalScreen::LookHowLarge() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return;
  if (size.ws_col != columns_ || size.ws_row != rows_) shown_.clear();
  columns_ = size.ws_col;
  rows_ = size.ws_row;
  if (size.ws_xpixel > 0 && size.ws_ypixel > 0) {
    cell_width_ = std::max(1, size.ws_xpixel / columns_);
    cell_height_ = std::max(1, size.ws_ypixel / rows_);
  }
}

std::vector<Key> TerminalScreen::Keys(std::chrono::milliseconds wait) {
  if (!early_.empty() && pictures_) return std::exchange(early_, {});
  if (!Waits(wait)) return {};
  char bytes[1024];
  const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) return {{Key::kHangUp}};
  std::vector<Key> keys = parser_.Feed({bytes, static_cast<size_t>(std::max<ssize_t>(count, 0))});
  if (parser_.unfinished() && !Waits(kAfterEscape)) {
    const std::vector<Key> escape = parser_.Flush();
    keys.insert(keys.end(), escape.begin(), escape.end());
  }
  return keys;
}

void TerminalScreen::Show(const ftxui::Element& drawing, bool covered) {
  LookHowLarge();
  auto screen = ftxui::Screen::Create(ftxui::Dimension::Fixed(columns_), ftxui::Dimension::Fixed(rows_));
  pictures_->TakePlaced();
  ftxui::Render(screen, drawing);
  std::vector<PlacedPicture> placed = pictures_->TakePlaced();
  if (covered) placed.clear();
  if (placed != placed_) ForgetRowsOf(placed_);
  std::vector<bool> changed;
  std::string sent = ChangedLines(screen.ToString(), &changed);
  sent += Pictures(std::move(placed), changed);
  // Shown at once by terminals that know how; others pass over it.
  if (!sent.empty()) Write("\x1b[?2026h" + sent + "\x1b[?2026l");
}

// Pixels go with the text that is drawn over them.
void TerminalScreen::ForgetRowsOf(const std::vector<PlacedPicture>& pictures) {
  for (const PlacedPicture& picture : pictures) {
    for (int row = picture.row; row < picture.row + picture.rows; ++row) {
      if (row < static_cast<int>(shown_.size())) shown_[static_cast<size_t>(row)].clear();
    }
  }
}

std::string TerminalScreen::ChangedLines(const std::string& drawn, std::vector<bool>* changed) {
  std::string sent = shown_.empty() ? "\x1b[0m\x1b[2J" : "";
  std::vector<std::string> lines;
  for (size_t begin = 0; begin <= drawn.size();) {
    const size_t end = std::min(drawn.find("\r\n", begin), drawn.size());
    lines.push_back(drawn.substr(begin, end - begin));
    begin = end + 2;
  }
  changed->assign(lines.size(), false);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i < shown_.size() && shown_[i] == lines[i]) continue;
    (*changed)[i] = true;
    sent += fmt::format("\x1b[{};1H{}", i + 1, lines[i]);
  }
  shown_ = std::move(lines);
  return sent;
}

std::string TerminalScreen::Pictures(std::vector<PlacedPicture> placed, const std::vector<bool>& changed) {
  const auto touched = [&](const PlacedPicture& picture) {
    for (int row = picture.row; row < picture.row + picture.rows; ++row) {
      if (changed.at(static_cast<size_t>(row))) return true;
    }
    return false;
  };
  const bool same = placed == placed_ && std::none_of(placed.begin(), placed.end(), touched);
  placed_ = std::move(placed);
  if (same) return "";
  std::string sent(pictures_->graphics() == Graphics::kKitty ? kForgetPictures : "");
  for (const PlacedPicture& picture : placed_)
    sent += fmt::format("\x1b[{};{}H{}", picture.row + 1, picture.column + 1, *picture.sequence);
  return sent;
}

}  // namespace crossface
