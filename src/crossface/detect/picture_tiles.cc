#include "crossface/detect/picture_tiles.h"

#include <algorithm>
#include <stdexcept>

namespace crossface {
namespace {

// The tiles of one axis.
struct Row {
  std::vector<int> begins;
  int length = 0;  // of each
};

Row RowOf(int length, int side, int overlap) {
  if (length <= side) return {{0}, length};
  const int step = side - overlap;
  const int count = (length - overlap + step - 1) / step;
  Row row{.begins = {}, .length = std::min(side, (length + (count - 1) * overlap + count - 1) / count)};
  for (int i = 0; i < count; ++i)
    row.begins.push_back(static_cast<int>(static_cast<int64_t>(length - row.length) * i / (count - 1)));
  return row;
}

}  // namespace

std::vector<cv::Rect> PictureTiles(const cv::Size& picture, int side, int overlap) {
  if (overlap < 0 || overlap >= side) throw std::logic_error("tiles must be larger than their overlap");
  std::vector<cv::Rect> tiles;
  const Row across = RowOf(picture.width, side, overlap), down = RowOf(picture.height, side, overlap);
  for (int y : down.begins) {
    for (int x : across.begins) tiles.emplace_back(x, y, across.length, down.length);
  }
  return tiles;
}

bool IsCutByTile(const cv::Rect2f& box, const cv::Rect& tile, const cv::Size& picture) {
  return (box.x <= 0 && tile.x > 0) || (box.y <= 0 && tile.y > 0) ||
         (box.br().x >= static_cast<float>(tile.width) && tile.br().x < picture.width) ||
         (box.br().y >= static_cast<float>(tile.height) && tile.br().y < picture.height);
}

}  // namespace crossface
