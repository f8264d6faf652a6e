// Sources: finding them in folders, and what their container says about them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crossface/media/file/geometry.h"
#include "crossface/util/status.h"

namespace crossface {

// A file to read. `name` is the path relative to the input folder with forward slashes: the source's name in
// a case.
struct SourceFile {
  std::filesystem::path path;
  std::string name;
  std::string part =
      {};  // which picture stream, page or appended film (media/file/source_part.h); empty: its first
};

// What was passed over in folders. Named itself, each of these but the special ones is read or refused with a
// reason.
struct LeftOut {
  int64_t hidden = 0;       // files and folders whose names begin with a dot; a folder counts once
  int64_t other_files = 0;  // that hold neither video nor picture, by their name and their first bytes
  int64_t special = 0;      // pipes, sockets and devices
  int64_t dead_links = 0;   // links to nothing, or to themselves
  int64_t cases = 0;        // folders of cases, in whose pictures everybody would be found again
  bool operator==(const LeftOut&) const = default;
};

// For people: what, how many, and how to have it looked at. Empty when nothing was left out.
std::string LeftOutText(const LeftOut& left_out);

struct SourceSearch {
  std::vector<SourceFile> files;   // sorted by name, no file twice
  std::vector<Status> unreadable;  // folders that could not be listed; the search goes on past them
  LeftOut left_out;
};

// Lists the files to try below the given files and folders (recursively; hidden files and symbolic-link loops
// left out). A file given by name is always listed; in folders files with a media or image extension are, and
// so is any other file whose first bytes libav or OpenCV recognise, so that evidence with a wrong or missing
// extension is not lost. When two roots hold the same relative name, the root's own folder name is put in
// front of both. Errors: kNotFound for a root that does not exist (its name in the message),
// kPermissionDenied for a root that cannot be read, kUnsupported for a root that is a pipe, socket or device,
// or a name of another program's input such as /dev/stdin: none of them is opened.
Result<SourceSearch> FindSources(const std::vector<std::filesystem::path>& roots);

// True for the extensions of still pictures that the image reader takes (case-insensitive).
bool HasImageExtension(const std::filesystem::path& path);

// What is known of a source before its frames are decoded. Unknown numbers are 0, unknown texts empty.
struct SourceInfo {
  std::string part = {};  // as in SourceFile
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
std::string GeometryText(const SourceInfo& info);

// To read a source again so that its pictures, and boxes in them, are those that `info` tells of.
WantedGeometry GeometryAsIn(const SourceInfo& info);

}  // namespace crossface
