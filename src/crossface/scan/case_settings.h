// Which settings and models a case is scanned with. A case keeps those that it has: another choice, or models
// that have come or gone, never throw results away by themselves. Pure but for reading the gallery and the
// folder of the models; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "crossface/gallery/gallery.h"
#include "crossface/scan/scan_settings.h"

namespace crossface {

struct CaseSettings {
  std::string settings;  // as sources have them, without what was given for one of them
  int64_t sources = 0;   // that were scanned, and how long they are
  int64_t video_ms = 0;
};

// Those of the scan that began last; nothing when no source was scanned. Errors: the gallery's.
Result<std::optional<CaseSettings>> ReadCaseSettings(const Gallery& gallery);

// The scan settings of a source without what was given for it alone.
std::string WithoutGiven(const std::string& settings);

// What is to become of a source that was scanned with the settings `before`; empty: a new one.
struct ScanWish {
  std::string settings;  // to scan it with
  bool same = false;     // as before
  bool asked = false;    // the user wants it scanned again where it is not the same
};
ScanWish WishFor(const ScanModels& models, const ScanSettings& settings, const std::string& before);

// How `now` differs from `before`, for people: "without mtcnn_onet, yunet in another version". Empty when it
// does not.
std::string SettingsDifference(const std::string& before, const std::string& now);

// "3 sources, 2 h 10 min of video".
std::string AmountText(int64_t sources, int64_t video_ms);

// The models to go on with in a case: those that it was scanned with, whatever else is installed (see
// ScanModels::unused). When these cannot be had, nothing is loaded, and ScanModels::unavailable says why.
// Without `of_case`: ScanModels::Load. Errors: those of it; kInvalidArgument when `wanted` asks for other
// models or settings than the case's, saying how much would have to be scanned again.
Result<ScanModels> LoadModelsForCase(const ScanSettings& wanted, const std::optional<CaseSettings>& of_case);

}  // namespace crossface
