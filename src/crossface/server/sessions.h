// Who may use the server: the token of its start, users with passwords, and the sessions that were begun with
// either. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "crossface/server/http.h"
#include "crossface/server/users.h"
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

  // Wrong passwords that an address may send in a minute, and all addresses together: then even the right one
  // has to wait, unlike the token, which nobody can guess.
  static constexpr int kWrongPasswordsAMinute = 5, kWrongPasswordsOfAll = 60;

  // `users` must outlive it.
  Sessions(std::string token, Users& users) : token_(std::move(token)), users_(users) {}
  const std::string& token() const { return token_; }

  struct Session {
    Role role = Role::kNobody;
    std::string user;
  };
  // A new session for who knows the token: its secret, for the cookie. Nothing for any other token.
  std::optional<std::string> Begin(const std::string& token, Clock::time_point now = Clock::now());
  // The same for a user, nothing for a wrong password and for who is none. Errors: those of Users.
  Result<std::optional<std::string>> BeginUser(const std::string& name, const std::string& password,
                                               const std::string& from, Clock::time_point now = Clock::now());
  // After too many wrong passwords from there, or from everywhere: no password is looked at for a minute.
  bool MustWait(const std::string& from, Clock::time_point now = Clock::now());
  // Nothing for a secret that is none, or was not used for long, or is of a user who is one no longer. Using
  // it makes it last longer.
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
  std::string Keep(Session session, Clock::time_point now);
  struct Failures {
    int count = 0;
    Clock::time_point since;
  };
  void NoteWrongPassword(const std::string& from, Clock::time_point now);

  const std::string token_;
  Users& users_;
  Mutex mutex_;
  std::map<std::string, Failures> wrong_passwords_ CROSSFACE_GUARDED_BY(mutex_);  // by address; "" of all
  std::map<std::string, Kept> sessions_ CROSSFACE_GUARDED_BY(mutex_);  // by the hash of their secret
  int failures_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  Clock::time_point failing_since_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface
