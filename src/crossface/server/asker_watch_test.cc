#include "crossface/server/asker_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace crossface {
namespace {

// Until the token says so; the test would never end otherwise.
void WaitFor(const std::stop_token& stop) {
  while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

TEST(AskerWatch, StopsTheWorkOfWhoHungUpAndNobodyElses) {
  AskerWatch watch;
  std::atomic<bool> gone = false;
  const AskerWatch::Work stays(watch, [] { return false; });
  {
    const AskerWatch::Work goes(watch, [&] { return gone.load(); });
    EXPECT_FALSE(goes.stop().stop_requested());
    gone = true;
    WaitFor(goes.stop());
  }
  EXPECT_FALSE(stays.stop().stop_requested());
}

TEST(AskerWatch, IsNeverAskedAboutWorkThatIsDone) {
  AskerWatch watch;
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> done = false;
    {
      const AskerWatch::Work work(watch, [&] {
        EXPECT_FALSE(done);
        return false;
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(i % 10 == 0 ? 250 : 1));
    }
    done = true;
  }
}

TEST(AskerWatch, AnEndStopsWhatIsUnderWayAndWhatComes) {
  AskerWatch watch;
  const AskerWatch::Work before(watch, [] { return false; });
  watch.StopAll();
  EXPECT_TRUE(before.stop().stop_requested());
  const AskerWatch::Work after(watch, [] { return false; });
  EXPECT_TRUE(after.stop().stop_requested());
}

}  // namespace
}  // namespace crossface
