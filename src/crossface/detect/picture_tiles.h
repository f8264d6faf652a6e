// Covers a large picture with overlapping tiles, so that it can be searched at full resolution in bounded
// memory. Pure functions, thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace crossface {

// As few tiles of at most side x side pixels as do it, no larger than they need to be, row by row, evenly
// spread; neighbours overlap by at least `overlap`, so that whatever is at most that large lies whole in one
// of them. One tile for a picture that fits. Throws std::logic_error unless 0 <= overlap < side.
std::vector<cv::Rect> PictureTiles(const cv::Size& picture, int side, int overlap);

// Whether a box found in a tile (pixels of the tile) reaches an edge of it behind which the picture goes on:
// it may be a part of something that another tile, or a smaller look at the whole picture, shows whole.
bool IsCutByTile(const cv::Rect2f& box, const cv::Rect& tile, const cv::Size& picture);

}  // namespace crossface
