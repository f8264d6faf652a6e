// Pictures on a terminal: as cells of coloured blocks, which every terminal shows and redraws as text, or,
// where the terminal says that it can, as pixels (kitty's protocol, sixel). Not thread-safe.
#pragma once

#include <ftxui/dom/elements.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace crossface {

enum class Graphics { kMono, kCells, kSixel, kKitty };

// By what a terminal answers to kGraphicsQuestion.
Graphics GraphicsOf(const std::string& answers);
// Can it do kitty's pictures? And its attributes, which every terminal answers, and sixel is one of.
inline constexpr char kGraphicsQuestion[] = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c";
// Whether the last answer is there.
bool HasAnswered(const std::string& answers);

// Pixels that are sent once the cells are drawn; at its corner.
struct PlacedPicture {
  int column = 0, row = 0, rows = 0;
  std::shared_ptr<const std::string> sequence;
  bool operator==(const PlacedPicture&) const = default;
};

class PictureBook {
 public:
  PictureBook(Graphics graphics, int cell_width, int cell_height)
      : graphics_(graphics), cell_width_(cell_width), cell_height_(cell_height) {}

  // As large as fits into so many cells, in their middle; empty cells for what is no JPEG. `name` tells
  // pictures apart: what was drawn lately is kept, and `jpeg` is asked for what was not.
  ftxui::Element Draw(const std::string& name, const std::function<std::string()>& jpeg, int columns,
                      int rows);

  Graphics graphics() const { return graphics_; }
  // Of the drawing that was rendered last.
  std::vector<PlacedPicture> TakePlaced();

 private:
  struct Drawn;
  class Node;
  std::shared_ptr<const Drawn> Make(const std::string& jpeg, int columns, int rows) const;

  const Graphics graphics_;
  const int cell_width_, cell_height_;  // pixels
  std::map<std::string, std::shared_ptr<const Drawn>> drawn_;
  std::shared_ptr<std::vector<PlacedPicture>> placed_ = std::make_shared<std::vector<PlacedPicture>>();
};

}  // namespace crossface
