#include "crossface/media/file/source_part.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <limits>
#include <vector>

namespace crossface {

std::string SourcePart::ToString() const {
  std::vector<std::string> words;
  if (byte > 0) words.push_back(fmt::format("byte {}", byte));
  if (stream >= 0) words.push_back(fmt::format("stream {}", stream));
  if (page > 1) words.push_back(fmt::format("page {}", page));
  return fmt::format("{}", fmt::join(words, " "));
}

Result<SourcePart> ParseSourcePart(std::string_view text) {
  SourcePart part;
  std::string_view left = text;
  while (!left.empty()) {
    const size_t space = left.find(' ');
    const std::string_view word = left.substr(0, space);
    left.remove_prefix(space == std::string_view::npos ? left.size() : space + 1);
    int64_t number = 0;
    const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), number);
    left.remove_prefix(static_cast<size_t>(end - left.data()));
    if (left.starts_with(' ')) left.remove_prefix(1);
    if (error != std::errc() || (word != "byte" && number > std::numeric_limits<int>::max())) break;
    if (word == "byte") part.byte = number;
    if (word == "stream") part.stream = static_cast<int>(number);
    if (word == "page") part.page = static_cast<int>(number);
  }
  if (part.ToString() == text) return part;
  return Status(StatusCode::kInvalidArgument, fmt::format("'{}' is no part of a file", text));
}

bool LeadsTo(std::string_view part, std::string_view other) {
  const auto from = ParseSourcePart(part), to = ParseSourcePart(other);
  if (!from.ok() || !to.ok() || from->stream >= 0 || from->page > 1) return false;
  if (from->byte == to->byte) return to->stream >= 0 || to->page > 1;
  return from->byte == 0 && to->stream < 0 && to->page == 1;
}

std::string PartName(std::string_view file_name, int number) {
  return fmt::format("{}#{}", file_name, number);
}

std::string_view FileNameOf(std::string_view name, std::string_view part) {
  return part.empty() ? name : name.substr(0, name.rfind('#'));
}

}  // namespace crossface
