// Other machines that scan, as far as a scan knows them: bytes go out, bytes come back.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

struct WorkerAnswer {
  enum class Kind {
    kDone,    // `bytes`: the answer
    kFailed,  // the program that scans ended in the middle of it; `bytes` says how, for people
    kLost,    // its machine went away, or its memory did; `bytes` says how
  };
  Kind kind = Kind::kDone;
  uint64_t id = 0;
  std::string bytes;
};

// Called from one thread. What is under way when the object goes is not waited for.
class ScanWorkers {
 public:
  ScanWorkers() = default;
  virtual ~ScanWorkers() = default;
  ScanWorkers(const ScanWorkers&) = delete;
  ScanWorkers& operator=(const ScanWorkers&) = delete;

  // That each may search with.
  virtual int threads() const = 0;
  // About so much of a long source is a task, which a first one surveys. 0: sources are not divided.
  virtual int64_t range_us() const = 0;
  // Hands a task over; its answer comes in any order. Errors, of this and the next: the workers are gone for
  // good.
  virtual Status Submit(uint64_t id, const std::string& task) = 0;
  // Nothing where none comes within `wait`.
  virtual Result<std::optional<WorkerAnswer>> Next(std::chrono::milliseconds wait) = 0;
};

}  // namespace crossface
