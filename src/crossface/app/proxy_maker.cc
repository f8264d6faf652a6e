#include "crossface/app/proxy_maker.h"

#include <array>

#include "crossface/app/source_gone.h"
#include "crossface/app/source_media.h"

namespace crossface {

std::string_view ProxyKindName(ProxyState::Kind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"none", "making", "ready", "failed"};
  return kNames.at(static_cast<size_t>(kind));
}

ProxyMaker::ProxyMaker(Listener listener)
    : listener_(std::move(listener)), thread_([this](const std::stop_token& ended) { Work(ended); }) {}

ProxyState ProxyMaker::StateOf(const std::filesystem::path& case_folder, const SourceRecord& source) const {
  {
    const MutexLock lock(mutex_);
    if (const auto known = states_.find({case_folder, source.id}); known != states_.end())
      return known->second;
  }
  const auto made = OpenProxy(case_folder, source);
  if (!made.ok()) return {};
  return {.kind = ProxyState::Kind::kReady, .share = 1, .bytes = made->bytes->size()};
}

ProxyState ProxyMaker::Make(const std::filesystem::path& case_folder, const SourceRecord& source) {
  const ProxyState now = StateOf(case_folder, source);
  if (now.kind == ProxyState::Kind::kMaking || now.kind == ProxyState::Kind::kReady) return now;
  const ProxyState making{.kind = ProxyState::Kind::kMaking};
  const MutexLock lock(mutex_);
  // Somebody else may have asked meanwhile.
  ProxyState& state = states_[{case_folder, source.id}];
  if (state.kind == ProxyState::Kind::kMaking) return state;
  state = making;
  queue_.emplace_back(case_folder, source);
  changed_.notify_one();
  return making;
}

void ProxyMaker::Note(const Key& key, const ProxyState& state) {
  {
    const MutexLock lock(mutex_);
    // What is ready is known by its file.
    if (state.kind == ProxyState::Kind::kReady) {
      states_.erase(key);
    } else {
      states_[key] = state;
    }
  }
  listener_(key.first, key.second, state);
}

void ProxyMaker::Work(const std::stop_token& ended) {
  while (true) {
    std::pair<std::filesystem::path, SourceRecord> next;
    {
      MutexLock lock(mutex_);
      if (!changed_.wait(lock, ended, [this]() CROSSFACE_REQUIRES(mutex_) { return !queue_.empty(); }))
        return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    const auto& [case_folder, source] = next;
    const Key key(case_folder, source.id);
    double told = 0;
    const Status made = MakeProxy(case_folder, source, ended, [&](double share) {
      if (share - told < 0.01) return;
      told = share;
      Note(key, {.kind = ProxyState::Kind::kMaking, .share = share});
    });
    ProxyState state{.kind = ProxyState::Kind::kFailed,
                     .message = WhyGone(case_folder, source, made).message()};
    if (const auto opened = OpenProxy(case_folder, source); made.ok() && opened.ok())
      state = {.kind = ProxyState::Kind::kReady, .share = 1, .bytes = opened->bytes->size()};
    Note(key, state);
  }
}

}  // namespace crossface
