// A file opened at one of its parts.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/media/file/input_file.h"
#include "crossface/media/file/media_type.h"
#include "crossface/media/file/source_part.h"

namespace crossface {

struct OpenedPart {
  std::unique_ptr<InputFile> file;  // limited to the film or picture that the part lies in
  MediaType type;                   // of that
  SourcePart part;
  std::vector<std::string> appended;  // further films and pictures behind it, of the first one only
};

// `part`: as in SourceFile. Errors, each naming the file: those of InputFile::Open, kCorrupt (an empty file),
// kInvalidArgument, kNotFound (nothing begins there), kIo.
Result<OpenedPart> OpenPart(const std::filesystem::path& path, std::string_view part,
                            const std::stop_token& stop);

}  // namespace crossface
