// Makes copies of sources that browsers can play, one after the other, on a thread of its own. Thread-safe.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "crossface/gallery/records.h"
#include "crossface/util/mutex.h"

namespace crossface {

struct ProxyState {
  enum class Kind { kNone, kMaking, kReady, kFailed };
  Kind kind = Kind::kNone;
  double share = 0;     // done, 0..1
  std::string message;  // why it failed
  int64_t bytes = 0;    // of the file, once it is ready
};
std::string_view ProxyKindName(ProxyState::Kind kind);  // "none", "making", "ready", "failed"

class ProxyMaker {
 public:
  // Told from the maker's thread; must not wait for the maker.
  using Listener =
      std::function<void(const std::filesystem::path& case_folder, int64_t source, const ProxyState& state)>;
  explicit ProxyMaker(Listener listener);

  ProxyState StateOf(const std::filesystem::path& case_folder, const SourceRecord& source) const;
  // Queues it unless it is there or being made. One that failed is tried again.
  ProxyState Make(const std::filesystem::path& case_folder, const SourceRecord& source);

 private:
  using Key = std::pair<std::filesystem::path, int64_t>;
  void Work(const std::stop_token& ended);
  void Note(const Key& key, const ProxyState& state);

  const Listener listener_;
  mutable Mutex mutex_;
  Condition changed_;
  std::deque<std::pair<std::filesystem::path, SourceRecord>> queue_ CROSSFACE_GUARDED_BY(mutex_);
  std::map<Key, ProxyState> states_ CROSSFACE_GUARDED_BY(mutex_);  // of those that are made or failed
  std::jthread thread_;                                            // last: ends before what it uses
};

}  // namespace crossface
