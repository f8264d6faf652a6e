// Answers about who is who, as lines for the terminal. Pure functions.
#pragma once

#include <string>

#include "crossface/app/reference_answers.h"

namespace crossface {

std::string PeopleText(const PeopleAnswer& answer);
std::string PersonText(const PersonDetailAnswer& answer);
std::string ReferencesText(const ReferencesAnswer& answer);
std::string EnrolText(const EnrolAnswer& answer);
std::string SuggestionsText(const SuggestionsAnswer& answer);
std::string HistoryText(const HistoryAnswer& answer);

}  // namespace crossface
