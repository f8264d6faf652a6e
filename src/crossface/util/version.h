// The program's version, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace crossface {

inline constexpr std::string_view kVersion = CROSSFACE_VERSION;

}  // namespace crossface
