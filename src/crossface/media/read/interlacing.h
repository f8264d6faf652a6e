// Pictures of two moments: cameras and broadcasts that take every second row a fiftieth or sixtieth of a
// second after the others. Whatever moves stands in teeth then, as a comb has them, and its faces are missed.
// Told by the picture itself: many recorders do not say that they interlace, and many films that say so do
// not.
//
// Pure functions, thread-safe. Pictures are as stored: not turned, their rows not scaled.
#pragma once

#include <opencv2/core.hpp>

namespace crossface {

// The side of the squares that are told apart, pixels.
inline constexpr int kCombSquare = 16;

// CV_8UC1 luma, or any channel that is like it. A pixel of the result, CV_8UC1, is a square of the picture:
// not 0 where teeth are, and around it. Empty where there are none.
cv::Mat CombedSquares(const cv::Mat& luma);

// In those squares, replaces the rows of one moment by what lies between those of the other. CV_8UC3.
// `upper`: the rows 0, 2, 4 … stay, otherwise 1, 3, 5 …. `rows`: what to show in place of those that stay,
// one below the other; of half the picture's height, or empty.
void KeepOneMoment(const cv::Mat& combed, const cv::Mat& rows, bool upper, cv::Mat& picture);

}  // namespace crossface
