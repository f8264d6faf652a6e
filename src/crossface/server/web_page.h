// The page: files that were built into the program. Pure, thread-safe.
#pragma once

#include "crossface/server/http.h"

namespace crossface {

// A file of the page; any other address without a dot is the page itself, which finds its way.
HttpAnswer PageAnswer(const HttpRequest& request);

}  // namespace crossface
