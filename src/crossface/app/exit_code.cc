#include "crossface/app/exit_code.h"

namespace crossface {

ExitCode ExitCodeFor(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return kExitDone;
    case StatusCode::kInvalidArgument:
      return kExitUsage;
    case StatusCode::kNoVideo:
      return kExitNothingFound;
    case StatusCode::kModelMissing:
      return kExitModelMissing;
    case StatusCode::kOutOfResources:
    case StatusCode::kDeviceUnavailable:
      return kExitOutOfResources;
    case StatusCode::kMismatch:
      return kExitMismatch;
    case StatusCode::kInterrupted:
      return kExitInterrupted;
    default:
      return kExitFailed;
  }
}

}  // namespace crossface
