#include "crossface/util/background_hash.h"

#include <utility>

#include "crossface/util/thread_budget.h"

namespace crossface {
namespace {

constexpr size_t kMostWaiting = 4;

}  // namespace

void BackgroundSha256::Update(std::string block) {
  if (ThreadBudget() < 2) return hash_.Update(block);
  if (thread_ == nullptr) thread_ = std::make_unique<ThreadPool>(1);
  Await(kMostWaiting - 1);
  waiting_.push_back(thread_->Submit([this, block = std::move(block)] { hash_.Update(block); }));
}

std::string BackgroundSha256::HexDigest() {
  Await(0);
  return hash_.HexDigest();
}

void BackgroundSha256::Await(size_t most_waiting) {
  while (waiting_.size() > most_waiting) {
    waiting_.front().get();
    waiting_.pop_front();
  }
}

}  // namespace crossface
