#include "crossface/inference/models/helper_script.h"

#include <fmt/format.h>

#include <cstdlib>

namespace crossface {

Result<std::filesystem::path> HelperScript(const std::string& name) {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path installed = program.parent_path().parent_path() / "share/crossface" / name;
  for (const std::filesystem::path& place :
       {installed, std::filesystem::path(CROSSFACE_HELPER_SOURCES) / name}) {
    if (std::filesystem::exists(place, error)) return place;
  }
  return Status(StatusCode::kNotFound,
                fmt::format("the helper {} is not there; install crossface whole", installed.string()));
}

std::filesystem::path CacheFolder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0')
    return std::filesystem::path(cache) / "crossface";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".cache/crossface";
}

}  // namespace crossface
