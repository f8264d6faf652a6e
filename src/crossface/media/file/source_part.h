// The parts of a file that are sources of their own: a further picture stream of a container, a page of a
// TIFF, and what is appended after the end of the first film or picture. Thread-safe: values and functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crossface/util/status.h"

namespace crossface {

// Where a part lies in its file. As text, SourceFile::part: "stream 1", "page 2", "byte 133226",
// "byte 133226 stream 1"; empty for what is first in the file. The text depends on nothing but the content.
struct SourcePart {
  int64_t byte = 0;  // where the appended film or picture begins
  int stream = -1;   // of the container, counted from 0; -1: the one that is chosen
  int page = 1;      // of a TIFF, counted from 1

  bool operator==(const SourcePart&) const = default;
  std::string ToString() const;
};

// True where reading `part` leads to `other`: what is appended is found by the first part, streams and pages
// by the film or picture that they lie in. Both as text; false for what is none.
bool LeadsTo(std::string_view part, std::string_view other);

// Errors: kInvalidArgument for a text that ToString() does not give.
Result<SourcePart> ParseSourcePart(std::string_view text);

// "a.mp4#2": the name of the file's part of that number.
std::string PartName(std::string_view file_name, int number);

// The name of the file itself, of a source of that name and part.
std::string_view FileNameOf(std::string_view name, std::string_view part);

}  // namespace crossface
