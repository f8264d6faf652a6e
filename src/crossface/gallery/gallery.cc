#include "crossface/gallery/gallery.h"

#include <fmt/format.h>

#include <array>

#include "crossface/gallery/browse_store.h"
#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/connection.h"
#include "crossface/gallery/copy_store.h"
#include "crossface/gallery/correction_store.h"
#include "crossface/gallery/export_store.h"
#include "crossface/gallery/facts.h"
#include "crossface/gallery/mark_store.h"
#include "crossface/gallery/person_store.h"
#include "crossface/gallery/reference_store.h"
#include "crossface/gallery/source_store.h"
#include "crossface/gallery/suggestion_store.h"
#include "crossface/gallery/thumbnail_store.h"
#include "crossface/gallery/totals_store.h"
#include "crossface/gallery/track_store.h"
#include "crossface/gallery/writer_lock.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr char kLookedForCopies[] = "copies";

// What a new case may stand beside: hidden files, and what an interrupted beginning of a case leaves.
bool IsEmptyEnough(const std::filesystem::path& folder, std::error_code& error) {
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && name != "crossface.lock" && name != "crossface.db-journal") return false;
  }
  return true;
}

Status PrepareNewCase(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return ErrnoStatus(error.value(), fmt::format("cannot create the case folder {}", DisplayPath(folder)));
  if (std::filesystem::exists(folder / "crossface.db")) return Status();
  const bool usable = IsEmptyEnough(folder, error);
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot read the folder {}", DisplayPath(folder)));
  if (usable) return Status();
  return Status(StatusCode::kInvalidArgument,
                fmt::format("{} holds other files and is not a case", DisplayPath(folder)),
                Remedy::kOtherFolder);
}

Status CheckExistingCase(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / "crossface.db", error)) return Status();
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot read {}", DisplayPath(folder)));
  if (!std::filesystem::exists(folder, error)) {
    return Status(StatusCode::kNotFound, fmt::format("there is no case folder {}", DisplayPath(folder)));
  }
  return Status(StatusCode::kInvalidArgument,
                fmt::format("{} is not a case: there is no crossface.db in it", DisplayPath(folder)));
}

}  // namespace

class Gallery::Impl {
 public:
  Impl(Directory case_folder, std::optional<WriterLock> lock, std::unique_ptr<Connection> opened)
      : folder(std::move(case_folder)),
        writer_lock(std::move(lock)),
        connection(std::move(opened)),
        sources(*connection),
        tracks(*connection),
        persons(*connection),
        corrections(*connection),
        suggestions(*connection),
        copies(*connection),
        marks(*connection),
        totals(*connection),
        references(*connection),
        thumbnails(*connection),
        browse(*connection),
        exports(*connection) {}

  // REQUIRES: a transaction.
  void RemoveScan(int64_t source_id) {
    totals.DropOfSource(source_id);
    tracks.RemoveScan(source_id);
    totals.Renew();
  }

  const Directory folder;
  std::optional<WriterLock> writer_lock;  // outlives the connection: closing it writes
  std::unique_ptr<Connection> connection;
  SourceStore sources;
  TrackStore tracks;
  PersonStore persons;
  CorrectionStore corrections;
  SuggestionStore suggestions;
  CopyStore copies;
  MarkStore marks;
  TotalsStore totals;
  ReferenceStore references;
  ThumbnailStore thumbnails;
  BrowseStore browse;
  ExportStore exports;
};

Gallery::Gallery(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gallery::~Gallery() = default;

Result<std::unique_ptr<Gallery>> Gallery::Open(const std::filesystem::path& case_folder, Mode mode) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(case_folder, error).lexically_normal();
  if (error || case_folder.empty()) return Status(StatusCode::kInvalidArgument, "no case folder is named");
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_directory(folder, error)) {
    return Status(StatusCode::kInvalidArgument, fmt::format("{} is not a folder", DisplayPath(folder)));
  }
  CROSSFACE_RETURN_IF_ERROR(mode == Mode::kCreate ? PrepareNewCase(folder) : CheckExistingCase(folder));
  CROSSFACE_ASSIGN_OR_RETURN(Directory directory, Directory::Open(folder));
  CROSSFACE_RETURN_IF_ERROR(CheckDatabaseFiles(directory, mode != Mode::kRead));
  std::optional<WriterLock> lock;
  if (mode != Mode::kRead) {
    CROSSFACE_ASSIGN_OR_RETURN(lock, WriterLock::Take(directory));
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto connection, Connection::Open(folder / "crossface.db", mode != Mode::kRead));
  return std::unique_ptr<Gallery>(
      new Gallery(std::make_unique<Impl>(std::move(directory), std::move(lock), std::move(connection))));
}

const std::filesystem::path& Gallery::case_folder() const { return impl_->folder.path(); }

const Directory& Gallery::directory() const { return impl_->folder; }

namespace {

Result<std::vector<SourceRecord>> Checked(Result<std::vector<SourceRecord>> sources) {
  if (!sources.ok()) return sources;
  for (const SourceRecord& source : *sources) CROSSFACE_RETURN_IF_ERROR(CheckStoredSource(source));
  return sources;
}

}  // namespace

Result<std::vector<SourceRecord>> Gallery::ReadSources() const { return Checked(impl_->sources.Read()); }

Result<std::vector<SourceRecord>> Gallery::ReadSources(const std::vector<int64_t>& ids,
                                                       const std::vector<std::string>& sha256s) const {
  return Checked(impl_->sources.ReadSome(ids, sha256s));
}

Result<int64_t> Gallery::WriteSource(const SourceRecord& source) {
  return impl_->connection->InTransaction([&]() -> Result<int64_t> { return impl_->sources.Put(source); });
}

Status Gallery::WritePlaces(const std::vector<SourceRecord>& sources) {
  return impl_->connection->InTransaction([&] {
    impl_->sources.Place(sources);
    return Status();
  });
}

Result<std::vector<SourceRecord>> Gallery::ReadRescans() const {
  return Checked(impl_->sources.ReadRescans());
}

Result<int64_t> Gallery::BeginScan(const SourceRecord& source) {
  return impl_->connection->InTransaction([&]() -> Result<int64_t> {
    const int64_t id = impl_->sources.Put(source);
    impl_->RemoveScan(id);
    impl_->marks.Begin(id);
    return id;
  });
}

Result<int64_t> Gallery::CompleteScan(const SourceRecord& source) {
  return impl_->connection->InTransaction([&]() -> Result<int64_t> {
    const int64_t id = impl_->sources.Put(source);
    if (source.replaces == 0) return id;
    impl_->totals.DropOfSource(source.replaces);
    impl_->sources.TakePlace(id, source.replaces);
    impl_->totals.Renew();
    return id;
  });
}

Result<ScanCheckpoint> Gallery::ReadCheckpoint(int64_t source_id) const {
  return impl_->tracks.ReadCheckpoint(source_id);
}

Status Gallery::ClearScan(int64_t source_id) {
  return impl_->connection->InTransaction([&] {
    impl_->RemoveScan(source_id);
    return Status();
  });
}

Status Gallery::AppendTracks(int64_t source_id, const std::vector<TrackRecord>& tracks,
                             const ScanCheckpoint& checkpoint, const SourceMarks& marks) {
  return impl_->tracks.Append(source_id, tracks, checkpoint, marks);
}

Result<std::optional<SourceMarks>> Gallery::ReadMarks(int64_t source_id) const {
  return impl_->marks.Read(source_id);
}

Result<std::vector<TrackRecord>> Gallery::ReadTracks(TrackParts parts) const {
  return impl_->tracks.Read(parts);
}

Result<std::vector<TrackRecord>> Gallery::ReadTracks(TrackParts parts,
                                                     const std::vector<int64_t>& ids) const {
  return impl_->tracks.ReadSome(parts, ids);
}

Result<std::vector<int64_t>> Gallery::TracksOfPersons(const std::vector<int64_t>& persons) const {
  return impl_->totals.TracksOfPersons(persons);
}

Result<std::vector<int64_t>> Gallery::TracksOfSources(const std::vector<int64_t>& sources) const {
  return impl_->totals.TracksOfSources(sources);
}

Result<std::vector<std::pair<int64_t, int64_t>>> Gallery::ReadTracksTogether() const {
  return impl_->totals.ReadTracksTogether();
}

Result<std::vector<std::pair<int64_t, int64_t>>> Gallery::ReadTracksTogether(
    const std::vector<int64_t>& track_ids) const {
  return impl_->totals.ReadTracksTogether(track_ids);
}

Result<TemplateKeys> Gallery::ReadTemplateKeys() const { return impl_->tracks.ReadTemplateKeys(); }

Result<std::string> Gallery::ReadFacePicture(int64_t face_id) const {
  return impl_->tracks.ReadFacePicture(face_id);
}

Result<std::optional<std::string>> Gallery::ReadThumbnail(int64_t face_id, int pixels, int quality) const {
  return impl_->thumbnails.Read(face_id, pixels, quality);
}

Status Gallery::AddThumbnails(const std::vector<Thumbnail>& added) { return impl_->thumbnails.Add(added); }

Status Gallery::KeepThumbnails(const std::vector<Thumbnail>& added, const std::vector<int64_t>& shown_faces) {
  return impl_->thumbnails.Keep(added, shown_faces);
}

Result<CaseTide> Gallery::ReadTide() const { return impl_->browse.ReadTide(); }

Result<std::vector<ListedFace>> Gallery::ListFaces(const FacesAsked& asked, int64_t first,
                                                   int64_t most) const {
  return impl_->browse.ListFaces(asked, first, most);
}

Result<int64_t> Gallery::CountFaces(const FacesAsked& asked) const { return impl_->browse.CountFaces(asked); }

Result<std::optional<ListedFace>> Gallery::FindFace(int64_t face_id) const {
  return impl_->browse.FindFace(face_id);
}

Result<std::map<int64_t, int64_t>> Gallery::BestFacesOfTracks(const std::vector<int64_t>& track_ids) const {
  return impl_->browse.BestFacesOfTracks(track_ids);
}

Result<std::map<int64_t, int64_t>> Gallery::BestFacesOfPersons(const std::vector<int64_t>& person_ids) const {
  return impl_->totals.PortraitsOf(person_ids);
}

Result<std::vector<FirstSeen>> Gallery::ReadFirstSeen() const { return impl_->browse.ReadFirstSeen(); }

Result<std::vector<FirstSeen>> Gallery::ReadFirstSeen(const std::vector<int64_t>& person_ids) const {
  return impl_->browse.ReadFirstSeen(person_ids);
}

Result<std::vector<TogetherWith>> Gallery::ReadTogetherWith(int64_t person_id) const {
  return impl_->browse.ReadTogetherWith(person_id);
}

Result<std::vector<PersonRecord>> Gallery::ReadPersons() const {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<PersonRecord> persons, impl_->persons.ReadPersons());
  for (const PersonRecord& person : persons) CROSSFACE_RETURN_IF_ERROR(CheckStoredPerson(person));
  return persons;
}

Result<std::map<int64_t, float>> Gallery::ReadCohesion() const { return impl_->persons.ReadCohesion(); }

Result<std::map<int64_t, float>> Gallery::ReadCohesion(const std::vector<int64_t>& persons) const {
  return impl_->persons.ReadCohesion(persons);
}

Result<std::vector<Assignment>> Gallery::ReadAssignments() const { return impl_->persons.ReadAssignments(); }

Result<std::vector<Assignment>> Gallery::ReadAssignments(const std::vector<int64_t>& track_ids) const {
  return impl_->persons.ReadAssignments(track_ids);
}

Result<std::vector<PersonTotals>> Gallery::ReadPersonTotals() const {
  return impl_->totals.ReadPersonTotals();
}

Result<std::map<UnassignedReason, int64_t>> Gallery::CountUnassignedReasons() const {
  return impl_->totals.CountReasons();
}

Gallery::ReadStop::ReadStop(const Gallery& gallery, const std::stop_token& stop)
    : gallery_(gallery), stop_(stop) {
  gallery_.impl_->connection->StopWith(&stop_);
}

Gallery::ReadStop::~ReadStop() { gallery_.impl_->connection->StopWith(nullptr); }

Gallery::Moment::Moment(const Gallery& gallery) : gallery_(gallery) {
  Connection& connection = *gallery_.impl_->connection;
  began_ = connection
               .Guarded([&] {
                 if (connection.InTransactionNow()) return Status(StatusCode::kInternal, "within another");
                 connection.Execute("BEGIN DEFERRED");
                 return Status();
               })
               .ok();
}

Gallery::Moment::~Moment() {
  Connection& connection = *gallery_.impl_->connection;
  if (began_) {
    connection
        .Guarded([&] {
          connection.Execute("ROLLBACK");
          return Status();
        })
        .ok();
  }
}

Result<std::vector<int64_t>> Gallery::ReplaceGrouping(const std::vector<PersonRecord>& persons,
                                                      const std::vector<NewAssignment>& assignments,
                                                      const std::vector<NewSuggestion>& suggestions) {
  return impl_->connection->InTransaction([&]() -> Result<std::vector<int64_t>> {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int64_t> ids,
                               impl_->persons.ReplaceGrouping(persons, assignments));
    impl_->totals.DropAll();
    impl_->totals.Renew();
    impl_->suggestions.Replace(suggestions, ids);
    impl_->browse.CountGrouping();
    return ids;
  });
}

Result<std::vector<SuggestionRecord>> Gallery::ReadSuggestions() const { return impl_->suggestions.Read(); }

Status Gallery::SettleSuggestions(const std::vector<int64_t>& ranks) {
  return impl_->suggestions.Settle(ranks);
}

Status Gallery::WriteFingerprint(int64_t source_id, const std::string& sha256,
                                 const Fingerprint& fingerprint) {
  return impl_->copies.WriteFingerprint(source_id, sha256, fingerprint);
}

Result<std::optional<Fingerprint>> Gallery::ReadFingerprint(int64_t source_id) const {
  return impl_->copies.ReadFingerprint(source_id);
}

Result<std::vector<FingerprintRecord>> Gallery::ReadFingerprints() const {
  return impl_->copies.ReadFingerprints();
}

Result<std::vector<CopyRecord>> Gallery::ReadCopies() const { return impl_->copies.Read(); }

Result<bool> Gallery::HasLookedForCopies() const {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string looked, ReadFact(kLookedForCopies));
  return !looked.empty();
}

Status Gallery::ReplaceCopies(const std::vector<CopyRecord>& copies) {
  Connection& connection = *impl_->connection;
  return connection.InTransaction([&] {
    impl_->copies.Replace(copies);
    connection.Prepared("INSERT OR REPLACE INTO facts(key, value) VALUES (?, '1')")
        .Bind(std::string(kLookedForCopies))
        .Run();
    return Status();
  });
}

Result<std::vector<ReferenceFace>> Gallery::ReadReferences() const { return impl_->references.Read(); }

Status Gallery::AddReferences(const std::vector<ReferenceFace>& faces) {
  return impl_->references.Add(faces);
}

Result<int64_t> Gallery::RemoveReferences(const std::string& name) { return impl_->references.Remove(name); }

Status Gallery::RenamePerson(int64_t person_id, const std::string& name) {
  return impl_->persons.Rename(person_id, name);
}

Result<int64_t> Gallery::NextPersonId() const { return impl_->persons.NextId(); }

Result<int64_t> Gallery::NextCorrectionId() const { return impl_->corrections.NextId(); }

Result<std::vector<CorrectionRecord>> Gallery::ReadCorrections() const { return impl_->corrections.Read(); }

Result<std::vector<CorrectionRecord>> Gallery::ReadCorrectionsWithoutLooks() const {
  return impl_->corrections.ReadWithoutLooks();
}

Result<std::string> Gallery::ReadLooks(int64_t correction_id) const {
  return impl_->corrections.ReadLooks(correction_id);
}

Result<FoundTracks> Gallery::ReadFoundTracks() const { return impl_->corrections.ReadFound(); }

Status Gallery::KeepFoundTracks(const std::vector<FoundTrack>& found) {
  return found.empty() ? Status() : impl_->corrections.KeepFound(found);
}

Status Gallery::WriteCorrection(const CorrectionRecord& correction, const GroupingChange& change) {
  return impl_->connection->InTransaction([&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(impl_->corrections.Append(correction));
    std::vector<int64_t> tracks, persons;
    for (const Assignment& assignment : change.assignments) {
      tracks.push_back(assignment.track_id);
      persons.push_back(assignment.person_id);
    }
    impl_->totals.DropOfTracks(tracks);
    impl_->totals.Drop(persons);
    CROSSFACE_RETURN_IF_ERROR(impl_->persons.Change(change));
    impl_->totals.Renew();
    return Status();
  });
}

Status Gallery::WriteVectors(int64_t source_id, const std::vector<TrackRecord>& tracks,
                             const std::string& settings) {
  return impl_->tracks.WriteVectors(source_id, tracks, settings);
}

Status Gallery::Forget(const Forgotten& forgotten) {
  Connection& connection = *impl_->connection;
  const Status secured = connection.Guarded([&] {
    connection.Execute("PRAGMA secure_delete = ON");
    return Status();
  });
  CROSSFACE_RETURN_IF_ERROR(secured);
  return connection.InTransaction([&]() -> Status {
    // A scan that is not complete may have found the same faces.
    for (const int64_t track : forgotten.tracks) {
      connection.Prepared("DELETE FROM sources WHERE replaces = (SELECT source_id FROM tracks WHERE id = ?)")
          .Bind(track)
          .Run();
    }
    impl_->totals.DropOfTracks(forgotten.tracks);
    for (const int64_t source : forgotten.sources) impl_->totals.DropOfSource(source);
    impl_->tracks.Remove(forgotten.tracks);
    for (const int64_t source : forgotten.sources)
      connection.Prepared("DELETE FROM sources WHERE id = ?").Bind(source).Run();
    for (const int64_t person : forgotten.persons)
      connection.Prepared("DELETE FROM persons WHERE id = ?").Bind(person).Run();
    impl_->suggestions.Forget(forgotten.persons);
    impl_->totals.Renew();
    for (const std::string& name : forgotten.names) impl_->references.Delete(name);
    connection.Prepared("INSERT OR REPLACE INTO facts(key, value) VALUES (?, '1')")
        .Bind(std::string(kForgettingFact))
        .Run();
    return impl_->corrections.Replace(forgotten.corrections);
  });
}

Status Gallery::Compact() {
  Connection& connection = *impl_->connection;
  const auto empty_log = [&]() -> bool {
    Query checkpoint = connection.Prepared("PRAGMA wal_checkpoint(TRUNCATE)");
    return checkpoint.Step() && checkpoint.Integer(0) == 0;
  };
  return connection.Guarded([&]() -> Status {
    connection.Execute("PRAGMA secure_delete = ON; VACUUM");
    if (!empty_log())
      return Status(StatusCode::kIo,
                    fmt::format("another program has {} open, so that what was removed is still in its files",
                                DisplayPath(connection.path())));
    connection.Prepared("DELETE FROM facts WHERE key = ?").Bind(std::string(kForgettingFact)).Run();
    empty_log();
    return Status();
  });
}

Result<std::vector<std::string>> Gallery::CheckIntegrity() const {
  Connection& connection = *impl_->connection;
  return connection.Guarded([&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> problems;
    Query pages = connection.Prepared("PRAGMA integrity_check(20)");
    while (pages.Step()) {
      if (pages.Text(0) != "ok") problems.push_back(pages.Text(0));
    }
    Query references = connection.Prepared("PRAGMA foreign_key_check");
    while (references.Step() && problems.size() < 40) {
      problems.push_back(fmt::format("row {} of {} refers to a row of {} that is not there",
                                     references.Text(1), references.Text(0), references.Text(2)));
    }
    return problems;
  });
}

Result<std::vector<ExportedFile>> Gallery::ReadExportedFiles() const { return impl_->exports.ReadFiles(); }

Result<std::vector<ExportedFile>> Gallery::ReadExportedFiles(const std::vector<std::string>& folders) const {
  return impl_->exports.ReadFilesBelow(folders);
}

Status Gallery::ForEachExportedFile(const std::function<Status(const ExportedFile&, int64_t)>& take) const {
  return impl_->exports.ForEachFile(take);
}

Status Gallery::WriteExportedFiles(const std::vector<ExportedFile>& added,
                                   const std::vector<std::string>& removed) {
  return impl_->exports.WriteFiles(added, removed);
}

Result<std::vector<ExportedFolder>> Gallery::ReadExportedFolders() const {
  return impl_->exports.ReadFolders();
}

Status Gallery::WriteExportedFolders(const std::vector<ExportedFolder>& folders) {
  return impl_->exports.WriteFolders(folders);
}

Result<std::map<std::string, std::string>> Gallery::ReadExportedLogs() const {
  return impl_->exports.ReadLogs();
}

Status Gallery::WriteExportedLogs(const std::map<std::string, std::string>& logs) {
  return impl_->exports.WriteLogs(logs);
}

Result<std::string> Gallery::ReadFact(const std::string& key) const {
  Connection& connection = *impl_->connection;
  return connection.Guarded([&]() -> Result<std::string> {
    Query query = connection.Prepared("SELECT value FROM facts WHERE key = ?");
    query.Bind(key);
    return query.Step() ? query.Text(0) : std::string();
  });
}

Status Gallery::WriteFact(const std::string& key, const std::string& value) {
  Connection& connection = *impl_->connection;
  const auto write = [&] {
    connection.Prepared("INSERT OR REPLACE INTO facts(key, value) VALUES (?, ?)").Bind(key, value).Run();
    return Status();
  };
  const bool no_export_shows_it =
      key == kRunLogFact || key == kExportOwedFact || key.starts_with(kLetGoFacts);
  return no_export_shows_it ? connection.InTransactionOfExport(write) : connection.InTransaction(write);
}

}  // namespace crossface
