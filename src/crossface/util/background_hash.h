// SHA-256 that is computed beside what its caller does: for large files that are read or written anyway, of
// which hashing takes as long as the rest.
#pragma once

#include <deque>
#include <future>
#include <memory>
#include <string>

#include "crossface/util/hash.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

// As Sha256, on a thread of its own where the thread budget has more than one. Holds a few blocks at a time.
// Not thread-safe; one object per digest.
class BackgroundSha256 {
 public:
  void Update(std::string block);
  // Call once.
  std::string HexDigest();

 private:
  void Await(size_t most_waiting);

  Sha256 hash_;  // while blocks wait, the thread's
  std::deque<std::future<void>> waiting_;
  std::unique_ptr<ThreadPool> thread_;  // from the first block on; first to go, before what it works on
};

}  // namespace crossface
