// What can be asked without a case, as JSON. Pure functions, thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crossface/app/installation.h"

namespace crossface {

nlohmann::ordered_json ToJson(const MetadataAnswer::Source& source);
nlohmann::ordered_json ToJson(const MetadataAnswer& answer, const Ending& ending);
nlohmann::json ToJson(const ModelsListAnswer& answer);
nlohmann::json ToJson(const ModelsInstallAnswer& answer);
nlohmann::json ToJson(const ModelsVerifyAnswer& answer);
nlohmann::json ToJson(const DoctorAnswer& answer);

}  // namespace crossface
