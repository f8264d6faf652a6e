#include "crossface/util/background.h"

#include <sys/resource.h>

namespace crossface {
namespace {

// Linux gives a thread of this niceness a tenth of the time of one that has none.
constexpr int kNiceness = 10;

}  // namespace

void GiveWayToOthers() {
  // On Linux 0 is the calling thread. To be nicer is always allowed, and where it were not all works as well.
  ::setpriority(PRIO_PROCESS, 0, kNiceness);
}

}  // namespace crossface
