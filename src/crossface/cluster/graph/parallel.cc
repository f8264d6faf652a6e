#include "crossface/cluster/graph/parallel.h"

#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "crossface/util/mutex.h"
#include "crossface/util/thread_budget.h"

namespace crossface {

Status ForEachPiece(size_t pieces, const std::stop_token& stop, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::atomic<bool> failed = false;
  Mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      while (!failed && !stop.stop_requested()) {
        const size_t piece = next++;
        if (piece >= pieces) return;
        work(piece);
      }
    } catch (...) {
      const MutexLock lock(mutex);
      if (!failure) failure = std::current_exception();
      failed = true;
    }
  };
  {
    const auto cores = static_cast<size_t>(ThreadBudget());
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < std::min(cores, pieces); ++i) helpers.emplace_back(run);
    run();
  }
  if (failure) std::rethrow_exception(failure);
  if (stop.stop_requested()) return {StatusCode::kInterrupted, "clustering was stopped"};
  return {};
}

}  // namespace crossface
