// Memory that several threads share: each says how many bytes it is about to hold, and waits while others
// hold too many. Thread-safe.
//
// It cannot come to a standstill: of those who take part, the one that has been there longest is never kept
// waiting. What is held in all is therefore at most the budget and what that one holds beyond it.
#pragma once

#include <cstdint>
#include <set>
#include <stop_token>

#include "crossface/util/mutex.h"

namespace crossface {

class ByteBudget {
 public:
  explicit ByteBudget(int64_t bytes) : bytes_(bytes) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  // One participant. Gives everything back when it goes. Not thread-safe.
  class Share {
   public:
    explicit Share(ByteBudget& budget);
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // False when there is no room now.
    bool TryTake(int64_t bytes);
    // Waits for room. False when it was stopped meanwhile.
    bool Take(int64_t bytes, const std::stop_token& stop);
    // What is there already, whether there is room or not: who takes more waits for it.
    void Hold(int64_t bytes);
    void GiveBack(int64_t bytes);
    int64_t held() const { return held_; }

   private:
    ByteBudget& budget_;
    int64_t number_ = 0, held_ = 0;
  };

  int64_t held() const;

 private:
  bool HasRoom(int64_t bytes) const CROSSFACE_REQUIRES(mutex_) { return held_ + bytes <= bytes_; }

  const int64_t bytes_;
  mutable Mutex mutex_;
  Condition room_;
  int64_t held_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  int64_t next_number_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  std::set<int64_t> shares_ CROSSFACE_GUARDED_BY(mutex_);  // those that take part
};

// For the pictures that a scan has in memory: enough for every thread to have one of 4K and one that waits
// for it, a GiB at least, and never more than a quarter of the machine's memory.
int64_t PictureBudgetBytes(int threads);

}  // namespace crossface
