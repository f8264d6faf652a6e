// A line of text that is being typed. Not thread-safe.
#pragma once

#include <ftxui/dom/elements.hpp>
#include <string>

#include "crossface/tui/key.h"

namespace crossface {

class TextField {
 public:
  explicit TextField(const std::string& text = "") { Set(text); }

  void Set(const std::string& text);
  std::string text() const;
  bool empty() const { return characters_.empty(); }
  // False for a key that says nothing to a text.
  bool Press(const Key& key);
  // Its end where there is no room for all of it.
  ftxui::Element Draw(int columns) const;

 private:
  std::u32string characters_;
  size_t cursor_ = 0;
};

}  // namespace crossface
