#include "crossface/scan/scan_control.h"

namespace crossface {

void ScanControl::Skip(const std::string& source) {
  MutexLock lock(mutex_);
  skipped_.insert(source);
}

bool ScanControl::IsSkipped(const std::string& source) const {
  MutexLock lock(mutex_);
  return skipped_.contains(source);
}

}  // namespace crossface
