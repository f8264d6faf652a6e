// people: who is who, and putting it right.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include "crossface/cli/commands.h"
#include "crossface/curation/curation_state.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

// Declares the verb and its verbs; the one that is called sets `chosen`.
void DeclarePeople(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

// What `people suggestions` prints, also into `answer`. Errors: the gallery's.
Result<std::string> ListSuggestions(const Gallery& gallery, const CurationState& state,
                                    nlohmann::json* answer);

}  // namespace crossface
