// The answers as JSON: the one writer behind --json and every other front end that speaks it. docs/json.md
// names the schema of each. Pure functions, thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "crossface/app/answers.h"
#include "crossface/app/custody_answers.h"
#include "crossface/app/ending.h"
#include "crossface/app/footage_answers.h"
#include "crossface/app/reference_answers.h"

namespace crossface {

nlohmann::json ToJson(const Box& box);
nlohmann::json ToJson(const DeviceUse& use);
nlohmann::json ToJson(const ScanAnswer& answer);
nlohmann::json ToJson(const ClusterSummary& answer);
nlohmann::json ToJson(const ExportSummary& summary);
nlohmann::json ToJson(const PersonAnswer& answer);
nlohmann::json ToJson(const SuggestionAnswer& answer);
nlohmann::json ToJson(const HistoryAnswer::Entry& entry);
// The fields of a document.
nlohmann::json ToJson(const IdentifyAnswer& answer);
nlohmann::json ToJson(const PeopleAnswer& answer);
nlohmann::json ToJson(const PersonDetailAnswer& answer);
nlohmann::json ToJson(const SuggestionsAnswer& answer);
nlohmann::json ToJson(const HistoryAnswer& answer);
nlohmann::json ToJson(const CorrectionAnswer& answer);
nlohmann::json ToJson(const EnrolAnswer& answer);
nlohmann::json ToJson(const ReferencesAnswer& answer);
nlohmann::json ToJson(const ReembedAnswer& answer);
nlohmann::json ToJson(const DuplicatesAnswer& answer);
nlohmann::json ToJson(const RedactAnswer& answer);
nlohmann::json ToJson(const SearchAnswer& answer);
nlohmann::json ToJson(const VerifyAnswer& answer);
nlohmann::json ToJson(const LocateAnswer& answer);
nlohmann::json ToJson(const ForgetAnswer& answer);
nlohmann::json ToJson(const FormatsAnswer& answer);
nlohmann::json ToJson(const EvaluateAnswer& answer);

// Tracks by reason.
nlohmann::json ReasonFields(const std::map<UnassignedReason, int64_t>& tracks);

// The whole document of an answer: its fields, what it is about, and how it ended. The text; broken
// characters are replaced.
std::string Document(const std::filesystem::path& case_folder, nlohmann::json fields, const Ending& ending);

}  // namespace crossface
