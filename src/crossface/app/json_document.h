// An answer as the text that --json prints: one whole document, whose schema docs/json.md names. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "crossface/app/answers.h"
#include "crossface/app/custody_answers.h"
#include "crossface/app/ending.h"
#include "crossface/app/footage_answers.h"
#include "crossface/util/public_api.h"

namespace crossface {

// For every answer of CaseService but those of its tables. `case_folder`: what the answer is about.
template <typename Answer>
CROSSFACE_API std::string JsonDocument(const std::filesystem::path& case_folder, const Answer& answer,
                                       const Ending& ending);

}  // namespace crossface
