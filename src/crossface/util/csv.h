// RFC 4180 comma-separated values, UTF-8, a header row, lines ended by CR LF. Pure functions, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

// One record with its CR LF. Fields with commas, quotes or line breaks are quoted.
std::string CsvRow(std::span<const std::string> fields);

// A parsed file: Column() finds a header by name (-1 when absent); every row has as many fields as the
// header.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  int Column(std::string_view name) const;
};

// Accepts LF as well as CR LF and a UTF-8 byte-order mark. Errors: kCorrupt, with the line number, on an
// unclosed quote or a row of another length than the header.
Result<CsvTable> ParseCsv(std::string_view text);

}  // namespace crossface
