// What a source says of itself. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "crossface/media/file/aspect.h"
#include "crossface/util/public_api.h"

namespace crossface {

// What is known of a source before its frames are decoded. Unknown numbers are 0, unknown texts empty.
struct SourceInfo {
  std::string part = {};  // which part of the file (media/file/source_part.h); empty: its first
  int parts = 0;      // this one and those that it leads to (media/read/frame_reader.h); 0: nobody has looked
  int64_t bytes = 0;  // of the file, whatever the part
  // As the container says; measured once all is read where it goes by time stamps that are wrong. 0 for an
  // image.
  int64_t duration_ms = 0;
  int width = 0, height = 0;                       // upright, with square pixels; of the largest picture
  int rotation = 0;                                // clockwise degrees that were applied: 0, 90, 180 or 270
  bool mirrored = false;                           // left to right, before it was turned
  GeometryFrom turn_from = GeometryFrom::kNobody;  // who says so; kNobody: it is as it is stored
  Aspect pixel_aspect;                             // of a stored pixel, as applied; square: not stretched
  GeometryFrom aspect_from = GeometryFrom::kNobody;
  // For people: what changes in mid-stream, what the file states and is not obeyed. Complete once all is
  // read.
  std::string geometry_notes;
  double fps = 0;                               // average rate as the container says
  std::string codec;                            // libav's name, such as "h264"; for images "jpeg", "png" ...
  int stream_index = 0;                         // of the picture stream
  int time_base_num = 1, time_base_den = 1000;  // seconds per PTS tick
  std::string created;                          // ISO 8601; with Z or an offset only when the file states one
  std::string created_from;                     // the tag it was read from
  std::optional<double> latitude, longitude;    // degrees
  std::string device;                           // make and model
  std::string make, model;                      // as the file has them
  std::optional<double> altitude;               // metres
  std::string located_from;                     // the tag that the position was read from
  std::string software;                         // that wrote the file, or of the camera
  std::string timecode;                         // SMPTE of the first frame, "10:00:00:00"; ';' for drop-frame
  std::string timecode_from;                    // the tag it was read from
};

// What was done to the stored pictures, for people: "rotated 90 (file); pixel aspect 12:11 (given)", and the
// notes. Empty when nothing was.
CROSSFACE_API std::string GeometryText(const SourceInfo& info);

}  // namespace crossface
