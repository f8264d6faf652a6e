// Brings every picture of a source into one frame of coordinates, whatever changes in mid-stream: the stored
// size, the shape of its pixels, the turn. A picture is never stretched: one that is not as large or as wide
// as the frame is scaled by its own shape and stands in the middle, with black around it.
//
// What is stated for each picture goes before what the container states for all: a turn in the picture data
// (H.264's and H.265's display orientation) is in place of the container's, never added to it, and holds
// until the next key frame without one. Not thread-safe.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "crossface/media/file/geometry.h"
#include "crossface/media/file/libav.h"
#include "crossface/media/file/orientation.h"
#include "crossface/media/file/source.h"

namespace crossface {

// How one decoded picture comes into its source's frame.
struct PictureLayout {
  cv::Size square;               // the stored picture is scaled to this, not turned yet
  Orientation orientation;       // then turned
  cv::Size frame;                // and put into the middle of this
  Orientation grey_turn;         // what its luma is turned by to lie as that of the source's first picture
  Orientation grey_orientation;  // what it is then turned by to stand upright
};

class FrameFitter {
 public:
  // `container` and `stream` outlive this object; null where the pictures come from elsewhere.
  FrameFitter(const WantedGeometry& wanted, int64_t max_pixels, AVFormatContext* container, AVStream* stream);

  // What the container, or a still's metadata, states for all pictures.
  void set_turn(const Orientation& turn) { container_turn_ = turn; }

  // The source's first picture: settles the frame and writes the geometry into `info`. Errors:
  // kInvalidArgument when the wanted aspect would stretch its pixels more than they may be; without the
  // file's name.
  Status Begin(const AVFrame& first, SourceInfo* info);

  // Any picture, the first one too.
  const PictureLayout& Fit(const AVFrame& picture, int64_t time_us);

  // The largest picture so far, upright, when it is larger than the frame.
  std::optional<cv::Size> outgrown() const;

  // What is unusual about the pictures so far, for SourceInfo::geometry_notes.
  std::string Notes() const;

 private:
  // What the file states of a picture, and its size.
  struct Stated {
    cv::Size stored;
    Orientation turn;
    AVRational own_aspect = {0, 1};
    bool operator==(const Stated& other) const;
  };
  struct Variant {
    std::string text;
    int64_t begin_us = 0;
  };

  Stated Read(const AVFrame& picture);
  Aspect PixelAspect(const AVFrame& picture, const Stated& stated);
  std::optional<Aspect> Obeyed(AVRational stated, cv::Size stored);
  Orientation TurnOf(const Stated& stated) const;
  PictureLayout Lay(const AVFrame& picture, const Stated& stated);
  void NoteVariant(const Stated& stated, int64_t time_us);

  const WantedGeometry wanted_;
  const int64_t max_pixels_;
  AVFormatContext* const container_;
  AVStream* const stream_;
  Orientation container_turn_;
  std::optional<Orientation> picture_turn_;  // stated by the last picture that stated one

  std::optional<Stated> first_, current_;
  Orientation first_orientation_;
  Aspect first_pixel_, pixel_;
  std::optional<Aspect> given_picture_aspect_;  // of the stored picture, not turned
  cv::Size frame_, largest_;
  PictureLayout layout_;
  std::vector<Variant> variants_;
  int64_t further_variants_ = 0;
  std::vector<std::string> passed_over_;
};

}  // namespace crossface
