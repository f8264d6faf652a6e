// The further sources of files that hold more than one: streams, pages, appended films
// (media/file/source_part.h). They are found when a file is read, and known from the gallery as long as it is
// as it was. Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "crossface/gallery/records.h"
#include "crossface/media/file/source.h"

namespace crossface {

// What a file, or a part of one, led to when it was read.
struct FoundParts {
  SourceFile file;
  std::vector<std::string> parts;
};

// Sources to look at for what was found. A part that is known keeps its name; a new one gets the next number
// that no source and no file has. `files`: all of the call.
std::vector<SourceFile> NameParts(const std::vector<FoundParts>& found,
                                  const std::vector<SourceRecord>& sources,
                                  const std::vector<SourceFile>& files);

// The known parts that a part of a file leads to, which is the source `as`.
std::vector<SourceFile> KnownParts(const SourceFile& file, const SourceRecord& as,
                                   const std::vector<SourceRecord>& sources);

}  // namespace crossface
