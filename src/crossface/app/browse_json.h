// What CaseBrowser answers, as JSON: docs/openapi.json says what each holds. Pure functions, thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crossface/app/browse_answers.h"
#include "crossface/curation/people_list.h"

namespace crossface {

nlohmann::json ToJson(const OverviewAnswer& answer);
nlohmann::json ToJson(const PersonShownAnswer& answer);
nlohmann::json ToJson(const FaceEvidenceAnswer& answer);
nlohmann::json ToJson(const FaceVerifiedAnswer& answer);
nlohmann::json ToJson(const SourceMarksAnswer& answer);
nlohmann::json ToJson(const SourceShownAnswer& answer);
// Pages: `page` is what was asked for.
nlohmann::json ToJson(const PeoplePageAnswer& answer, Page page);
nlohmann::json ToJson(const Stretch<ShownAppearance>& answer, Page page);
nlohmann::json ToJson(const Stretch<ShownFace>& answer, Page page);
nlohmann::json ToJson(const Stretch<ShownSource>& answer, Page page);
nlohmann::json ToJson(const Stretch<ShownTrack>& answer, Page page);
nlohmann::json ToJson(const CorrectionsPageAnswer& answer, Page page);
nlohmann::json ToJson(const SuggestionsPageAnswer& answer, Page page);

// The fields that every page has beside its rows.
nlohmann::json PageFields(int64_t total, Page page);

}  // namespace crossface
