// A search, or an enrolment, by a photo that came as bytes, such as one that was dropped on a page.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "crossface/app/case_service.h"

namespace crossface {

// CaseService::Search with the photo, which is called "photo" in the answer. It lies in a file of its own,
// which nobody else may read and which is removed afterwards, as long as this takes. Thread-safe.
Ending SearchByPhoto(const CaseService& service, std::string_view photo, SearchRequest request,
                     const Watch& watch, SearchAnswer* answer);
// CaseService::Enrol likewise; the photo is called as the request says.
Ending EnrolByPhoto(const CaseService& service, std::string_view photo, EnrolRequest request,
                    const Watch& watch, EnrolAnswer* answer);

// The photo as a search sees it, upright, for who cannot show its kind: a JPEG whose longest side is at most
// `most_side` pixels. Errors: those of OpenSource, without where the photo lay.
Result<std::string> JpegOfPhoto(std::string_view photo, int most_side, const std::stop_token& stop);

}  // namespace crossface
