// What exports wrote and where they put it. Part of Gallery, whose rules for threads and errors apply. None
// of it is anything that an export shows: writing it leaves exports up to date.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/records.h"

namespace crossface {

class ExportStore {
 public:
  explicit ExportStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<ExportedFile>> ReadFiles();
  Result<std::vector<ExportedFile>> ReadFilesBelow(const std::vector<std::string>& folders);
  Status ForEachFile(const std::function<Status(const ExportedFile&, int64_t picture_bytes)>& take);
  Status WriteFiles(const std::vector<ExportedFile>& added, const std::vector<std::string>& removed);
  Result<std::vector<ExportedFolder>> ReadFolders();
  Status WriteFolders(const std::vector<ExportedFolder>& folders);
  Result<std::map<std::string, std::string>> ReadLogs();
  Status WriteLogs(const std::map<std::string, std::string>& logs);

 private:
  Status ReadRows(Query& query, std::vector<ExportedFile>* files);

  Connection& connection_;
};

}  // namespace crossface
