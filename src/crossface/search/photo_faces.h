// The faces of a photo, found, rated and embedded exactly as a scan does it with a picture among its sources.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/cluster/graph/cohort.h"
#include "crossface/gallery/gallery.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/search/search_ensemble.h"
#include "crossface/util/status.h"

namespace crossface {

struct PhotoFace {
  int number = 1;                        // 1 for the largest
  Detection detection;                   // pixels of the upright photo
  float quality = 0;                     // as TrackRecord::quality
  float evidence = 1;                    // as TrackRecord::evidence
  bool clear = false;                    // good enough to found a person, were it in a case
  std::vector<FaceEmbedding> templates;  // one per model
  std::string jpeg;                      // the face
  SearchEnsemble::Vectors vectors;       // `templates`, as an ensemble has them

  TemplateFacts facts() const { return {quality, LeastCohort(evidence)}; }
};

struct Photo {
  std::filesystem::path path;
  std::string sha256;
  int width = 0, height = 0;     // upright
  std::vector<PhotoFace> faces;  // the largest first; none may be there
  std::vector<std::string> warnings;
};

// The models that a case was scanned with, loaded. Immutable, thread-safe.
struct SearchModels {
  ScanModels models;
  bool exhaustive = false;  // the case was scanned so
  std::vector<std::string> warnings;

  // `folder` and `device` as in ScanSettings. The detectors are those of most sources; a missing one is
  // warned of. Errors: kModelMissing (an embedder of the case, or every detector, is not installed),
  // kMismatch (an embedder is installed in another version than the case's vectors are of),
  // kDeviceUnavailable.
  static Result<SearchModels> Load(const Gallery& gallery, const SearchEnsemble& ensemble,
                                   const std::filesystem::path& folder, const std::string& device);
  // Those that a case is scanned with where nothing else is asked for. Errors: ScanModels::Load's.
  static Result<SearchModels> Usual(const std::filesystem::path& folder, const std::string& device);
};

// Errors: those of OpenSource, kCorrupt (no picture could be decoded), kInvalidArgument (a video),
// kInterrupted, those of the models.
Result<Photo> ReadPhoto(const std::filesystem::path& path, const SearchModels& models,
                        const SearchEnsemble& ensemble, const std::stop_token& stop = {});
// The same without `vectors`.
Result<Photo> ReadPhoto(const std::filesystem::path& path, const SearchModels& models,
                        const std::stop_token& stop = {});

// Several faces of one person as one: the quality-weighted mean of their vectors per model. REQUIRES: at
// least one.
PhotoFace CombineFaces(const std::vector<PhotoFace>& faces);

}  // namespace crossface
