#include "crossface/gallery/stored_texts.h"

#include <fmt/format.h>

#include <vector>

#include "crossface/gallery/connection.h"

namespace crossface {

Status ForEachStoredText(const std::filesystem::path& database,
                         const std::function<bool(const std::string& column, std::string_view text)>& take) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto connection, Connection::Open(database, false));
  return connection->InSnapshot([&]() -> Status {
    std::vector<std::string> columns, queries;
    Query tables = connection->Prepared(
        "SELECT sqlite_master.name, info.name FROM main.sqlite_master JOIN "
        "pragma_table_info(sqlite_master.name) "
        "AS info WHERE sqlite_master.type = 'table'");
    while (tables.Step()) {
      columns.push_back(tables.Text(0) + "." + tables.Text(1));
      queries.push_back(fmt::format("SELECT \"{1}\" FROM main.\"{0}\" WHERE typeof(\"{1}\") = 'text'",
                                    tables.Text(0), tables.Text(1)));
    }
    for (size_t i = 0; i < queries.size(); ++i) {
      // The connection knows statements by their address.
      Query texts = connection->Prepared(queries[i].c_str());
      while (texts.Step()) {
        if (!take(columns[i], texts.Text(0))) return Status();
      }
    }
    return Status();
  });
}

}  // namespace crossface
