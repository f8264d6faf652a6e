#include "crossface/util/csv.h"

#include <fmt/format.h>

#include <algorithm>

namespace crossface {

std::string CsvRow(std::span<const std::string> fields) {
  std::string row;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) row += ',';
    const std::string& field = fields[i];
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      row += field;
      continue;
    }
    row += '"';
    for (char c : field) {
      if (c == '"') row += '"';
      row += c;
    }
    row += '"';
  }
  return row + "\r\n";
}

int CsvTable::Column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? -1 : static_cast<int>(found - header.begin());
}

Result<CsvTable> ParseCsv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvTable table;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false, row_has_content = false;
  int line = 1, row_line = 1;
  Status failed;
  const auto end_row = [&] {
    if (!row_has_content) return;
    row.push_back(std::move(field));
    field.clear();
    if (table.header.empty()) {
      table.header = std::move(row);
    } else if (row.size() != table.header.size()) {
      failed = Status(StatusCode::kCorrupt, fmt::format("line {}: {} fields where the header has {}",
                                                        row_line, row.size(), table.header.size()));
    } else {
      table.rows.push_back(std::move(row));
    }
    row.clear();
    row_has_content = false;
  };
  for (size_t i = 0; i < text.size() && failed.ok(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\n') ++line;
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += c;
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')) {
      if (c == '\r') ++i;
      end_row();
      row_line = ++line;
    } else {
      row_has_content = true;
      if (c == '"') {
        quoted = true;
      } else if (c == ',') {
        row.push_back(std::move(field));
        field.clear();
      } else {
        field += c;
      }
    }
  }
  if (failed.ok() && quoted)
    failed = Status(StatusCode::kCorrupt, fmt::format("line {}: a quote is not closed", row_line));
  if (failed.ok()) end_row();
  if (!failed.ok()) return failed;
  return table;
}

}  // namespace crossface
