// The CSV logs of a case folder, as docs/case-folder.md defines them: rows sorted by source, track and face;
// numbers with a fixed count of decimals and a point, whatever the locale. Pure functions, thread-safe.
#pragma once

#include <span>
#include <string>

#include "crossface/export/case_view.h"

namespace crossface {

// One row per track of `tracks` (positions in view.tracks, ascending).
std::string AppearancesCsv(const CaseView& view, std::span<const size_t> tracks);
std::string AppearanceRow(const CaseView& view, size_t track);

// One row per face of those tracks.
std::string FacesCsv(const CaseView& view, std::span<const size_t> tracks);
std::string FaceRows(const CaseView& view, size_t track);

// One row per source.
std::string SourcesCsv(const CaseView& view);

// What a reviewer should look at, by rank.
std::string SuggestionsCsv(const CaseView& view);
std::string SuggestionsHeader();
std::string SuggestionRow(const CaseView& view, const SuggestionView& suggestion);

}  // namespace crossface
