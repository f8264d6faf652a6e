// Answers about footage and faces beyond the main job: search by photo, copies, redaction, other embeddings.
// Plain values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/export/duplicates_log.h"
#include "crossface/redaction/redact.h"
#include "crossface/scan/duplicates.h"
#include "crossface/scan/reembed.h"
#include "crossface/search/search_case.h"

namespace crossface {

struct ReembedAnswer {
  std::vector<std::string> models;
  std::optional<ReembedSummary> summary;
  std::optional<ClusterSummary> group;
  std::optional<ExportSummary> exported;
};

struct DuplicatesAnswer {
  std::optional<DuplicatesSummary> summary;
  DuplicatesView view;  // groups and pairs, once they are found
  std::optional<ExportSummary> exported;
};

struct RedactAnswer {
  std::string source, source_sha256;
  std::filesystem::path output;
  RedactOptions options;  // as they were carried out; without callbacks
  std::optional<RedactSummary> summary;
};

struct SearchAnswer {
  // Of the case, known before the first photo is read.
  struct Case {
    int64_t tracks = 0, tracks_not_compared = 0;
    bool exact = true;
    SearchIndex::State index = SearchIndex::State::kLoaded;   // where it is not exact
    std::vector<std::pair<std::string, std::string>> models;  // names and hashes
  };
  // A face of a photo, or several of one person.
  struct Query {
    std::string told;                                // "face 1 of photo.jpg"
    std::vector<std::pair<std::string, int>> faces;  // photo and number of each
    std::vector<SearchHit> hits;                     // best first
    int64_t likely = 0;
  };
  std::optional<Case> of_case;
  std::vector<Photo> photos;  // all that could be read; without vectors of faces
  std::vector<std::string> warnings;
  std::vector<Query> queries;
};

}  // namespace crossface
