// Numbers of things in sentences: "1 face", "2 faces", "0 people". Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crossface {

// `many`: the plural where it is not `one` with an s.
std::string Counted(int64_t count, std::string_view one, std::string_view many = "");

}  // namespace crossface
