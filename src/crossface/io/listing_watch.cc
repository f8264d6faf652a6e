#include "crossface/io/listing_watch.h"

#include <utility>

namespace crossface::io {
namespace {

constexpr auto kBetween = std::chrono::milliseconds(250);
thread_local ListingWatch* watching = nullptr;

}  // namespace

ListingWatch::ListingWatch(std::function<void(int64_t)> told)
    : told_(std::move(told)), before_(watching), last_(std::chrono::steady_clock::now()) {
  watching = this;
}
ListingWatch::~ListingWatch() { watching = before_; }

void ListingWatch::Count(int64_t entries) {
  if (watching == nullptr) return;
  watching->entries_ += entries;
  const auto now = std::chrono::steady_clock::now();
  if (now - watching->last_ < kBetween) return;
  watching->last_ = now;
  watching->told_(watching->entries_);
}

}  // namespace crossface::io
