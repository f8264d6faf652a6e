// What a case answers to front ends. Plain values, complete without the case: a front end words and shows
// them, and json.h writes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossface/curation/appearance.h"
#include "crossface/curation/curation_values.h"
#include "crossface/embed/unassigned_reason.h"
#include "crossface/export/export_summary.h"
#include "crossface/grouping/cluster_summary.h"
#include "crossface/inference/engine/device_facts.h"
#include "crossface/media/file/left_out.h"
#include "crossface/scan/scan_summary.h"

namespace crossface {

// --- identify and its parts ---

// What is known before anything is decoded.
struct PreparedAnswer {
  int64_t files = 0;
  LeftOut left_out;
  std::vector<std::string> missing_models;      // that would be used if they were installed
  std::vector<std::string> unused_models;       // that are installed; the case goes on without them
  int64_t case_sources = 0, case_video_ms = 0;  // what the case has, where models are unused
};

struct ScanAnswer {
  ScanSummary summary;
  std::optional<DeviceUse> use;  // nothing where a cluster scanned
  LeftOut left_out;
};

// Filled as far as the job came.
struct IdentifyAnswer {
  std::optional<ScanAnswer> scan;
  std::optional<ClusterSummary> group;
  std::optional<ExportSummary> exported;
};

// --- who is who ---

struct PersonAnswer {
  int64_t id = 0;
  std::string name;
  bool ignored = false;
  bool by_reference = false;  // named after an enrolled face that it is like; not confirmed
  int64_t tracks = 0, faces = 0, sources = 0, screen_us = 0, confirmed_tracks = 0;
  std::optional<float> cohesion;  // how well it hangs together, 0..1, where it is known
};

struct PeopleAnswer {
  std::vector<PersonAnswer> persons;  // those seen longest first
  int64_t unassigned_tracks = 0;
  std::map<UnassignedReason, int64_t> unassigned_by_reason;
  std::vector<std::string> warnings;  // corrections whose faces are no longer found
};

struct PersonDetailAnswer {
  PersonAnswer person;
  std::vector<Appearance> appearances;  // by source and number
  std::vector<std::string> warnings;
};

// Two persons who may be one, or tracks of a person who may be somebody else.
struct SuggestionAnswer {
  struct Who {
    int64_t id = 0;
    std::string name;
  };
  int64_t rank = 0;
  std::string kind;  // "merge", "mixture"
  Who person;
  std::optional<Who> other;         // of a merge
  std::vector<std::string> tracks;  // of a mixture
  double probability = 0, gain = 0;
  // A picture of either side, relative to the case folder; empty where none was exported.
  std::string picture, other_picture;
};

struct SuggestionsAnswer {
  std::vector<SuggestionAnswer> suggestions;  // by rank
  std::vector<std::string> warnings;
};

struct HistoryAnswer {
  struct Entry {
    CurationEvent event;
    std::string standing;  // "in force", "undone", "dropped"; empty for undo and redo themselves
  };
  std::vector<Entry> entries;  // oldest first
  std::vector<std::string> warnings;
};

struct CorrectionAnswer {
  bool dry_run = false;
  std::optional<CurationEvent> event;  // what is or would be done; nothing when it was refused
  std::vector<std::string> notes;      // what the user should know
};

}  // namespace crossface
