// The index of a case (gallery/template_index.h), as it has to be for the gallery as it is now: loaded,
// brought up to date or made anew, and saved again where that is possible.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/gallery/template_index.h"
#include "crossface/search/search_ensemble.h"
#include "crossface/search/search_hit.h"

namespace crossface {

// A track that has a vector of every model, and the newest of their rows in the gallery.
struct IndexedTrack {
  int64_t id = 0;
  int64_t version = 0;
  bool operator==(const IndexedTrack&) const = default;
};
// By id.
std::vector<IndexedTrack> TracksToIndex(const SearchEnsemble& ensemble, const TemplateKeys& keys);

struct SearchIndex {
  using State = SearchIndexState;
  State state = State::kLoaded;
  std::unique_ptr<TemplateIndex> index;
  std::vector<std::string> warnings;  // why it could not be saved: it serves from memory then
};

struct SearchIndexOptions {
  std::stop_token stop;
  std::function<void(int64_t)> building;  // told how many tracks are about to be added
};

// `tracks`: those of TracksToIndex. Errors: the gallery's; kInterrupted, and nothing is changed.
Result<SearchIndex> OpenSearchIndex(const Gallery& gallery, const SearchEnsemble& ensemble,
                                    const std::vector<IndexedTrack>& tracks,
                                    const SearchIndexOptions& options);

}  // namespace crossface
