// A correction by the user, as the gallery keeps it: what it changed, and what it asks of every later run.
//
// Plain values and pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "crossface/curation/curation_values.h"
#include "crossface/curation/track_reference.h"
#include "crossface/gallery/records.h"
#include "crossface/util/status.h"

namespace crossface {

CorrectionRecord ToRecord(const CurationEvent& event);
// Errors of both: kCorrupt, naming the correction.
Result<CurationEvent> ParseCorrection(const CorrectionRecord& record);
// Adds how its tracks look, as CorrectionRecord::looks has it, to an event that was read without.
Status AddLooks(const std::string& looks, CurationEvent* event);
// For people and --json: without the references' details.
nlohmann::json Describe(const CurationEvent& event);

}  // namespace crossface
