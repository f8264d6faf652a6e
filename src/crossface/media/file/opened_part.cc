#include "crossface/media/file/opened_part.h"

#include <algorithm>

#include "crossface/media/file/media_segments.h"
#include "crossface/util/text.h"

namespace crossface {

Result<OpenedPart> OpenPart(const std::filesystem::path& path, std::string_view part,
                            const std::stop_token& stop) {
  OpenedPart opened;
  CROSSFACE_ASSIGN_OR_RETURN(opened.part, ParseSourcePart(part));
  CROSSFACE_ASSIGN_OR_RETURN(opened.file, InputFile::Open(path, stop));
  InputFile& file = *opened.file;
  const std::string name = DisplayPath(path);
  if (file.size() == 0)
    return Status(StatusCode::kCorrupt, name + ": is empty (0 bytes); get another copy of the file");
  CROSSFACE_ASSIGN_OR_RETURN(opened.type, RecogniseMedia(file, Look::kThorough));
  // In a stream of pictures every picture ends where the next one begins.
  const bool stream = opened.type.format != nullptr && !opened.type.still &&
                      (std::string_view(opened.type.format->name) == "mjpeg" ||
                       std::string_view(opened.type.format->name) == "apng");
  if (stream && opened.part.byte == 0) return opened;

  const std::vector<MediaSegment> segments = FindMediaSegments(file);
  // It takes what it cannot read for the end, and something may lie there.
  CROSSFACE_RETURN_IF_ERROR(file.failure());
  const auto here = std::find_if(segments.begin(), segments.end(), [&](const MediaSegment& segment) {
    return segment.begin == opened.part.byte;
  });
  if (here == segments.end())
    return Status(StatusCode::kNotFound, name + ": what was appended to it is not there any more");
  if (part.empty()) {
    for (auto after = here + 1; after != segments.end(); ++after)
      opened.appended.push_back(SourcePart{.byte = after->begin}.ToString());
  }
  if (segments.size() == 1) return opened;
  file.LimitTo(here->begin, here->end);
  CROSSFACE_ASSIGN_OR_RETURN(opened.type, RecogniseMedia(file, Look::kThorough));
  return opened;
}

}  // namespace crossface
