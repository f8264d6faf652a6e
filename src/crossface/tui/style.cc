#include "crossface/tui/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crossface/app/live.h"
#include "crossface/util/printable.h"
#include "crossface/util/unicode.h"

namespace crossface {

using namespace ftxui;

Element Style::Title(const std::string& left, const std::string& right) const {
  return hbox({text(" "), Said(left) | bold, filler(), Said(right), text(" ")}) | inverted;
}

Element Style::KeyLine(const std::vector<std::pair<std::string, std::string>>& keys) const {
  Elements line;
  for (const auto& [key, what] : keys) {
    line.push_back(Accent(hbox({text(" "), text(key)}) | bold));
    line.push_back(hbox({text(" "), text(what), text(" ")}));
  }
  return hbox(std::move(line));
}

Element Style::Over(Element below, const std::string& title, Elements lines) const {
  Element box = window(Accent(hbox({text(" "), text(title), text(" ")}) | bold), vbox(std::move(lines))) |
                clear_under | center;
  return dbox({std::move(below), std::move(box)});
}

Element Said(std::string_view said) { return text(Printable(said)); }

std::string EndOf(const std::string& text, int columns) {
  const std::u32string characters = ToCharacters(text);
  const auto most = static_cast<size_t>(std::max(columns, 1));
  return characters.size() <= most
             ? text
             : fmt::format("…{}", ToUtf8(characters.substr(characters.size() - most + 1)));
}

std::string BeginOf(const std::string& text, int columns) {
  const std::u32string characters = ToCharacters(text);
  const auto most = static_cast<size_t>(std::max(columns, 1));
  return characters.size() <= most ? text : fmt::format("{}…", ToUtf8(characters.substr(0, most - 1)));
}

std::string Bar(double share, int columns) {
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * columns);
  std::string bar;
  for (int i = 0; i < columns; ++i) bar += i < filled ? "█" : "░";
  return bar;
}

std::string Sparkline(const std::deque<int64_t>& totals, int columns) {
  static constexpr std::array<const char*, 8> kSteps = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::vector<int64_t> added;
  for (size_t i = 1; i < totals.size(); ++i) added.push_back(std::max<int64_t>(0, totals[i] - totals[i - 1]));
  const auto shown = static_cast<size_t>(std::max(columns, 0));
  if (added.size() > shown) added.erase(added.begin(), added.end() - static_cast<std::ptrdiff_t>(shown));
  const int64_t most = added.empty() ? 0 : *std::max_element(added.begin(), added.end());
  std::string line(shown - added.size(), ' ');
  for (const int64_t value : added)
    line += kSteps.at(most == 0 ? 0 : static_cast<size_t>((value * 7 + most - 1) / most));
  return line;
}

std::string ClockTime(int64_t us) { return WallTime(us).substr(11, 8) + "Z"; }

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

}  // namespace crossface
