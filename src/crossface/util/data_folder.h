// Where the program keeps what belongs to the user and to no case. Thread-safe.
#pragma once

#include <filesystem>

namespace crossface {

// $XDG_DATA_HOME/crossface, else ~/.local/share/crossface. It need not be there.
std::filesystem::path UserDataFolder();

}  // namespace crossface
