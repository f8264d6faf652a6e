// What a scan is asked to do, and the models it does it with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crossface/detect/face_finder.h"
#include "crossface/embed/embedder.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/media/file/geometry.h"
#include "crossface/select/frame_selector.h"
#include "crossface/util/status.h"

namespace crossface {

// How the pictures of the sources of one call lie, said by hand. A source keeps what it was given in calls
// that say nothing.
struct GivenGeometry {
  std::optional<int> clockwise;  // WantedGeometry::clockwise
  std::optional<Aspect> picture_aspect;
  bool forget = false;  // what was given before is dropped: the file decides again
};

struct ScanSettings {
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;  // workers; results do not depend on it
  bool exhaustive =
      false;  // every detector on every frame that is neither dark nor still, every embedder on every face
  LicencePolicy licence = LicencePolicy::kAny;
  std::vector<DetectorKind> detectors;  // empty: all that are installed
  std::vector<std::string> embedders;   // empty: the default ones as far as installed
  GivenGeometry geometry;
  // Sources that were scanned with other settings or models are scanned again.
  bool rescan = false;
};

// The ensemble of the default: the two ArcFaces. With FaceNet and InceptionResnetV1 beside them, at the
// weights that serve them best, .940 instead of .943 of LFW's genuine pairs are found at one false match in
// 100,000; on seven sets of make_synth BCubed precision / recall was .990 / .972 with all four and .995 /
// .973 with the two, at one third of the time.
std::vector<std::string> DefaultEmbedders();

// What exhaustive scans add, and what speaks where no ArcFace is installed.
std::vector<std::string> FurtherEmbedders();

// The loaded models. Immutable, so all threads share one.
struct ScanModels {
  std::unique_ptr<FaceFinder> finder;
  std::vector<std::unique_ptr<Embedder>> embedders;
  std::vector<std::string> missing;  // manifest names that would be used if they were installed
  std::vector<std::string> unused;   // that are installed and that the case does without
  // Why there are no models to scan with (LoadModelsForCase); what was scanned can be looked at all the same.
  Status unavailable;
  // Canonical JSON of everything that decides a scan's result: settings and the hash of every model.
  std::string fingerprint;
  Device device;

  // The fingerprint of a source's scan: the models' and what was given by hand for it, now or in the scan
  // whose fingerprint `before` is (empty for none).
  std::string FingerprintFor(const GivenGeometry& given, const std::string& before) const;

  // Of models of the caller's own, for scans with these settings.
  static ScanModels With(std::unique_ptr<FaceFinder> finder, std::vector<std::unique_ptr<Embedder>> embedders,
                         const ScanSettings& settings);

  // Errors: kModelMissing when no detector or no embedder can be had (says how to install);
  // kDeviceUnavailable.
  static Result<ScanModels> Load(const ScanSettings& settings);
};

// What a source's fingerprint says was given by hand.
WantedGeometry GivenIn(const std::string& fingerprint);

}  // namespace crossface
