// A correction that cannot be made, as this room's files answer it.
#pragma once

#include <string>
#include <utility>

#include "crossface/util/status.h"

namespace crossface {

inline Status Refusal(std::string message, Remedy remedy = Remedy::kNone) {
  return Status(StatusCode::kInvalidArgument, std::move(message), remedy);
}

}  // namespace crossface
