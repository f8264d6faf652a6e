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
namespace {

constexpr std::chrono::minutes kMinute(1);

}  // namespace

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
  if (now - failing_since_ > kMinute) {
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
  return failures_ > kFailuresAMinute && now - failing_since_ <= kMinute;
}

std::optional<std::string> Sessions::Begin(const std::string& token, Clock::time_point now) {
  if (!IsToken(token, now)) return std::nullopt;
  return Keep({.role = Role::kReviewer}, now);
}

Result<std::optional<std::string>> Sessions::BeginUser(const std::string& name, const std::string& password,
                                                       const std::string& from, Clock::time_point now) {
  CROSSFACE_ASSIGN_OR_RETURN(const Role role, users_.Check(name, password));
  if (role == Role::kNobody) {
    NoteWrongPassword(from, now);
    return std::optional<std::string>();
  }
  return std::optional(Keep({.role = role, .user = name}, now));
}

bool Sessions::MustWait(const std::string& from, Clock::time_point now) {
  const MutexLock lock(mutex_);
  const auto too_many = [&](const std::string& whose, int most) {
    const auto found = wrong_passwords_.find(whose);
    return found != wrong_passwords_.end() && now - found->second.since <= kMinute &&
           found->second.count >= most;
  };
  return too_many(from, kWrongPasswordsAMinute) || too_many("", kWrongPasswordsOfAll);
}

void Sessions::NoteWrongPassword(const std::string& from, Clock::time_point now) {
  const MutexLock lock(mutex_);
  std::erase_if(wrong_passwords_, [&](const auto& each) { return now - each.second.since > kMinute; });
  for (const std::string& whose : {from, std::string()}) {
    const auto [failures, is_new] = wrong_passwords_.try_emplace(whose);
    if (is_new) failures->second.since = now;
    ++failures->second.count;
  }
}

std::string Sessions::Keep(Session session, Clock::time_point now) {
  std::string secret = RandomHex(32);
  const MutexLock lock(mutex_);
  if (sessions_.size() >= kMostSessions) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    }));
  }
  sessions_[Sha256Hex(secret)] = {.session = std::move(session), .used = now};
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
  Session session = found->second.session;
  if (session.user.empty()) return session;
  // As the list says now, not as it said when the session began.
  const auto role = users_.RoleOf(session.user);
  session.role = role.ok() ? *role : Role::kNobody;
  if (session.role != Role::kNobody) return session;
  sessions_.erase(found);
  return std::nullopt;
}

void Sessions::End(const std::string& secret) {
  const MutexLock lock(mutex_);
  sessions_.erase(Sha256Hex(secret));
}

}  // namespace crossface
