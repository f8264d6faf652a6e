// What is hidden in a copy and how, and what came of it. Plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/inference/models/model_store.h"
#include "crossface/util/public_api.h"
#include "crossface/util/status.h"

namespace crossface {

class FaceFinder;

// kFill paints the part in one grey, and leaves nothing of it. kBlur averages it over a few squares and
// blends those into each other: light and colours stay, and nothing finer than a third of the face. What a
// blur leaves differs from frame to frame, and who holds many frames of one face may learn more from them
// than one shows; a fill tells nobody anything.
enum class HideMethod { kFill, kBlur };
CROSSFACE_API std::string_view HideMethodName(HideMethod method);  // "fill", "blur"

enum class RedactWhom { kAll, kOnly, kExcept };

struct RedactOptions {
  size_t source = 0;           // position among the sources of the case
  std::filesystem::path path;  // where the source is now
  std::filesystem::path output;
  RedactWhom whom = RedactWhom::kAll;
  std::set<int64_t> persons;  // kOnly, kExcept
  HideMethod method = HideMethod::kFill;
  bool strip_metadata = false;
  bool exhaustive = false;  // every detector on every frame
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;
  // Makes what finds the faces; empty: the detectors that are installed.
  std::function<Result<std::unique_ptr<FaceFinder>>()> make_finder;
  std::stop_token stop;
  // Share of the work done, 0..1, and seconds left, -1 while unknown. From the calling thread, for each
  // frame.
  std::function<void(double share, double remaining_s)> progress;
};

struct RedactSummary {
  std::string sha256;  // of the copy
  int64_t frames = 0, frames_changed = 0;
  int64_t places = 0;       // that were hidden, over all frames; overlapping ones count each
  int64_t found_again = 0;  // of them, by the second look alone
  std::vector<std::string> warnings, notes;
  std::string encoder;
  std::map<std::string, std::string> detectors;  // model name to SHA-256
};

}  // namespace crossface
