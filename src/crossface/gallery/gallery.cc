#include "crossface/gallery/gallery.h"

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/facts.h"
#include "crossface/gallery/gallery_impl.h"

namespace crossface {
namespace {

constexpr char kLookedForCopies[] = "copies";

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
