#include "crossface/cluster/graph/parallel.h"

#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "crossface/util/mutex.h"
#include "crossface/util/thread_budget.h"

namespace crossface {

Status ForEachPiece(size_t pieces, const std::function<bool()>& keep_going,
                    const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::atomic<bool> stop = false;
  Mutex mutex;
  std::exception_ptr failure;
  const auto run = [&](bool ask) {
    try {
      while (!stop) {
        if (ask && keep_going && !keep_going()) stop = true;
        if (stop) return;
        const size_t piece = next++;
        if (piece >= pieces) return;
        work(piece);
      }
    } catch (...) {
      const MutexLock lock(mutex);
      if (!failure) failure = std::current_exception();
      stop = true;
    }
  };
  {
    const auto cores = static_cast<size_t>(ThreadBudget());
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < std::min(cores, pieces); ++i) helpers.emplace_back(run, false);
    run(true);
  }
  if (failure) std::rethrow_exception(failure);
  if (stop) return {StatusCode::kInterrupted, "clustering was stopped"};
  return {};
}

}  // namespace crossface
