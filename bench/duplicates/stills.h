// Photos: how far their copies differ from them, and other photos, and photos taken in a burst.
#pragma once

#include <filesystem>

namespace crossface::bench {

// Prints a table per half of the photos and of the videos.
void EvaluateStills(const std::filesystem::path& photos, const std::filesystem::path& videos);

}  // namespace crossface::bench
