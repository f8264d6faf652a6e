// Who may use the server: the token of its start, and the sessions that were begun with it. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "crossface/server/http.h"
#include "crossface/util/mutex.h"

namespace crossface {

// So many random bytes, hexadecimal. Throws std::runtime_error where the system gives none.
std::string RandomHex(size_t bytes);
// Takes as long whatever the texts are, but for their lengths.
bool IsSameSecret(const std::string& a, const std::string& b);

class Sessions {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::hours kIdleLife{12};
  static constexpr int kFailuresAMinute = 5;
  static constexpr size_t kMostSessions = 1000;

  explicit Sessions(std::string token) : token_(std::move(token)) {}
  const std::string& token() const { return token_; }

  struct Session {
    Role role = Role::kNobody;
    std::string user;
  };
  // A new session for who knows the token: its secret, for the cookie. Nothing for any other token.
  std::optional<std::string> Begin(const std::string& token, Clock::time_point now = Clock::now());
  // Nothing for a secret that is none, or was not used for long. Using it makes it last longer.
  std::optional<Session> Find(const std::string& secret, Clock::time_point now = Clock::now());
  void End(const std::string& secret);
  bool IsToken(const std::string& token, Clock::time_point now = Clock::now());
  // After too many wrong tokens within a minute: whoever comes with another wrong one is told to wait.
  bool IsBlocked(Clock::time_point now = Clock::now());

 private:
  struct Kept {
    Session session;
    Clock::time_point used;
  };
  bool Note(bool right, Clock::time_point now);

  const std::string token_;
  Mutex mutex_;
  std::map<std::string, Kept> sessions_ CROSSFACE_GUARDED_BY(mutex_);  // by the hash of their secret
  int failures_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  Clock::time_point failing_since_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface
