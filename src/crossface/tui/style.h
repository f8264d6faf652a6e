// How things look on a drawn terminal. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <ftxui/dom/elements.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crossface {

// With colours, or in black and white with what is bold, dim and inverted.
class Style {
 public:
  explicit Style(bool colour) : colour_(colour) {}

  ftxui::Element Accent(ftxui::Element element) const {
    return Tinted(ftxui::Color::Cyan, std::move(element));
  }
  ftxui::Element Warning(ftxui::Element element) const {
    return Tinted(ftxui::Color::Yellow, std::move(element));
  }
  ftxui::Element Good(ftxui::Element element) const {
    return Tinted(ftxui::Color::Green, std::move(element));
  }
  // The first line of a screen: what it is at the left, where one is at the right.
  ftxui::Element Title(const std::string& left, const std::string& right) const;
  // The last: keys and what they do.
  ftxui::Element KeyLine(const std::vector<std::pair<std::string, std::string>>& keys) const;
  // A box with a list of keys, before what is drawn below.
  ftxui::Element Over(ftxui::Element below, const std::string& title, ftxui::Elements lines) const;

 private:
  ftxui::Element Tinted(ftxui::Color colour, ftxui::Element element) const {
    return colour_ ? std::move(element) | ftxui::color(colour) : std::move(element);
  }
  const bool colour_;
};

// A text of others, on one line.
ftxui::Element Said(std::string_view text);
// The end of it, where it is longer: the end of a path says more than its begin.
std::string EndOf(const std::string& text, int columns);
std::string BeginOf(const std::string& text, int columns);
// `share`: 0 to 1.
std::string Bar(double share, int columns);
// How much was added from one to the next, the last ones at the right.
std::string Sparkline(const std::deque<int64_t>& totals, int columns);
// "12,345".
std::string Grouped(int64_t number);
// "12:03:04Z", of microseconds since 1970 UTC.
std::string ClockTime(int64_t us);

}  // namespace crossface
