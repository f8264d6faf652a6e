// How a call of the service ended. A plain value.
#pragma once

#include "crossface/app/exit_code.h"
#include "crossface/util/status.h"

namespace crossface {

// The status, and what a script is told.
struct Ending {
  Status status;
  ExitCode code = kExitDone;
};

}  // namespace crossface
