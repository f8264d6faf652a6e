#include "crossface/util/data_folder.h"

#include <cstdlib>

namespace crossface {

std::filesystem::path UserDataFolder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0')
    return std::filesystem::path(data) / "crossface";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local/share/crossface";
}

}  // namespace crossface
