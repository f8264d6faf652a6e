// Gives the faces of a case vectors of other embedding models, without looking for faces again: tracks,
// persons, names and corrections stay.
//
// The faces are cut out of the footage once more, because the stored pictures are shrunk, compressed and show
// less around the face than some models look at. Where the footage is gone or is not what it was, the stored
// pictures have to do; the summary says for which sources. Vectors of models that are no longer used are
// kept, so that going back costs nothing and gives the same vectors.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/embed/embedder.h"
#include "crossface/gallery/gallery.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/scan/reembed_summary.h"
#include "crossface/util/status.h"

namespace crossface {

struct ReembedOptions {
  std::vector<std::string> embedders;  // manifest names
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;  // results do not depend on it
  // Makes an embedder by its name; empty: the one that is installed.
  std::function<Result<std::unique_ptr<Embedder>>(const std::string&)> make_embedder;
  std::stop_token stop;
  std::function<void(int64_t, int64_t)> progress;  // faces done and in all
};

// Stopped or killed, it goes on where it was. The case compares faces with these models from then on; cluster
// afterwards. Errors: kInvalidArgument (no embedder of that name), kModelMissing, kDeviceUnavailable,
// kInterrupted, the gallery's.
Result<ReembedSummary> Reembed(Gallery& gallery, const ReembedOptions& options);

}  // namespace crossface
