// Pictures as answers. Pure functions, thread-safe.
#pragma once

#include "crossface/server/readers.h"

namespace crossface {

// Ids of faces are never given twice, so what is known of one stays right; for a day, since faces can be
// forgotten.
inline constexpr char kKeepPicture[] = "private, max-age=86400, immutable";

// The parameter `size`: pixels of the longer side.
int ReadSize(QueryReader& query);

HttpAnswer PictureAnswer(Result<std::string> jpeg, const std::string& tag, const char* keep);

}  // namespace crossface
