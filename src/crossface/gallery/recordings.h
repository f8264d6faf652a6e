// What a live watch has recorded, as a case holds it, and which of it was let go since (`live --keep`): the
// film is gone, and what was found in it stays in the gallery.
#pragma once

#include <optional>
#include <string>

#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// In the case folder: a folder per stream, and a row per segment. See live/recorder.h.
inline constexpr char kRecordingsFolder[] = "recordings";
inline constexpr char kRecordingsList[] = "recordings.csv";

struct LetGoRecord {
  std::string time;  // UTC
  std::string why;   // "older than 7 days"
};

// Before the film goes. A film that is there was not let go, whatever stands here. Errors: the gallery's.
Status NoteLetGo(Gallery& gallery, const std::string& sha256, const LetGoRecord& record);
Result<std::optional<LetGoRecord>> FindLetGo(const Gallery& gallery, const std::string& sha256);

// "the film was let go on ..., as asked for by live --keep (older than 7 days); what was found in it stays".
std::string LetGoText(const LetGoRecord& record);

}  // namespace crossface
