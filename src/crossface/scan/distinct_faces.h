// No face of a frame is found twice. Looks at one frame at several scales, and detectors that move a face
// when they confirm it at its track's end, can leave one face in two tracks; these would be two people for
// good, since tracks that share a frame are never one person. Pure, thread-safe.
#pragma once

#include <vector>

#include "crossface/gallery/records.h"

namespace crossface {

// Whether two boxes of one frame are of one face: nearly half of their union is common, or nearly all of the
// smaller lies in the other. Heads before each other stay two: of 624 boxes in 130 WIDER FACE pictures no two
// overlap so.
bool AreOneFace(const cv::Rect2f& a, const cv::Rect2f& b);

// Of the tracks of one shot: a face that another track has too stays with the track of more faces (the
// earlier of equals); tracks left without an embedded face go. Faces are numbered anew; times and templates
// follow.
void DropDoubles(std::vector<TrackRecord>* tracks);

}  // namespace crossface
