#include "crossface/util/background.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

int Niceness() { return ::getpriority(PRIO_PROCESS, 0); }

TEST(Background, AThreadGivesWayWithThoseThatItStartsAndNobodyElse) {
  const int before = Niceness();
  int own = 0, started = 0;
  std::thread([&] {
    GiveWayToOthers();
    own = Niceness();
    ThreadPool pool(1);
    started = pool.Submit([] { return Niceness(); }).get();
  }).join();
  EXPECT_GT(own, before);
  EXPECT_EQ(started, own);
  EXPECT_EQ(Niceness(), before);
}

}  // namespace
}  // namespace crossface
