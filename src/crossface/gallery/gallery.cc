#include "crossface/gallery/gallery.h"

#include <fmt/format.h>

#include <array>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/correction_store.h"
#include "crossface/gallery/person_store.h"
#include "crossface/gallery/track_store.h"
#include "crossface/gallery/writer_lock.h"
#include "crossface/media/text.h"

namespace crossface {
namespace {

constexpr std::array<std::string_view, 5> kStateNames = {"pending", "scanning", "ok", "damaged", "failed"};

Result<SourceState> ParseState(const std::string& name) {
  for (size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<SourceState>(i);
  }
  return Status(StatusCode::kCorrupt,
                fmt::format("the gallery holds a source in the unknown state '{}'", name));
}

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
  return Status(
      StatusCode::kInvalidArgument,
      fmt::format("{} holds other files and is not a case: choose a new or an empty folder for --case",
                  DisplayPath(folder)));
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

std::string_view SourceStateName(SourceState state) { return kStateNames.at(static_cast<size_t>(state)); }

class Gallery::Impl {
 public:
  Impl(std::filesystem::path case_folder, std::optional<WriterLock> lock, std::unique_ptr<Connection> opened)
      : folder(std::move(case_folder)),
        writer_lock(std::move(lock)),
        connection(std::move(opened)),
        tracks(*connection),
        persons(*connection),
        corrections(*connection) {}

  const std::filesystem::path folder;
  std::optional<WriterLock> writer_lock;  // outlives the connection: closing it writes
  std::unique_ptr<Connection> connection;
  TrackStore tracks;
  PersonStore persons;
  CorrectionStore corrections;
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
  std::optional<WriterLock> lock;
  if (mode != Mode::kRead) {
    CROSSFACE_ASSIGN_OR_RETURN(lock, WriterLock::Take(folder));
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto connection, Connection::Open(folder / "crossface.db", mode != Mode::kRead));
  return std::unique_ptr<Gallery>(
      new Gallery(std::make_unique<Impl>(folder, std::move(lock), std::move(connection))));
}

const std::filesystem::path& Gallery::case_folder() const { return impl_->folder; }

Result<std::vector<SourceRecord>> Gallery::ReadSources() const {
  Connection& connection = *impl_->connection;
  return connection.Guarded([&]() -> Result<std::vector<SourceRecord>> {
    std::vector<SourceRecord> sources;
    Query query = connection.Prepared(
        "SELECT sources.id, name, path, sha256, bytes, modified_ns, duration_ms, width, height, rotation, "
        "fps, codec, stream_index, "
        "time_base_num, time_base_den, created, created_from, latitude, longitude, device, decoded, dark, "
        "still, paced, kept, cuts, "
        "faces, tracks, state, message, text FROM sources JOIN scan_settings ON scan_settings.id = "
        "settings_id ORDER BY name");
    while (query.Step()) {
      SourceRecord source;
      source.id = query.Integer(0);
      source.name = query.Text(1);
      source.path = query.Text(2);
      source.sha256 = query.Text(3);
      SourceInfo& info = source.info;
      info.bytes = query.Integer(4);
      source.modified_ns = query.Integer(5);
      info.duration_ms = query.Integer(6);
      info.width = static_cast<int>(query.Integer(7));
      info.height = static_cast<int>(query.Integer(8));
      info.rotation = static_cast<int>(query.Integer(9));
      info.fps = query.Column(10).getDouble();
      info.codec = query.Text(11);
      info.stream_index = static_cast<int>(query.Integer(12));
      info.time_base_num = static_cast<int>(query.Integer(13));
      info.time_base_den = static_cast<int>(query.Integer(14));
      info.created = query.Text(15);
      info.created_from = query.Text(16);
      if (!query.Column(17).isNull()) info.latitude = query.Column(17).getDouble();
      if (!query.Column(18).isNull()) info.longitude = query.Column(18).getDouble();
      info.device = query.Text(19);
      source.counts = {.decoded = query.Integer(20),
                       .dark = query.Integer(21),
                       .still = query.Integer(22),
                       .paced = query.Integer(23),
                       .kept = query.Integer(24),
                       .cuts = query.Integer(25)};
      source.faces = query.Integer(26);
      source.tracks = query.Integer(27);
      CROSSFACE_ASSIGN_OR_RETURN(source.state, ParseState(query.Text(28)));
      source.message = query.Text(29);
      source.settings = query.Text(30);
      sources.push_back(std::move(source));
    }
    return sources;
  });
}

Result<int64_t> Gallery::WriteSource(const SourceRecord& source) {
  Connection& connection = *impl_->connection;
  return connection.InTransaction([&]() -> Result<int64_t> {
    connection.Prepared("INSERT OR IGNORE INTO scan_settings(text) VALUES (?)").Bind(source.settings).Run();
    const SourceInfo& info = source.info;
    const SelectCounts& counts = source.counts;
    const std::string state(SourceStateName(source.state));
    Query query = connection.Prepared(
        "INSERT INTO sources(name, path, sha256, bytes, modified_ns, duration_ms, width, height, rotation, "
        "fps, codec, stream_index, "
        "time_base_num, time_base_den, created, created_from, latitude, longitude, device, decoded, dark, "
        "still, paced, kept, cuts, "
        "faces, tracks, state, message, settings_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, (SELECT id FROM scan_settings WHERE text = ?)) "
        "ON CONFLICT(name) DO UPDATE SET path = excluded.path, sha256 = excluded.sha256, bytes = "
        "excluded.bytes, "
        "modified_ns = excluded.modified_ns, duration_ms = excluded.duration_ms, width = excluded.width, "
        "height = excluded.height, "
        "rotation = excluded.rotation, fps = excluded.fps, codec = excluded.codec, stream_index = "
        "excluded.stream_index, "
        "time_base_num = excluded.time_base_num, time_base_den = excluded.time_base_den, created = "
        "excluded.created, "
        "created_from = excluded.created_from, latitude = excluded.latitude, longitude = excluded.longitude, "
        "device = excluded.device, decoded = excluded.decoded, dark = excluded.dark, still = excluded.still, "
        "paced = excluded.paced, kept = excluded.kept, cuts = excluded.cuts, faces = excluded.faces, tracks "
        "= excluded.tracks, "
        "state = excluded.state, message = excluded.message, settings_id = excluded.settings_id RETURNING "
        "id");
    query.Bind(source.name, source.path, source.sha256, info.bytes, source.modified_ns, info.duration_ms,
               info.width, info.height, info.rotation, info.fps, info.codec, info.stream_index,
               info.time_base_num, info.time_base_den, info.created, info.created_from, info.latitude,
               info.longitude, info.device, counts.decoded, counts.dark, counts.still, counts.paced,
               counts.kept, counts.cuts, source.faces, source.tracks, state, source.message, source.settings);
    query.Step();
    const int64_t id = query.Integer(0);
    query.Run();
    return id;
  });
}

Result<ScanCheckpoint> Gallery::ReadCheckpoint(int64_t source_id) const {
  return impl_->tracks.ReadCheckpoint(source_id);
}

Status Gallery::ClearScan(int64_t source_id) { return impl_->tracks.Clear(source_id); }

Status Gallery::AppendTracks(int64_t source_id, const std::vector<TrackRecord>& tracks,
                             const ScanCheckpoint& checkpoint) {
  return impl_->tracks.Append(source_id, tracks, checkpoint);
}

Result<std::vector<TrackRecord>> Gallery::ReadTracks(TrackParts parts) const {
  return impl_->tracks.Read(parts);
}

Result<std::vector<TrackRecord>> Gallery::ReadTracks(TrackParts parts,
                                                     const std::vector<int64_t>& ids) const {
  return impl_->tracks.ReadSome(parts, ids);
}

Result<TemplateKeys> Gallery::ReadTemplateKeys() const { return impl_->tracks.ReadTemplateKeys(); }

Result<std::string> Gallery::ReadFacePicture(int64_t face_id) const {
  return impl_->tracks.ReadFacePicture(face_id);
}

Result<std::vector<PersonRecord>> Gallery::ReadPersons() const { return impl_->persons.ReadPersons(); }

Result<std::vector<Assignment>> Gallery::ReadAssignments() const { return impl_->persons.ReadAssignments(); }

Result<std::vector<int64_t>> Gallery::ReplaceGrouping(const std::vector<PersonRecord>& persons,
                                                      const std::vector<NewAssignment>& assignments) {
  return impl_->persons.ReplaceGrouping(persons, assignments);
}

Status Gallery::RenamePerson(int64_t person_id, const std::string& name) {
  return impl_->persons.Rename(person_id, name);
}

Result<int64_t> Gallery::NextPersonId() const { return impl_->persons.NextId(); }

Result<int64_t> Gallery::NextCorrectionId() const { return impl_->corrections.NextId(); }

Result<std::vector<CorrectionRecord>> Gallery::ReadCorrections() const { return impl_->corrections.Read(); }

Status Gallery::WriteCorrection(const CorrectionRecord& correction, const GroupingChange& change) {
  return impl_->connection->InTransaction([&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(impl_->corrections.Append(correction));
    return impl_->persons.Change(change);
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
    impl_->tracks.Remove(forgotten.tracks);
    for (const int64_t source : forgotten.sources)
      connection.Prepared("DELETE FROM sources WHERE id = ?").Bind(source).Run();
    for (const int64_t person : forgotten.persons)
      connection.Prepared("DELETE FROM persons WHERE id = ?").Bind(person).Run();
    return impl_->corrections.Replace(forgotten.corrections);
  });
}

Status Gallery::Compact() {
  return impl_->connection->Guarded([&] {
    impl_->connection->Execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
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

Result<std::vector<ExportedFile>> Gallery::ReadExportedFiles() const {
  Connection& connection = *impl_->connection;
  return connection.Guarded([&]() -> Result<std::vector<ExportedFile>> {
    std::vector<ExportedFile> files;
    Query query = connection.Prepared("SELECT path, face_id FROM exported_files ORDER BY path");
    while (query.Step()) files.push_back({query.Text(0), query.Integer(1)});
    return files;
  });
}

Status Gallery::WriteExportedFiles(const std::vector<ExportedFile>& added,
                                   const std::vector<std::string>& removed) {
  Connection& connection = *impl_->connection;
  return connection.InTransaction([&] {
    for (const std::string& path : removed)
      connection.Prepared("DELETE FROM exported_files WHERE path = ?").Bind(path).Run();
    for (const ExportedFile& file : added) {
      connection.Prepared("INSERT OR REPLACE INTO exported_files(path, face_id) VALUES (?, ?)")
          .Bind(file.path, file.face_id)
          .Run();
    }
    return Status();
  });
}

Result<std::vector<ExportedFolder>> Gallery::ReadExportedFolders() const {
  return impl_->persons.ReadExportedFolders();
}

Status Gallery::WriteExportedFolders(const std::vector<ExportedFolder>& folders) {
  return impl_->persons.WriteExportedFolders(folders);
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
  return connection.InTransaction([&] {
    connection.Prepared("INSERT OR REPLACE INTO facts(key, value) VALUES (?, ?)").Bind(key, value).Run();
    return Status();
  });
}

}  // namespace crossface
