// A look at a case, as the service answers it. For the service alone.
#pragma once

#include <filesystem>

#include "crossface/app/ending.h"
#include "crossface/app/look.h"

namespace crossface {

// `look` at one state of the case, whoever writes meanwhile.
template <typename Look>
Ending LookAt(const std::filesystem::path& case_folder, const Look& look) {
  const Status status = LookAtCase(case_folder, look);
  return {status, ExitCodeFor(status)};
}

}  // namespace crossface
