#include "crossface/util/thread_budget.h"

#include <algorithm>
#include <atomic>
#include <opencv2/core/utility.hpp>
#include <stdexcept>
#include <thread>

#include "crossface/util/mutex.h"

// Of OpenMP: <omp.h> comes with each compiler, and clang's, which checks locks, is not always there.
extern "C" int omp_get_max_threads();
extern "C" void omp_set_num_threads(int threads);
// Of OpenBLAS; null where BLAS is another library.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));

namespace crossface {
namespace {

std::atomic<int> budget = 0;

Mutex blas_mutex;
int callers_own CROSSFACE_GUARDED_BY(blas_mutex) = 0;  // scopes of BlasOnCallersThread

void SetBlasThreads(int threads) {
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(threads);
}

}  // namespace

void SetThreadBudget(int threads) {
  if (threads < 1) throw std::logic_error("a budget of threads needs a thread");
  budget = threads;
  // Its calls come from threads of the budget; its own would only be more of them.
  cv::setNumThreads(1);
  const MutexLock lock(blas_mutex);
  if (callers_own == 0) SetBlasThreads(threads);
}

int ThreadBudget() {
  const int set = budget;
  return set > 0 ? set : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

ThreadBudgetScope::ThreadBudgetScope() : before_(omp_get_max_threads()) {
  omp_set_num_threads(ThreadBudget());
}
ThreadBudgetScope::~ThreadBudgetScope() { omp_set_num_threads(before_); }

BlasOnCallersThread::BlasOnCallersThread() {
  const MutexLock lock(blas_mutex);
  if (callers_own++ == 0) SetBlasThreads(1);
}
BlasOnCallersThread::~BlasOnCallersThread() {
  const MutexLock lock(blas_mutex);
  if (--callers_own == 0) SetBlasThreads(ThreadBudget());
}

}  // namespace crossface
