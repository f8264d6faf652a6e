// Files that nobody but their owner may read: passwords, keys.
#pragma once

#include <filesystem>
#include <string_view>

#include "crossface/util/status.h"

namespace crossface {

// As WriteFileAtomically (util/file.h) writes it to last, with the rights 0600 from its first byte on.
Status WriteSecretFileAtomically(const std::filesystem::path& path, std::string_view content);

}  // namespace crossface
