// A look at a case. For the service alone.
#pragma once

#include <filesystem>

#include "crossface/app/case_run.h"

namespace crossface {

// `look` at one state of the case, whoever writes meanwhile.
template <typename Look>
Ending LookAt(const std::filesystem::path& case_folder, const Look& look) {
  CaseRun run(case_folder, {});
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.OpenToLook());
    return run.gallery().AtOneMoment([&]() -> Status { return look(run.gallery()); });
  };
  return run.End(all());
}

}  // namespace crossface
