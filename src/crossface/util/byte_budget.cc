#include "crossface/util/byte_budget.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace crossface {
namespace {

constexpr auto kAskAgain = std::chrono::milliseconds(100);
constexpr int64_t kFewestBytes = int64_t{1} << 30, kBytesPerThread = int64_t{150} << 20;

}  // namespace

ByteBudget::Share::Share(ByteBudget& budget) : budget_(budget) {
  MutexLock lock(budget_.mutex_);
  number_ = budget_.next_number_++;
  budget_.shares_.insert(number_);
}

ByteBudget::Share::~Share() {
  MutexLock lock(budget_.mutex_);
  budget_.held_ -= held_;
  budget_.shares_.erase(number_);
  budget_.room_.notify_all();
}

bool ByteBudget::Share::TryTake(int64_t bytes) {
  MutexLock lock(budget_.mutex_);
  if (!budget_.HasRoom(bytes)) return false;
  budget_.held_ += bytes;
  held_ += bytes;
  return true;
}

bool ByteBudget::Share::Take(int64_t bytes, const std::stop_token& stop) {
  MutexLock lock(budget_.mutex_);
  // Who is first is never kept waiting, whatever it holds already.
  while (!budget_.HasRoom(bytes) && *budget_.shares_.begin() != number_) {
    if (stop.stop_requested()) return false;
    budget_.room_.wait_for(lock, kAskAgain);
  }
  budget_.held_ += bytes;
  held_ += bytes;
  return true;
}

void ByteBudget::Share::Hold(int64_t bytes) {
  MutexLock lock(budget_.mutex_);
  budget_.held_ += bytes;
  held_ += bytes;
}

void ByteBudget::Share::GiveBack(int64_t bytes) {
  MutexLock lock(budget_.mutex_);
  if (bytes > held_) throw std::logic_error("more is given back to a budget than was taken");
  budget_.held_ -= bytes;
  held_ -= bytes;
  budget_.room_.notify_all();
}

int64_t ByteBudget::held() const {
  MutexLock lock(mutex_);
  return held_;
}

int64_t PictureBudgetBytes(int threads) {
  const int64_t wanted = std::max(kFewestBytes, threads * kBytesPerThread);
  const auto memory = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  return memory <= 0 ? wanted : std::min(wanted, memory / 4);
}

}  // namespace crossface
