// The small pictures inside report.html: which faces stand for a person, and their JPEGs as base64 text. Not
// thread-safe (reads the gallery).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crossface/export/case_view.h"

namespace crossface {

// At most `limit` faces with pictures out of these tracks, those first that show most: another source before
// another track, another track before another moment of the same one, then the better quality. Never
// `except`.
std::vector<FacePlace> ChooseReportFaces(const CaseView& view, std::span<const size_t> tracks, size_t limit,
                                         const FaceRecord* except);

// Same pictures, same bytes.
class Thumbnails {
 public:
  explicit Thumbnails(const Gallery& gallery) : gallery_(gallery) {}

  // Those that the gallery did not have yet, and the faces of all that were given: what a writer keeps for
  // the next report.
  const std::vector<Thumbnail>& made() const { return made_; }
  const std::vector<int64_t>& shown_faces() const { return shown_faces_; }

  // The face's picture as a JPEG with the longest side of `pixels`, in base64. Empty when there is none
  // or it cannot be decoded. Errors: the gallery's.
  Result<std::string> Make(const FaceRecord& face, int pixels, int jpeg_quality);

 private:
  // Empty when the picture cannot be decoded.
  Result<std::string> Shrink(const FaceRecord& face, int pixels, int jpeg_quality) const;

  const Gallery& gallery_;
  std::vector<Thumbnail> made_;
  std::vector<int64_t> shown_faces_;
};

std::string Base64(std::string_view bytes);

}  // namespace crossface
