// How many threads the process computes with, in all. A front end says it once, before work starts.
// Thread-safe.
//
// crossface's own threads are counted by it, and networks and OpenCV compute on the thread that calls them.
// FAISS and the BLAS below it bring threads of their own: who calls them holds a ThreadBudgetScope meanwhile.
#pragma once

#include "crossface/util/public_api.h"

namespace crossface {

// Until it is set: as many as there are processors. Throws std::logic_error for less than one.
CROSSFACE_API void SetThreadBudget(int threads);
CROSSFACE_API int ThreadBudget();

// OpenMP's loops that this thread enters, and BLAS, keep to the budget until the end of the scope.
class CROSSFACE_API ThreadBudgetScope {
 public:
  ThreadBudgetScope();
  ~ThreadBudgetScope();
  ThreadBudgetScope(const ThreadBudgetScope&) = delete;
  ThreadBudgetScope& operator=(const ThreadBudgetScope&) = delete;

 private:
  int before_;
};

// BLAS computes every call on the thread that makes it, of whatever thread, until the end of the last such
// scope: with threads of its own it divides a product by how many they are, and rounds it otherwise.
class CROSSFACE_API BlasOnCallersThread {
 public:
  BlasOnCallersThread();
  ~BlasOnCallersThread();
  BlasOnCallersThread(const BlasOnCallersThread&) = delete;
  BlasOnCallersThread& operator=(const BlasOnCallersThread&) = delete;
};

}  // namespace crossface
