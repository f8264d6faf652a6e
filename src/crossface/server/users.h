// Who may use the server from other computers: names, roles and passwords, in a file of their own. Passwords
// are kept as argon2id (RFC 9106, libsodium), which costs whoever has the file some 64 MiB and a tenth of a
// second a guess.
//
// The file is read anew when it has changed, so that who is taken out is out at once. Thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crossface/server/http.h"
#include "crossface/util/mutex.h"
#include "crossface/util/status.h"

namespace crossface {

struct User {
  std::string name;
  Role role = Role::kNobody;
  std::string password;  // "$argon2id$..."
};

class Users {
 public:
  static constexpr size_t kShortestPassword = 12, kLongestPassword = 1000, kLongestName = 64;

  // `file` need not be there: nobody is known then.
  explicit Users(std::filesystem::path file) : file_(std::move(file)) {}
  // `users.json` in the user's data folder.
  static std::filesystem::path DefaultFile();
  const std::filesystem::path& file() const { return file_; }

  // By name. Errors of this and all below: kPermissionDenied (others may read or change the file), kCorrupt,
  // kIo.
  Result<std::vector<User>> List();
  // Adds somebody, or gives a new role and password. Errors: kInvalidArgument for a name that is empty, too
  // long or holds control characters, and for a password that is too short or too long.
  Status Set(const std::string& name, Role role, const std::string& password);
  // Errors: kNotFound.
  Status Remove(const std::string& name);

  // The role of who has this name and password; kNobody for any other, after as long a time. One at a time.
  Result<Role> Check(const std::string& name, const std::string& password);
  // kNobody for who is not there.
  Result<Role> RoleOf(const std::string& name);

 private:
  Result<std::vector<User>> Read() CROSSFACE_REQUIRES(mutex_);
  Status Write(const std::vector<User>& users) CROSSFACE_REQUIRES(mutex_);

  const std::filesystem::path file_;
  Mutex mutex_, one_check_;
  struct Stamp {
    int64_t modified_ns = 0, bytes = -1;
    uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  Stamp stamp_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<User> known_ CROSSFACE_GUARDED_BY(mutex_);  // of this stamp
};

std::string_view RoleName(Role role);  // "viewer", "reviewer"
std::optional<Role> RoleNamed(std::string_view name);

}  // namespace crossface
