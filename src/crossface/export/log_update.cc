#include "crossface/export/log_update.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "crossface/util/csv.h"

namespace crossface {
namespace {

constexpr size_t kReadBlock = 1 << 18;

// The end of the field that begins at `from`: the position of the comma behind it, or of the row's end.
size_t EndOfField(std::string_view row, size_t from) {
  if (from < row.size() && row[from] == '"') {
    for (size_t i = from + 1; i < row.size(); ++i) {
      if (row[i] != '"') continue;
      if (i + 1 == row.size() || row[i + 1] != '"') return i + 1;
      ++i;
    }
    return row.size();
  }
  return std::min(row.find(',', from), row.size());
}

// The second and third field with the comma between them.
std::string_view KeyOf(std::string_view row) {
  const size_t begin = std::min(EndOfField(row, 0) + 1, row.size());
  const size_t middle = std::min(EndOfField(row, begin) + 1, row.size());
  return row.substr(begin, EndOfField(row, middle) - begin);
}

// A row with its line's end: where it ends in `text`; npos when that is not all there. A line's end within
// quotes does not count.
size_t EndOfRow(std::string_view text) {
  size_t from = 0;
  ptrdiff_t quotes = 0;
  while (true) {
    const size_t end = text.find('\n', from);
    if (end == std::string_view::npos) return end;
    quotes += std::count(text.begin() + static_cast<ptrdiff_t>(from),
                         text.begin() + static_cast<ptrdiff_t>(end), '"');
    if (quotes % 2 == 0) return end + 1;
    from = end + 1;
  }
}

}  // namespace

std::string LogKey(const std::string& source, int64_t track) {
  const std::array<std::string, 2> fields = {source, fmt::format("{}", track)};
  std::string key = CsvRow(fields);
  key.resize(key.size() - 2);
  return key;
}

Result<std::optional<std::string>> UpdateLog(const Directory& folder, const std::string& path,
                                             const RowsByTrack& rows, StreamedFile* made) {
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor file, folder.OpenFile(path));
  BackgroundSha256 hash;
  std::string text, key, last;
  size_t replaced = 0;
  bool is_header = true, is_replaced = false;
  for (bool more = true; more;) {
    const size_t kept = text.size();
    text.resize(kept + kReadBlock);
    const ssize_t read = ::read(file.get(), text.data() + kept, kReadBlock);
    if (read < 0 && errno != EINTR)
      return ErrnoStatus(errno, fmt::format("cannot read {}", (folder.path() / path).string()));
    text.resize(kept + static_cast<size_t>(std::max<ssize_t>(read, 0)));
    more = read != 0;
    hash.Update(text.substr(kept));
    std::string_view left = text;
    for (size_t end = EndOfRow(left); end != std::string_view::npos; end = EndOfRow(left)) {
      const std::string_view row = left.substr(0, end);
      left.remove_prefix(end);
      key = is_header ? std::string_view() : KeyOf(row);
      is_header = false;
      if (key != last) {
        const auto other = rows.find(key);
        is_replaced = other != rows.end();
        replaced += is_replaced;
        if (is_replaced) CROSSFACE_RETURN_IF_ERROR(made->Append(other->second));
        last = key;
      }
      if (!is_replaced) CROSSFACE_RETURN_IF_ERROR(made->Append(row));
    }
    text.erase(0, text.size() - left.size());
  }
  if (!text.empty() || replaced != rows.size()) return std::optional<std::string>();
  return std::optional(hash.HexDigest());
}

std::map<int64_t, std::string> RowsByNumber(std::string_view log) {
  std::map<int64_t, std::string> rows;
  for (size_t end = EndOfRow(log); end != std::string_view::npos; end = EndOfRow(log)) {
    const std::string_view row = log.substr(0, end);
    log.remove_prefix(end);
    int64_t number = 0;
    if (std::from_chars(row.data(), row.data() + row.size(), number).ec == std::errc()) rows[number] = row;
  }
  return rows;
}

}  // namespace crossface
