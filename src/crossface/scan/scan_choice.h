// What a scan is asked to do. Plain values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crossface/detect/detector_kind.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/media/file/aspect.h"
#include "crossface/util/public_api.h"

namespace crossface {

// How the pictures of the sources of one call lie, said by hand. A source keeps what it was given in calls
// that say nothing.
struct GivenGeometry {
  std::optional<int> clockwise;  // degrees that stored pictures are turned: 0, 90, 180 or 270
  std::optional<Aspect> picture_aspect;
  bool forget = false;  // what was given before is dropped: the file decides again
};

// Who decodes films.
enum class FilmDecoder {
  kProcessor,
  kCard,  // an NVIDIA card, as far as it can: what it gives is what the processor gives
};

struct ScanSettings {
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  FilmDecoder decoder = FilmDecoder::kProcessor;
  int threads = 1;  // workers; results do not depend on it
  bool exhaustive =
      false;  // every detector on every frame that is neither dark nor still, every embedder on every face
  LicencePolicy licence = LicencePolicy::kAny;
  std::vector<DetectorKind> detectors;       // empty: all that are installed
  std::vector<std::string> detector_models;  // FaceFinderOptions::models
  std::vector<std::string> embedders;        // empty: the default ones as far as installed
  GivenGeometry geometry;
  // Sources that were scanned with other settings or models are scanned again.
  bool rescan = false;
};

// The ensemble of the default: the two ArcFaces. With FaceNet and InceptionResnetV1 beside them, at the
// weights that serve them best, .940 instead of .943 of LFW's genuine pairs are found at one false match in
// 100,000; on seven sets of make_synth BCubed precision / recall was .990 / .972 with all four and .995 /
// .973 with the two, at one third of the time.
CROSSFACE_API std::vector<std::string> DefaultEmbedders();

// What exhaustive scans add, and what speaks where no ArcFace is installed.
CROSSFACE_API std::vector<std::string> FurtherEmbedders();

}  // namespace crossface
