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
#include "crossface/scan/scan_choice.h"
#include "crossface/select/frame_selector.h"
#include "crossface/util/status.h"

namespace crossface {

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
  std::vector<NetPlacement> nets;  // where each of the loaded nets runs

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

// ReaderOptions::card: the one that nets run on, else the first.
std::optional<int> DecodingCard(FilmDecoder decoder, const ScanModels& models);

// What a source's fingerprint says was given by hand.
WantedGeometry GivenIn(const std::string& fingerprint);

}  // namespace crossface
