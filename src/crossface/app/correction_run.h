// A correction within a run: all of it but the case folder.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "crossface/app/answers.h"
#include "crossface/app/case_run.h"
#include "crossface/app/requests.h"
#include "crossface/export/case_exporter.h"

namespace crossface {

// What ExportChange has to know of a correction that was made.
struct MadeCorrection {
  std::map<std::string, std::string> logs_before;
  CaseChange change;
};

// Opens the run and makes the correction, or for a dry run plans it: then nothing comes back. Suggestions
// that it answers are settled. `prepare` is called once nothing speaks against it, before it is made.
// Errors: those of CaseService::Correct.
Result<std::optional<MadeCorrection>> MakeCorrection(CaseRun& run, const Correction& correction,
                                                     const CorrectionOptions& options,
                                                     CorrectionAnswer* answer,
                                                     const std::function<Status(Gallery&)>& prepare = {});

}  // namespace crossface
