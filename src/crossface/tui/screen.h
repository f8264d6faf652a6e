// The whole terminal as a drawing: keys from standard input, pictures of cells on standard error, since
// standard output carries results. The terminal is as it was once the object is gone. One object at a time;
// not thread-safe.
#pragma once

#include <termios.h>

#include <chrono>
#include <ftxui/dom/elements.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crossface/tui/key.h"
#include "crossface/tui/picture.h"

namespace crossface {

// What is drawn without a key having been pressed is at most so old.
inline constexpr std::chrono::milliseconds kBetweenDrawings(200);

class TerminalScreen {
 public:
  explicit TerminalScreen(bool colour);
  ~TerminalScreen();
  TerminalScreen(const TerminalScreen&) = delete;
  TerminalScreen& operator=(const TerminalScreen&) = delete;

  bool colour() const { return colour_; }
  int columns() const { return columns_; }
  int rows() const { return rows_; }
  PictureBook& pictures() { return *pictures_; }

  // Waits so long for a key to be typed; none where nobody types.
  std::vector<Key> Keys(std::chrono::milliseconds wait);
  // Only lines that have changed are sent. `covered`: a box lies over the drawing, which pixels would hide.
  void Show(const ftxui::Element& drawing, bool covered = false);

  // Gives the terminal to another program until Enter.
  void Leave();
  void Enter();

 private:
  void AskWhatItCan();
  void LookHowLarge();
  void ForgetRowsOf(const std::vector<PlacedPicture>& pictures);
  std::string ChangedLines(const std::string& drawn, std::vector<bool>* changed);
  std::string Pictures(std::vector<PlacedPicture> placed, const std::vector<bool>& changed);

  const bool colour_;
  KeyParser parser_;
  std::vector<Key> early_;  // typed while the terminal was asked
  int columns_ = 80, rows_ = 24, cell_width_ = 10, cell_height_ = 20;
  std::vector<std::string> shown_;
  std::unique_ptr<PictureBook> pictures_;
  std::vector<PlacedPicture> placed_;
};

}  // namespace crossface
