// The gallery's list of corrections. Part of Gallery, whose rules for threads and errors apply.
#pragma once

#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/records.h"

namespace crossface {

class CorrectionStore {
 public:
  explicit CorrectionStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<CorrectionRecord>> Read();
  Result<int64_t> NextId();
  // REQUIRES: a transaction, for both.
  Status Append(const CorrectionRecord& correction);
  // Puts other words into entries that are there: only to forget what they spoke of.
  Status Replace(const std::vector<CorrectionRecord>& corrections);

 private:
  Connection& connection_;
};

}  // namespace crossface
