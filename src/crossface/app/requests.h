// What front ends ask of a case. Plain values. Persons and tracks are named as users name them: a person by
// name or number, a track as "clips/a.mp4:3" or by one of its exported pictures (curation/curation_names.h).
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "crossface/cluster/graph/profile.h"
#include "crossface/cluster/persons/clustering_methods.h"
#include "crossface/evaluation/evaluation.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/ray/ray_request.h"
#include "crossface/redaction/redact_options.h"
#include "crossface/scan/scan_choice.h"
#include "crossface/util/public_api.h"

namespace crossface {

struct GroupRequest {
  std::string method = kDefaultClustering;  // of ClusteringMethods()
  Profile profile = Profile::kBalanced;
  std::string device = "auto";  // that compares tracks, as in ScanSettings; identify takes the scan's
  RayRequest ray = {};          // a cluster that compares tracks too; identify takes the scan's
};

struct ScanRequest {
  std::vector<std::filesystem::path> sources;  // videos, pictures, folders of them
  ScanSettings settings;
  // Groups what is stored from time to time, for front ends that show people while the scan is at work.
  bool people_meanwhile = false;
  RayRequest ray = {};  // a cluster that scans in place of this machine, and compares tracks
};

// --- corrections, one for each thing that a user can say of who is who ---

struct RenamePerson {
  std::string person, name;
};
struct MergePersons {
  std::vector<std::string> persons;  // the first stays
};
struct SplitTracks {
  std::string person;
  std::vector<std::string> tracks;
  std::string name;  // of the new person; may be empty
};
struct MoveTracks {
  std::vector<std::string> tracks;
  std::string to;          // a person; "nobody" or "unassigned", where no person is called so
  bool to_nobody = false;  // whatever anybody is called
};
struct NotTheSame {
  std::string person;
  std::vector<std::string> others;  // one person, or tracks
};
struct ConfirmTracks {
  std::string person;
  std::vector<std::string> tracks;  // empty: all of the person's
};
struct IgnorePerson {
  std::string person;
  bool ignored = true;
};
struct UndoCorrections {
  size_t count = 1;
  bool all = false;
};
struct RedoCorrections {
  size_t count = 1;
  bool all = false;
};
using Correction = std::variant<RenamePerson, MergePersons, SplitTracks, MoveTracks, NotTheSame,
                                ConfirmTracks, IgnorePerson, UndoCorrections, RedoCorrections>;
// As the log and the history call it: "rename", "not-same" ...
CROSSFACE_API std::string_view VerbOf(const Correction& correction);

struct CorrectionOptions {
  bool dry_run = false;  // only tell what would be done
  bool override_earlier =
      false;  // win over earlier corrections that say otherwise, and over what is on the screen
  // The version of the case (CaseBrowser) that the user looked at: where it is another one now, the
  // correction is refused (kMismatch). Empty: whatever it is.
  std::string based_on = {};
  std::string by = {};  // who asks, for the log; empty where that is not known
};

// --- the rest ---

struct ReembedRequest {
  std::vector<std::string> embedders;  // manifest names
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;
};

struct RedactRequest {
  std::string source;             // of the case, by name
  std::filesystem::path output;   // the copy
  std::filesystem::path sources;  // folder where the footage is now; empty: where it was
  bool all = false;               // every face; else those of `only`, else all but those of `except`
  std::vector<std::string> only, except;
  HideMethod method = HideMethod::kFill;
  bool strip_metadata = false, exhaustive = false;
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;
};

struct SearchRequest {
  std::vector<std::filesystem::path> photos;
  size_t face = 0;           // of each photo, 1 being the largest; 0: all
  size_t limit = 10;         // tracks per face
  bool same_person = false;  // the photos show one person
  bool exact = false;        // compare with every track, in a large case too
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
};

struct LocateRequest {
  std::filesystem::path place;  // folder where the footage is now, or the file itself
  std::string source;           // of the case, by name; empty: all that are not where they were
};

struct ForgetRequest {
  std::string what;     // a person, or a source
  bool source = false;  // it is a source, though a person is called so too
  bool dry_run = false;
  bool confirmed = false;  // the user knows that it cannot be undone
};

struct FormatsRequest {
  std::vector<std::string> formats;  // of ExportFormats()
  std::filesystem::path out;         // gets a folder per format
};

struct EvaluateRequest {
  std::filesystem::path truth;
  int resamples = kDefaultResamples;
  size_t worst = 10;
};

}  // namespace crossface
