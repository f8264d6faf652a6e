#include "crossface/app/json_document.h"

#include <nlohmann/json.hpp>

#include "crossface/app/json.h"

namespace crossface {

template <typename Answer>
std::string JsonDocument(const std::filesystem::path& case_folder, const Answer& answer,
                         const Ending& ending) {
  return Document(case_folder, ToJson(answer), ending);
}

#define CROSSFACE_JSON_DOCUMENT(Answer) \
  template CROSSFACE_API std::string JsonDocument(const std::filesystem::path&, const Answer&, const Ending&)
CROSSFACE_JSON_DOCUMENT(IdentifyAnswer);
CROSSFACE_JSON_DOCUMENT(PeopleAnswer);
CROSSFACE_JSON_DOCUMENT(PersonDetailAnswer);
CROSSFACE_JSON_DOCUMENT(SuggestionsAnswer);
CROSSFACE_JSON_DOCUMENT(HistoryAnswer);
CROSSFACE_JSON_DOCUMENT(CorrectionAnswer);
CROSSFACE_JSON_DOCUMENT(ReembedAnswer);
CROSSFACE_JSON_DOCUMENT(DuplicatesAnswer);
CROSSFACE_JSON_DOCUMENT(RedactAnswer);
CROSSFACE_JSON_DOCUMENT(SearchAnswer);
CROSSFACE_JSON_DOCUMENT(VerifyAnswer);
CROSSFACE_JSON_DOCUMENT(ForgetAnswer);
CROSSFACE_JSON_DOCUMENT(FormatsAnswer);
CROSSFACE_JSON_DOCUMENT(EvaluateAnswer);

}  // namespace crossface
