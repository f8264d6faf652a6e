// Answers about footage and faces beyond the main job: search by photo, copies, redaction, other embeddings.
// Plain values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/export/duplicates_view.h"
#include "crossface/redaction/redact_options.h"
#include "crossface/scan/duplicates_summary.h"
#include "crossface/scan/reembed_summary.h"
#include "crossface/search/search_hit.h"
#include "crossface/util/box.h"

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

// A photo that was searched with, and its faces.
struct PhotoAnswer {
  struct Face {
    int number = 1;      // 1 for the largest
    Box box;             // of the upright photo
    float score = 0;     // how surely it is a face, 0..1
    float quality = 0;   // how much it says of who it is, 0..1
    bool clear = false;  // good enough to found a person, were it in a case
  };
  std::filesystem::path path;
  std::string sha256;
  int width = 0, height = 0;  // upright
  std::vector<Face> faces;    // the largest first; none may be there
  std::vector<std::string> warnings;
};

struct SearchAnswer {
  // Of the case, known before the first photo is read.
  struct Case {
    int64_t tracks = 0, tracks_not_compared = 0;
    bool exact = true;
    SearchIndexState index = SearchIndexState::kLoaded;       // where it is not exact
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
  std::vector<PhotoAnswer> photos;  // all that could be read
  std::vector<std::string> warnings;
  std::vector<Query> queries;
};

}  // namespace crossface
