#include "crossface/util/thread_budget.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <opencv2/core/utility.hpp>
#include <stdexcept>
#include <thread>

namespace crossface {
namespace {

TEST(ThreadBudget, LibrariesWithThreadsOfTheirOwnKeepToItOnEveryThread) {
  const int before = ThreadBudget();
  SetThreadBudget(3);
  EXPECT_EQ(ThreadBudget(), 3);
  EXPECT_EQ(cv::getNumThreads(), 1);
  std::jthread([] {
    omp_set_num_threads(7);
    {
      const ThreadBudgetScope scope;
      EXPECT_EQ(omp_get_max_threads(), 3);
    }
    EXPECT_EQ(omp_get_max_threads(), 7);
  }).join();
  SetThreadBudget(before);
}

TEST(ThreadBudget, LessThanOneThreadIsAMistake) { EXPECT_THROW(SetThreadBudget(0), std::logic_error); }

}  // namespace
}  // namespace crossface
