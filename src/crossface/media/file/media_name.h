// What a file's name says about its content. Pure, thread-safe.
#pragma once

#include <filesystem>

namespace crossface {

// True for the extensions of films (case-insensitive). HasImageExtension (source.h) is for pictures.
bool HasVideoExtension(const std::filesystem::path& path);

}  // namespace crossface
