#include "crossface/server/sessions.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include "crossface/util/hash.h"

namespace crossface {

std::string RandomHex(size_t bytes) {
  std::vector<unsigned char> random(bytes);
  for (size_t filled = 0; filled < bytes;) {
    const ssize_t count = ::getrandom(random.data() + filled, bytes - filled, 0);
    if (count < 0 && errno != EINTR) throw std::runtime_error("the system gives no random bytes");
    if (count > 0) filled += static_cast<size_t>(count);
  }
  std::string text;
  for (const unsigned char byte : random) text += fmt::format("{:02x}", byte);
  return text;
}

bool IsSameSecret(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool Sessions::Note(bool right, Clock::time_point now) {
  const MutexLock lock(mutex_);
  if (right) return true;
  if (now - failing_since_ > std::chrono::minutes(1)) {
    failures_ = 0;
    failing_since_ = now;
  }
  ++failures_;
  return false;
}

bool Sessions::IsToken(const std::string& token, Clock::time_point now) {
  return Note(IsSameSecret(token, token_), now);
}

bool Sessions::IsBlocked(Clock::time_point now) {
  const MutexLock lock(mutex_);
  return failures_ > kFailuresAMinute && now - failing_since_ <= std::chrono::minutes(1);
}

std::optional<std::string> Sessions::Begin(const std::string& token, Clock::time_point now) {
  if (!IsToken(token, now)) return std::nullopt;
  const std::string secret = RandomHex(32);
  const MutexLock lock(mutex_);
  if (sessions_.size() >= kMostSessions) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    }));
  }
  sessions_[Sha256Hex(secret)] = {.session = {.role = Role::kReviewer}, .used = now};
  return secret;
}

std::optional<Sessions::Session> Sessions::Find(const std::string& secret, Clock::time_point now) {
  const std::string key = Sha256Hex(secret);
  const MutexLock lock(mutex_);
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) return std::nullopt;
  if (now - found->second.used > kIdleLife) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second.session;
}

void Sessions::End(const std::string& secret) {
  const MutexLock lock(mutex_);
  sessions_.erase(Sha256Hex(secret));
}

}  // namespace crossface
