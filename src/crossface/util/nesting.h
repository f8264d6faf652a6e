// How deep a JSON text is nested. Copying, comparing and writing out a parsed text calls itself once a level:
// one that somebody has nested without end would end the stack. Pure, thread-safe.
#pragma once

#include <string_view>

namespace crossface {

// True for lists and objects more than 64 deep within each other; crossface itself writes a few.
bool IsNestedTooDeep(std::string_view json);

}  // namespace crossface
