// Changes rows of a log of the case and copies the others as they stand: what one person's correction costs
// does not grow with everybody's faces.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "crossface/export/streamed_file.h"

namespace crossface {

// The rows that a track has in a log, by LogKey.
using RowsByTrack = std::unordered_map<std::string, std::string>;

// The fields `source` and `track`, as a log holds them.
std::string LogKey(const std::string& source, int64_t track);

// Appends to `made` the log of this path, whose rows begin with person, source and track and stand together
// where they are of one track, with other rows for the tracks of `rows`. Gives the SHA-256 of the log as it
// was read; nothing where it does not have all of these tracks. Errors: the folder's; kNotFound.
Result<std::optional<std::string>> UpdateLog(const Directory& folder, const std::string& path,
                                             const RowsByTrack& rows, StreamedFile* made);

// The rows of a log, header left out, by the number that they begin with.
std::map<int64_t, std::string> RowsByNumber(std::string_view log);

}  // namespace crossface
