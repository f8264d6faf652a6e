#include "crossface/detect/picture_tiles.h"

#include <algorithm>
#include <stdexcept>

namespace crossface {
namespace {

// Where the tiles of one axis begin.
std::vector<int> Begins(int length, int side, int overlap) {
  if (length <= side) return {0};
  const int step = side - overlap;
  const int count = (length - overlap + step - 1) / step;
  std::vector<int> begins;
  for (int i = 0; i < count; ++i)
    begins.push_back(static_cast<int>(static_cast<int64_t>(length - side) * i / (count - 1)));
  return begins;
}

}  // namespace

std::vector<cv::Rect> PictureTiles(const cv::Size& picture, int side, int overlap) {
  if (overlap < 0 || overlap >= side) throw std::logic_error("tiles must be larger than their overlap");
  std::vector<cv::Rect> tiles;
  for (int y : Begins(picture.height, side, overlap)) {
    for (int x : Begins(picture.width, side, overlap)) {
      tiles.emplace_back(x, y, std::min(side, picture.width), std::min(side, picture.height));
    }
  }
  return tiles;
}

bool IsCutByTile(const cv::Rect2f& box, const cv::Rect& tile, const cv::Size& picture) {
  return (box.x <= 0 && tile.x > 0) || (box.y <= 0 && tile.y > 0) ||
         (box.br().x >= static_cast<float>(tile.width) && tile.br().x < picture.width) ||
         (box.br().y >= static_cast<float>(tile.height) && tile.br().y < picture.height);
}

}  // namespace crossface
