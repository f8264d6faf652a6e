// Whether a source lies on its side or its head, or is squeezed, though its file does not say so: told by how
// much better its faces can tell who they are when they are turned or stretched.
//
// Detectors see upside-down and squeezed faces well enough to find them, but what the nets make of such a
// face tells nobody from anybody (embed/identity_evidence.h). So of a source whose faces tell little, a few,
// one a track, are looked at again under every change. Faces that lie on their head are often not found at
// all: where those that were found say nothing, a few whole pictures are searched again, turned. Not
// thread-safe; the nets are.
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crossface/gallery/records.h"
#include "crossface/media/file/geometry.h"
#include "crossface/media/read/frame.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/util/status.h"

namespace crossface {

// What could make a source upright: turned clockwise, or stretched to so many times its width for its height.
// Not by less than twice: a face that is a third too wide is read as well as one that is not.
struct GeometryChange {
  int clockwise = 0;
  Aspect stretch;
  bool operator==(const GeometryChange&) const = default;
};
inline constexpr std::array<GeometryChange, 5> kGeometryChanges = {
    {{90, {}}, {180, {}}, {270, {}}, {0, {1, 2}}, {0, {2, 1}}}};

// How surely a face can tell who it is, 0..1: as it was found, and under every change; 0 where no face is
// seen.
struct ProbedFace {
  float as_found = 0;
  std::array<float, kGeometryChanges.size()> changed = {};  // in the order of kGeometryChanges
};

// `picture`: CV_8UC3, a face in the middle with its head around it, such as a stored picture of it. Errors:
// those of the nets.
Result<ProbedFace> ProbeFace(const cv::Mat& picture, float as_found, const ScanModels& models);

// The picture under a change.
cv::Mat Changed(const cv::Mat& picture, const GeometryChange& change);

// The change that makes nearly all of the faces clearly more telling, and clearly more than any other change
// does; nothing when there is none.
std::optional<GeometryChange> DecideGeometry(std::span<const ProbedFace> faces);

// What makes a source that is read as `info` tells upright, once it is found that it needs `change`.
WantedGeometry WithChange(const SourceInfo& info, const GeometryChange& change);

// The same of a whole picture (CV_8UC3): the most telling face in it, as it is and turned. Not stretched:
// squeezed faces are found.
Result<ProbedFace> ProbePicture(const cv::Mat& picture, const ScanModels& models);

// Collects a few faces and pictures of a source that is being scanned, spread over it, and decides at its
// end.
class SourceGeometry {
 public:
  // Errors: those of PictureOf.
  Status Add(const TrackRecord& track);
  void Add(const Frame& kept);
  // Nothing where the faces tell who they are as they were found, or there are no ArcFaces to ask. Errors:
  // those of the nets.
  Result<std::optional<GeometryChange>> Decide(const ScanModels& models) const;

  // Of a source that one program reads and another one searches: the pictures that were kept of it (CV_8UC3).
  const std::vector<cv::Mat>& pictures() const { return pictures_.items; }
  void set_pictures(std::vector<cv::Mat> pictures) { pictures_.items = std::move(pictures); }

 private:
  struct Sample {
    std::string jpeg;
    float evidence = 0;
  };
  // Of items that come one by one, a few that are spread over all.
  template <typename Item>
  struct Spread {
    int64_t seen = 0, every = 1;
    std::vector<Item> items;
    bool Wants() { return seen++ % every == 0; }
    void Keep(Item item, size_t most);
  };
  Result<std::optional<GeometryChange>> DecideByFaces(const ScanModels& models) const;
  Result<std::optional<GeometryChange>> DecideByPictures(const ScanModels& models) const;
  bool FacesAreAsTheyShouldBe() const;

  Spread<Sample> faces_;
  Spread<cv::Mat> pictures_;
};

}  // namespace crossface
