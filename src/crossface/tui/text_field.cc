#include "crossface/tui/text_field.h"

#include <algorithm>

#include "crossface/tui/style.h"
#include "crossface/util/unicode.h"

namespace crossface {

void TextField::Set(const std::string& text) {
  characters_ = ToCharacters(text);
  cursor_ = characters_.size();
}

std::string TextField::text() const { return ToUtf8(characters_); }

bool TextField::Press(const Key& key) {
  switch (key.kind) {
    case Key::kCharacter:
      characters_.insert(cursor_++, 1, key.character);
      return true;
    case Key::kBackspace:
      if (cursor_ > 0) characters_.erase(--cursor_, 1);
      return true;
    case Key::kDelete:
      if (cursor_ < characters_.size()) characters_.erase(cursor_, 1);
      return true;
    case Key::kClear:
      Set("");
      return true;
    case Key::kLeft:
      cursor_ -= cursor_ > 0;
      return true;
    case Key::kRight:
      cursor_ += cursor_ < characters_.size();
      return true;
    case Key::kHome:
      cursor_ = 0;
      return true;
    case Key::kEnd:
      cursor_ = characters_.size();
      return true;
    default:
      return false;
  }
}

ftxui::Element TextField::Draw(int columns) const {
  using namespace ftxui;
  const auto room = static_cast<size_t>(std::max(columns - 1, 4));
  const size_t first = cursor_ > room ? cursor_ - room : 0;
  const auto part = [&](size_t from, size_t to) {
    from = std::min(from, characters_.size());
    return Said(ToUtf8(characters_.substr(from, std::min(to, characters_.size()) - from)));
  };
  const Element at = cursor_ < characters_.size() ? part(cursor_, cursor_ + 1) : ftxui::text(" ");
  return hbox({part(first, cursor_), at | inverted, part(cursor_ + 1, first + room)});
}

}  // namespace crossface
