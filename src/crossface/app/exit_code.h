// The exit codes that scripts rely on (docs/tutorial.md lists them).
#pragma once

#include "crossface/util/public_api.h"
#include "crossface/util/status.h"

namespace crossface {

enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitSomeSourcesBad = 3,  // done, but some sources failed or were damaged
  kExitNothingFound = 4,
  kExitMismatch = 5,
  kExitModelMissing = 6,    // or its licence is not accepted
  kExitOutOfResources = 7,  // disk, memory, or the accelerator that was asked for
  kExitInterrupted = 130,   // by the user; the same command goes on
};

CROSSFACE_API ExitCode ExitCodeFor(const Status& status);

}  // namespace crossface
