// The rows of the gallery as plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crossface/copies/fingerprint.h"
#include "crossface/detect/detection.h"
#include "crossface/embed/unassigned_reason.h"
#include "crossface/gallery/copy_record.h"
#include "crossface/gallery/face_embedding.h"
#include "crossface/gallery/reference_face.h"
#include "crossface/gallery/source_record.h"
#include "crossface/media/file/source.h"
#include "crossface/select/frame_selector.h"
#include "crossface/util/spool.h"

namespace crossface {

// How far a scan got: everything before this frame is in the gallery, and no track is open there.
struct ScanCheckpoint {
  int64_t next_frame = 0;  // index of the first frame that is not accounted for
  int64_t next_shot = 0;
  int64_t next_track = 1;
  SelectCounts counts;
};

struct FaceRecord {
  int64_t id = 0;
  int64_t number = 0;  // 1-based within its track, in time order
  int64_t frame = 0, pts = 0, time_us = 0, duration_us = 0;
  Detection detection;     // pixels of the upright full-size frame
  float quality = 0;       // FaceQuality::overall
  std::string jpeg;        // the picture that is exported; read only on request
  int64_t jpeg_bytes = 0;  // its size; set when a face is read
  // Where the picture of a face that is not stored yet was put aside, jpeg_bytes long: jpeg is empty then.
  std::shared_ptr<const Spool> spool = {};
  int64_t spool_at = 0;
  std::vector<FaceEmbedding> embeddings;  // of the track's best faces only
};

// The picture of a face that is about to be stored, wherever it is. Errors: those of Spool::Read.
Result<std::string> PictureOf(const FaceRecord& face);

struct TrackRecord {
  int64_t id = 0;
  int64_t source_id = 0;
  int64_t number = 0;  // 1-based within its source
  int64_t shot = 0;
  int64_t start_us = 0, end_us = 0;  // of the first face; of the last face plus its frame's duration
  float quality = 0;                 // of the track: its best faces' quality, detector agreement included
  bool may_form = false;             // good enough to found a person
  float evidence = 1;                // 0..1: how surely its best faces can tell who it is
  // Why they cannot, as the scan found; kNone where they can.
  UnassignedReason reason = UnassignedReason::kNone;
  int64_t face_count = 0;                // how many it has in the gallery; set when it is read
  std::vector<FaceRecord> faces;         // in time order
  std::vector<FaceEmbedding> templates;  // one per model
};

// What the tracks of one person come to; person 0 is nobody.
struct PersonTotals {
  int64_t person_id = 0, tracks = 0, faces = 0, sources = 0, screen_us = 0;
  int64_t portrait = 0;  // the face of best quality that has a picture; 0: there is none, or it is nobody
  bool operator==(const PersonTotals&) const = default;
};

// Which templates the gallery has, without their vectors. A vector that is replaced gets another row: who
// kept vectors knows by this which of them are still the gallery's.
struct TemplateKeys {
  struct Model {
    std::string name, sha256;
    int dimensions = 0;
  };
  struct Key {
    int64_t track_id = 0;
    size_t model = 0;  // position in `models`
    int64_t row = 0;
  };
  std::vector<Model> models;
  std::vector<Key> keys;  // by track id
};

struct PersonRecord {
  int64_t id = 0;
  std::string name;      // folder name; unique, case-insensitively
  bool ignored = false;  // a bystander: known, but of no interest
  // The name is that of a reference that it is like, see grouping/name_by_reference.h; nobody has confirmed
  // it.
  bool by_reference = false;
  // How well its tracks hang together, 0..1, as a grouping says that is written; nothing where it does not
  // say. Read with Gallery::ReadCohesion.
  std::optional<float> cohesion = {};
  bool operator==(const PersonRecord&) const = default;
};

// Which person a track belongs to; person_id 0 means unassigned.
struct Assignment {
  int64_t track_id = 0;
  int64_t person_id = 0;
  float confidence = 0;
  // Whom the first grouping that gave the track to anybody gave it to; 0 when none did. A person who vanished
  // in one grouping is recognised by it in another. Read only.
  int64_t first_person_id = 0;
  bool grouped = true;  // false: the track was scanned since the last grouping. Read only.
  // Of an unassigned track; what the scan found where it was not grouped yet.
  UnassignedReason reason = UnassignedReason::kNone;
};

// How far a case has come: another correction, grouping, scan or forgetting gives another one.
struct CaseTide {
  int64_t correction = 0;  // the last one's id
  int64_t grouping = 0;    // how many there were
  int64_t last_track = 0, sources = 0, tracks = 0, faces = 0;
  bool operator==(const CaseTide&) const = default;
};

// Which faces are to be listed: of a person, of a track, or, where neither is given, of nobody.
struct FacesAsked {
  int64_t person = 0, track = 0;
  std::optional<UnassignedReason> reason = {};  // of nobody's faces, those for this reason
  bool best = false;                            // only each track's best
};
struct ListedFace {
  int64_t track_id = 0, source_id = 0, track_number = 0;
  int64_t person_id = 0;  // 0: nobody's
  float confidence = 0;
  UnassignedReason reason = UnassignedReason::kNone;
  FaceRecord face = {};  // without picture and vectors
};

// When a person is in a source for the first time.
struct FirstSeen {
  int64_t person_id = 0, source_id = 0, start_us = 0;
};

// A pair of tracks that share a frame, seen from one person: whose the other track is.
struct TogetherWith {
  int64_t person_id = 0, track_id = 0;
};

// Something that the last grouping asks a reviewer to look at.
struct SuggestionRecord {
  enum class Kind {
    kMerge,    // two persons may be one
    kMixture,  // `tracks` of the person may be somebody else
  };
  int64_t rank = 0;  // 1 is the most useful; set by the gallery
  Kind kind = Kind::kMerge;
  int64_t person_id = 0, other_id = 0;  // other_id: kMerge only. They may be gone since
  std::vector<int64_t> tracks;          // kMixture, ids, rising
  float probability = 0;                // that it is so
  float gain = 0;        // expected number of pairs of tracks that are put right by following it
  bool settled = false;  // a correction has answered it
  bool operator==(const SuggestionRecord&) const = default;
};
std::string_view SuggestionName(SuggestionRecord::Kind kind);  // "merge", "mixture"

// A face's picture, made small for a report.
struct Thumbnail {
  int64_t face_id = 0;
  int pixels = 0, quality = 0;  // of the longer side; of the JPEG
  std::string jpeg;
};

struct FingerprintRecord {
  int64_t source_id = 0;
  Fingerprint fingerprint;
};

// One entry of the list of corrections that a user made, which is only ever appended to. What it says is the
// business of curation/curation_event.h.
struct CorrectionRecord {
  int64_t id = 0;  // rising, never used twice
  std::string time, verb;
  std::string body;   // JSON
  std::string looks;  // JSON: how the tracks look that the body names, in their order; empty where it is not
                      // known, or not read
  std::vector<int64_t> tracks = {};  // their ids when it is written, 0 for one that is not known; never read
};

// Which track a reference of a correction was found to mean. It holds as long as the track is there.
struct FoundTrack {
  int64_t correction_id = 0, number = 0;  // the reference's position in the correction
  int64_t track_id = 0;
  int64_t source_id = 0;  // only read
};

struct FoundTracks {
  struct Source {
    std::string name, sha256, part;
  };
  std::vector<FoundTrack> tracks;
  std::unordered_map<int64_t, Source> sources;  // theirs, by id
};

// What a correction changes of the grouping.
struct GroupingChange {
  std::vector<PersonRecord> persons;    // added, or with another name or mark than before; ids are given
  std::vector<int64_t> removed;         // persons
  std::vector<Assignment> assignments;  // of the tracks that change hands
};

// A file that an export wrote, relative to the case folder.
struct ExportedFile {
  std::string path;
  int64_t face_id =
      0;  // whose picture it is; 0 for other files, and for pictures that are about to be written
  std::string sha256;  // of other files, once they are written; empty for pictures
  bool operator==(const ExportedFile&) const = default;
};

// Where an export put a person's folder, relative to the case folder.
struct ExportedFolder {
  int64_t person_id = 0;
  std::string folder;
  std::string moving_to;  // where it is being moved; empty when it is not
  bool operator==(const ExportedFolder&) const = default;
};

}  // namespace crossface
