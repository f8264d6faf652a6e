// Work that nobody waits for gives way to what somebody waits for.
#pragma once

namespace crossface {

// The calling thread, and those that it starts from now on, get the processor when others of this computer's
// want less of it. Cannot be taken back: for threads that only ever do such work. Thread-safe.
void GiveWayToOthers();

}  // namespace crossface
