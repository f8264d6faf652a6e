// A search by a photo that came as bytes, such as one that was dropped on a page.
#pragma once

#include <string_view>

#include "crossface/app/case_service.h"

namespace crossface {

// CaseService::Search with the photo, which is called "photo" in the answer. It lies in a file of its own,
// which nobody else may read and which is removed afterwards, as long as this takes. Thread-safe.
Ending SearchByPhoto(const CaseService& service, std::string_view photo, SearchRequest request,
                     const Watch& watch, SearchAnswer* answer);

}  // namespace crossface
