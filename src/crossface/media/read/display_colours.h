// What a display of standard range shows of films of high dynamic range (telephones, cameras, broadcasts):
// the light that their numbers stand for, its highlights compressed, in the colours of BT.709. Without it
// such pictures are grey and dim. Nothing but these films is changed.
//
// Light: Rec. ITU-R BT.2100-2 (perceptual quantizer of SMPTE ST 2084, hybrid log-gamma with the system gamma
// of a display of 1,000 cd/m2). Highlights: the curve of Rep. ITU-R BT.2390, 5.4.1, from 1,000 cd/m2 to the
// 203 that Rep. ITU-R BT.2408 gives standard white; a colour keeps its hue, and what is below 84 cd/m2, as
// faces are, keeps its brightness.
//
// Immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>

#include "crossface/media/file/libav.h"

namespace crossface {

class DisplayColours {
 public:
  // Null for a frame that is shown as it is. Lives as long as the program.
  static const DisplayColours* For(const AVFrame& frame);

  // CV_16UC3, BGR of full range as the film's matrix gives it, to CV_8UC3, BGR of BT.709 with gamma 2.4.
  cv::Mat Shown(const cv::Mat& bgr) const;
  // The same for a picture of greys, CV_8UC1 of full range.
  cv::Mat ShownGreys(const cv::Mat& luma) const;

 private:
  DisplayColours(AVColorTransferCharacteristic transfer, AVColorPrimaries primaries);

  const bool has_system_gamma_;
  std::array<float, 4096> light_{};  // by the upper 12 bits of a number: 1 is standard white
  cv::Matx33f to_bt709_;             // of red, green, blue
  cv::Mat grey_table_;
};

// Whether a film that is described so is of high dynamic range.
bool IsHighDynamicRange(AVColorTransferCharacteristic transfer);

}  // namespace crossface
