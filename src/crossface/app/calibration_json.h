// The answer about calibrations as JSON. A pure function, thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crossface/app/calibration.h"

namespace crossface {

nlohmann::json ToJson(const CalibrateSummary& answer);

}  // namespace crossface
