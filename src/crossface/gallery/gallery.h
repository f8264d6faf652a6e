// The SQLite database of a case, CASE/crossface.db: the single source of truth that folders and logs are
// written from.
//
// Not thread-safe: one object per thread; within a program one thread writes. A second program that opens the
// same case for writing is refused (lock file). Every write method is one transaction with synchronous=FULL:
// after it returns, a power cut loses nothing; after an error nothing of it is there. SQL stands in this
// layer only.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/gallery/records.h"
#include "crossface/select/source_marks.h"
#include "crossface/util/directory.h"
#include "crossface/util/status.h"

namespace crossface {

class Gallery {
 public:
  enum class Mode { kCreate, kWrite, kRead };

  // A gallery of an older version is brought up to date by kCreate and kWrite, in one transaction; kRead
  // reads it as it is and changes nothing.
  //
  // kCreate makes the folder and the gallery when they are missing, and opens them when not. Errors:
  // kNotFound (no such case), kInvalidArgument (a folder with other files in it that is not a case, or not a
  // folder), kUnsupported (written by a newer crossface; says which version), kCorrupt (not a database,
  // damaged, or with something in it that crossface never writes), kPermissionDenied, kOutOfResources (disk
  // full), kIo (another crossface is writing to it).
  static Result<std::unique_ptr<Gallery>> Open(const std::filesystem::path& case_folder, Mode mode);
  ~Gallery();

  const std::filesystem::path& case_folder() const;
  // The same folder, held open: what is read, written and removed in it goes this way.
  const Directory& directory() const;

  // --- sources ---
  Result<std::vector<SourceRecord>> ReadSources() const;  // by name
  // Those with one of these ids or contents, by name; without the other places of their contents.
  Result<std::vector<SourceRecord>> ReadSources(const std::vector<int64_t>& ids,
                                                const std::vector<std::string>& sha256s) const;
  // Inserts, or updates the row of the same name, places included; returns its id.
  Result<int64_t> WriteSource(const SourceRecord& source);
  // Sets name, path, file time and places of sources that are there, by id, in one transaction: names may
  // change hands.
  Status WritePlaces(const std::vector<SourceRecord>& sources);
  // The checkpoint of a source in state kScanning.
  Result<ScanCheckpoint> ReadCheckpoint(int64_t source_id) const;

  // --- scans ---
  // A source that has results is scanned again beside them: in a row of its own, with `replaces` set and no
  // name, that nothing but the methods here reads. A source has one such row at most. When it is complete it
  // takes the old row's place.
  Result<std::vector<SourceRecord>> ReadRescans() const;  // by id of the source that each replaces
  // WriteSource, and what an earlier scan into that row left is gone. The row of a re-scan is the one of the
  // source that it replaces, whatever the record's id and name.
  Result<int64_t> BeginScan(const SourceRecord& source);
  // WriteSource of a scan that is complete; a re-scan takes the old results' place, which go, and keeps the
  // old name. What was said of copies of the content stays. Returns the id, which is another one than before
  // after a re-scan.
  Result<int64_t> CompleteScan(const SourceRecord& source);
  // Removes a source's tracks, faces, pictures and templates.
  Status ClearScan(int64_t source_id);

  // --- tracks and faces ---
  // Adds finished tracks and moves the checkpoint, in one transaction. Ids in `tracks` are ignored.
  // `marks`: those of the shots that the tracks are of.
  Status AppendTracks(int64_t source_id, const std::vector<TrackRecord>& tracks,
                      const ScanCheckpoint& checkpoint, const SourceMarks& marks = {});
  // Nothing where the scan began with a program that kept none.
  Result<std::optional<SourceMarks>> ReadMarks(int64_t source_id) const;
  struct TrackParts {
    bool faces = false, embeddings = false, templates = false;
  };
  // By source name, then number. Pictures are never read here.
  Result<std::vector<TrackRecord>> ReadTracks(TrackParts parts) const;
  // Only these, in the same order; ids that are not there are left out.
  Result<std::vector<TrackRecord>> ReadTracks(TrackParts parts, const std::vector<int64_t>& ids) const;
  // Rising; person 0 is nobody.
  Result<std::vector<int64_t>> TracksOfPersons(const std::vector<int64_t>& persons) const;
  Result<std::vector<int64_t>> TracksOfSources(const std::vector<int64_t>& sources) const;  // rising
  // Pairs of ids of tracks with faces in one frame, which are therefore two people; see tracks_together.h.
  Result<std::vector<std::pair<int64_t, int64_t>>> ReadTracksTogether() const;
  // Those whose first track is one of these.
  Result<std::vector<std::pair<int64_t, int64_t>>> ReadTracksTogether(
      const std::vector<int64_t>& track_ids) const;
  Result<TemplateKeys> ReadTemplateKeys() const;
  Result<std::string> ReadFacePicture(int64_t face_id) const;

  // Nothing where there is none of this size and quality.
  Result<std::optional<std::string>> ReadThumbnail(int64_t face_id, int pixels, int quality) const;
  Status AddThumbnails(const std::vector<Thumbnail>& added);
  // The same, and removes those of faces that are not shown.
  Status KeepThumbnails(const std::vector<Thumbnail>& added, const std::vector<int64_t>& shown_faces);

  // --- pages ---
  Result<CaseTide> ReadTide() const;
  // By track's id, then time.
  Result<std::vector<ListedFace>> ListFaces(const FacesAsked& asked, int64_t first, int64_t most) const;
  Result<int64_t> CountFaces(const FacesAsked& asked) const;
  Result<std::optional<ListedFace>> FindFace(int64_t face_id) const;
  // The face of best quality that has a picture, by track or person; those without are left out.
  Result<std::map<int64_t, int64_t>> BestFacesOfTracks(const std::vector<int64_t>& track_ids) const;
  Result<std::map<int64_t, int64_t>> BestFacesOfPersons(const std::vector<int64_t>& person_ids) const;
  Result<std::vector<FirstSeen>> ReadFirstSeen() const;
  Result<std::vector<FirstSeen>> ReadFirstSeen(const std::vector<int64_t>& person_ids) const;
  Result<std::vector<TogetherWith>> ReadTogetherWith(int64_t person_id) const;  // by person and track

  // --- known people ---
  Result<std::vector<ReferenceFace>> ReadReferences() const;  // by name, then as they were enrolled
  // Errors: kInvalidArgument for a name that is no good as a folder name.
  Status AddReferences(const std::vector<ReferenceFace>& faces);
  // All of a name, whatever its case; returns how many there were.
  Result<int64_t> RemoveReferences(const std::string& name);

  // --- persons ---
  Result<std::vector<PersonRecord>> ReadPersons() const;  // by id; without cohesion
  // How well persons hang together, by id, of all or of these: as the last grouping said, of those that have
  // the tracks that they had then. Costs reading which tracks are theirs.
  Result<std::map<int64_t, float>> ReadCohesion() const;
  Result<std::map<int64_t, float>> ReadCohesion(const std::vector<int64_t>& persons) const;
  Result<std::vector<Assignment>> ReadAssignments() const;
  Result<std::vector<Assignment>> ReadAssignments(
      const std::vector<int64_t>& track_ids) const;  // of these alone
  // By person's id, nobody's first; who has no tracks is left out.
  Result<std::vector<PersonTotals>> ReadPersonTotals() const;
  Result<std::map<UnassignedReason, int64_t>> CountUnassignedReasons()
      const;  // those without one are left out
  // Replaces the whole grouping: persons that are no longer named are removed. New persons (id 0) get the
  // next free id, which is never used twice in a case, and, when their name is empty, the name person-<id>,
  // four digits. A person who was removed before may come back under the same id. `assignments` name persons
  // by their position in `persons`, -1 for unassigned. Returns the ids in the order of `persons`.
  struct NewAssignment {
    int64_t track_id = 0;
    int person = -1;
    float confidence = 0;
    UnassignedReason reason = UnassignedReason::kNone;  // kNone where there is a person
  };
  // The same for suggestions, which replace the older ones; the first is the most useful.
  struct NewSuggestion {
    SuggestionRecord::Kind kind = SuggestionRecord::Kind::kMerge;
    int person = 0, other = -1;
    std::vector<int64_t> tracks;
    float probability = 0, gain = 0;
  };
  Result<std::vector<int64_t>> ReplaceGrouping(const std::vector<PersonRecord>& persons,
                                               const std::vector<NewAssignment>& assignments,
                                               const std::vector<NewSuggestion>& suggestions = {});
  // Errors: kNotFound; kInvalidArgument for a name that is taken, empty, or no good as a folder name (says
  // why).
  Status RenamePerson(int64_t person_id, const std::string& name);

  // The ids that the next new person and the next correction will have.
  Result<int64_t> NextPersonId() const;
  Result<int64_t> NextCorrectionId() const;

  // --- suggestions ---
  Result<std::vector<SuggestionRecord>> ReadSuggestions() const;  // by rank
  // Marks these as settled, and no others. Writes nothing when that is how they are marked already.
  Status SettleSuggestions(const std::vector<int64_t>& ranks);

  // --- copies ---
  // Of the source's content with this SHA-256; replaces an older one.
  Status WriteFingerprint(int64_t source_id, const std::string& sha256, const Fingerprint& fingerprint);
  // Those of the sources' present content, made as this program makes them; by source id.
  Result<std::vector<FingerprintRecord>> ReadFingerprints() const;
  Result<std::optional<Fingerprint>> ReadFingerprint(
      int64_t source_id) const;  // of one; nothing: there is none
  // What ReplaceCopies wrote, in its order, without what was said of content that has changed since.
  Result<std::vector<CopyRecord>> ReadCopies() const;
  // True once copies were looked for, whether there are any or not.
  Result<bool> HasLookedForCopies() const;
  Status ReplaceCopies(const std::vector<CopyRecord>& copies);

  // --- corrections ---
  Result<std::vector<CorrectionRecord>> ReadCorrections() const;  // by id
  // Looks are most of their bytes.
  Result<std::vector<CorrectionRecord>> ReadCorrectionsWithoutLooks() const;
  Result<std::string> ReadLooks(int64_t correction_id) const;
  // Which tracks corrections mean, as far as it was kept and the tracks are there; by correction and number.
  Result<FoundTracks> ReadFoundTracks() const;
  Status KeepFoundTracks(const std::vector<FoundTrack>& found);
  // Appends the correction, whose id must be the next, and changes the grouping. Errors: kInvalidArgument for
  // a name that is taken or no good.
  Status WriteCorrection(const CorrectionRecord& correction, const GroupingChange& change);

  // --- exported files ---
  // What an export wrote, and the next one may therefore replace or remove. By path.
  Result<std::vector<ExportedFile>> ReadExportedFiles() const;
  // Those below these folders.
  Result<std::vector<ExportedFile>> ReadExportedFiles(const std::vector<std::string>& folders) const;
  // The same one by one, without holding them, each with the bytes of the picture that it should be, 0 for
  // other files. An error of `take` ends it. `take` may not call the gallery.
  Status ForEachExportedFile(
      const std::function<Status(const ExportedFile&, int64_t picture_bytes)>& take) const;
  // Adds or replaces rows by path, after removing others.
  Status WriteExportedFiles(const std::vector<ExportedFile>& added, const std::vector<std::string>& removed);
  Result<std::vector<ExportedFolder>> ReadExportedFolders() const;  // by person
  // Records where persons' folders are now. Paths of exported files below a folder's former place move along.
  // Folders of persons that are not named are forgotten.
  Status WriteExportedFolders(const std::vector<ExportedFolder>& folders);
  // What the last export noted of the case's own logs, by name, once it was complete. Gone as soon as
  // anything that exports show is written to the gallery.
  Result<std::map<std::string, std::string>> ReadExportedLogs() const;
  Status WriteExportedLogs(const std::map<std::string, std::string>& logs);

  // --- other embedding models ---
  // Adds vectors to faces and templates to tracks that are in the gallery (by id), replacing those of the
  // same models, and the settings that the source counts as scanned with from now on.
  Status WriteVectors(int64_t source_id, const std::vector<TrackRecord>& tracks, const std::string& settings);

  // --- forgetting and checking ---
  struct Forgotten {
    std::vector<int64_t> tracks;
    std::vector<int64_t> sources;  // with all that is theirs
    std::vector<int64_t> persons;
    std::vector<std::string> names;             // of references, which go
    std::vector<CorrectionRecord> corrections;  // replaced, by id: those that spoke of what is forgotten
  };
  // Deletes rows with SQLite's secure_delete, which overwrites what they held.
  Status Forget(const Forgotten& forgotten);
  // Rebuilds the database file without its free pages and empties the write-ahead log. Needs free space for a
  // second copy.
  Status Compact();
  // What SQLite finds wrong with the file and with references between rows; empty when it is sound.
  Result<std::vector<std::string>> CheckIntegrity() const;

  // Until the outcome is there, all reads see the gallery of one moment, whatever a writer does meanwhile.
  template <typename Look>
  auto AtOneMoment(Look look) const -> decltype(look()) {
    const Moment moment(*this);
    return look();
  }

  // Once `stop` is asked for, reads that `look` makes end with kInterrupted: for looks at all of a large
  // case. Not within another one.
  template <typename Look>
  auto UnlessStopped(const std::stop_token& stop, Look look) const -> decltype(look()) {
    const ReadStop scope(*this, stop);
    return look();
  }

  // Free-form facts, such as the method of the last clustering.
  Result<std::string> ReadFact(const std::string& key) const;  // empty when absent
  Status WriteFact(const std::string& key, const std::string& value);

 private:
  class ReadStop {
   public:
    ReadStop(const Gallery& gallery, const std::stop_token& stop);
    ~ReadStop();
    ReadStop(const ReadStop&) = delete;
    ReadStop& operator=(const ReadStop&) = delete;

   private:
    const Gallery& gallery_;
    const std::stop_token stop_;
  };
  class Moment {
   public:
    explicit Moment(const Gallery& gallery);
    ~Moment();
    Moment(const Moment&) = delete;
    Moment& operator=(const Moment&) = delete;

   private:
    const Gallery& gallery_;
    bool began_ = false;
  };
  class Impl;
  explicit Gallery(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// OK, or kInvalidArgument with the reason, for a text as a person's name and folder name (no slashes, control
// characters, leading or trailing dots and spaces, reserved names, more than 100 bytes).
Status CheckPersonName(const std::string& name);
// The same for this person: a name that crossface gives itself belongs to the person of that number.
Status CheckPersonName(const std::string& name, int64_t person_id);

}  // namespace crossface
