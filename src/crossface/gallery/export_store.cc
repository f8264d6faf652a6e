#include "crossface/gallery/export_store.h"

#include "crossface/gallery/case_guard.h"

namespace crossface {

Status ExportStore::ReadRows(Query& query, std::vector<ExportedFile>* files) {
  while (query.Step()) {
    files->push_back({query.Text(0), query.Integer(1), query.Text(2)});
    CROSSFACE_RETURN_IF_ERROR(CheckExportedPath(files->back().path));
  }
  return Status();
}

Result<std::vector<ExportedFile>> ExportStore::ReadFiles() {
  return connection_.Guarded([&]() -> Result<std::vector<ExportedFile>> {
    std::vector<ExportedFile> files;
    Query query = connection_.Prepared("SELECT path, face_id, sha256 FROM exported_files ORDER BY path");
    CROSSFACE_RETURN_IF_ERROR(ReadRows(query, &files));
    return files;
  });
}

Result<std::vector<ExportedFile>> ExportStore::ReadFilesBelow(const std::vector<std::string>& folders) {
  return connection_.Guarded([&]() -> Result<std::vector<ExportedFile>> {
    std::vector<ExportedFile> files;
    for (const std::string& folder : folders) {
      // '0' follows '/' in the order of bytes, so the range is what lies below the folder.
      const std::string first = folder + "/", end = folder + "0";
      Query query = connection_.Prepared(
          "SELECT path, face_id, sha256 FROM exported_files WHERE path >= ? AND path < ? ORDER BY path");
      query.Bind(first, end);
      CROSSFACE_RETURN_IF_ERROR(ReadRows(query, &files));
    }
    return files;
  });
}

Status ExportStore::ForEachFile(const std::function<Status(const ExportedFile&, int64_t)>& take) {
  return connection_.Guarded([&]() -> Status {
    Query query =
        connection_.Prepared("SELECT path, face_id, sha256, bytes FROM exported_files ORDER BY path");
    while (query.Step()) {
      const ExportedFile file{query.Text(0), query.Integer(1), query.Text(2)};
      CROSSFACE_RETURN_IF_ERROR(CheckExportedPath(file.path));
      CROSSFACE_RETURN_IF_ERROR(take(file, query.Integer(3)));
    }
    return Status();
  });
}

Status ExportStore::WriteFiles(const std::vector<ExportedFile>& added,
                               const std::vector<std::string>& removed) {
  return connection_.InTransactionOfExport([&] {
    for (const std::string& path : removed)
      connection_.Prepared("DELETE FROM exported_files WHERE path = ?").Bind(path).Run();
    for (const ExportedFile& file : added) {
      connection_
          .Prepared(
              "INSERT OR REPLACE INTO exported_files(path, face_id, sha256, bytes) VALUES (?1, ?2, ?3, "
              "ifnull((SELECT jpeg_bytes FROM faces WHERE id = ?2), 0))")
          .Bind(file.path, file.face_id, file.sha256)
          .Run();
    }
    return Status();
  });
}

Result<std::vector<ExportedFolder>> ExportStore::ReadFolders() {
  return connection_.Guarded([&]() -> Result<std::vector<ExportedFolder>> {
    std::vector<ExportedFolder> folders;
    Query query =
        connection_.Prepared("SELECT person_id, folder, moving_to FROM exported_folders ORDER BY person_id");
    while (query.Step()) {
      folders.push_back({query.Integer(0), query.Text(1), query.Text(2)});
      CROSSFACE_RETURN_IF_ERROR(CheckExportedFolder(folders.back()));
    }
    return folders;
  });
}

Status ExportStore::WriteFolders(const std::vector<ExportedFolder>& folders) {
  return connection_.InTransactionOfExport([&]() -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ExportedFolder> before, ReadFolders());
    std::map<int64_t, ExportedFolder> old;
    for (const ExportedFolder& folder : before) old[folder.person_id] = folder;
    for (const ExportedFolder& now : folders) {
      const auto known = old.extract(now.person_id);
      if (!known.empty() && known.mapped() == now) continue;
      connection_
          .Prepared("INSERT OR REPLACE INTO exported_folders(person_id, folder, moving_to) VALUES (?, ?, ?)")
          .Bind(now.person_id, now.folder, now.moving_to)
          .Run();
      if (known.empty() || known.mapped().folder == now.folder) continue;
      const std::string& was = known.mapped().folder;
      connection_
          .Prepared(
              "UPDATE OR REPLACE exported_files SET path = ? || substr(CAST(path AS BLOB), ?) WHERE path >= "
              "? AND path < ?")
          .Bind(now.folder, static_cast<int64_t>(was.size() + 1), was + "/", was + "0")
          .Run();
    }
    for (const auto& [person, folder] : old)
      connection_.Prepared("DELETE FROM exported_folders WHERE person_id = ?").Bind(person).Run();
    return Status();
  });
}

Result<std::map<std::string, std::string>> ExportStore::ReadLogs() {
  return connection_.Guarded([&]() -> Result<std::map<std::string, std::string>> {
    std::map<std::string, std::string> logs;
    Query query = connection_.Prepared("SELECT name, sha256 FROM exported_logs");
    while (query.Step()) logs[query.Text(0)] = query.Text(1);
    return logs;
  });
}

Status ExportStore::WriteLogs(const std::map<std::string, std::string>& logs) {
  return connection_.InTransactionOfExport([&] {
    connection_.Prepared("DELETE FROM exported_logs").Run();
    for (const auto& [name, sha256] : logs)
      connection_.Prepared("INSERT INTO exported_logs(name, sha256) VALUES (?, ?)").Bind(name, sha256).Run();
    return Status();
  });
}

}  // namespace crossface
