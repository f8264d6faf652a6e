#include "crossface/server/users.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "crossface/util/data_folder.h"
#include "crossface/util/file.h"
#include "crossface/util/secret_file.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

constexpr char kSchema[] = "crossface-users/1";
// libsodium's figures for logging in to a service: three passes over 64 MiB.
constexpr unsigned long long kPasses = crypto_pwhash_OPSLIMIT_MODERATE;
constexpr size_t kMemory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

void StartSodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used");
}

std::string HashOf(const std::string& password) {
  StartSodium();
  char hash[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str(hash, password.data(), password.size(), kPasses, kMemory) != 0)
    throw std::bad_alloc();
  return hash;
}

bool IsOf(const std::string& hash, const std::string& password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

Status CheckName(const std::string& name) {
  const bool fits =
      !name.empty() && name.size() <= Users::kLongestName && name.front() != ' ' && name.back() != ' ' &&
      EscapeInvalidUtf8(name) == name &&
      std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (fits) return Status();
  return Status(
      StatusCode::kInvalidArgument,
      fmt::format("a user's name has 1 to {} bytes of text, without control characters and spaces at "
                  "its ends",
                  Users::kLongestName));
}

Result<std::vector<User>> Parse(const std::string& text, const std::filesystem::path& file) {
  std::vector<User> users;
  const Json json = Json::parse(text, nullptr, false);
  const Status bad(StatusCode::kCorrupt,
                   fmt::format("{} is no list of users: restore it, or remove it and add the users anew",
                               DisplayPath(file)));
  if (!json.is_object() || json.value("schema", Json()) != kSchema || !json.contains("users") ||
      !json["users"].is_array())
    return bad;
  for (const Json& each : json["users"]) {
    if (!each.is_object()) return bad;
    for (const char* field : {"name", "role", "password"}) {
      if (!each.contains(field) || !each[field].is_string()) return bad;
    }
    const auto role = RoleNamed(each["role"].get<std::string>());
    if (!role || !CheckName(each["name"]).ok()) return bad;
    users.push_back({each["name"], *role, each["password"]});
  }
  return users;
}

}  // namespace

std::string_view RoleName(Role role) { return role == Role::kReviewer ? "reviewer" : "viewer"; }

std::optional<Role> RoleNamed(std::string_view name) {
  if (name == "reviewer") return Role::kReviewer;
  if (name == "viewer") return Role::kViewer;
  return std::nullopt;
}

std::filesystem::path Users::DefaultFile() { return UserDataFolder() / "users.json"; }

Result<std::vector<User>> Users::Read() {
  struct stat facts {};
  if (::stat(file_.c_str(), &facts) != 0) {
    if (errno != ENOENT) return ErrnoStatus(errno, "cannot read " + DisplayPath(file_));
    known_.clear();
    stamp_ = Stamp();
    return known_;
  }
  const Stamp now{facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec, facts.st_size, facts.st_ino};
  if (now == stamp_) return known_;
  if ((facts.st_mode & 077) != 0 || (facts.st_uid != ::geteuid() && facts.st_uid != 0))
    return Status(
        StatusCode::kPermissionDenied,
        fmt::format("{} can be read or changed by others: chmod 600 it, once you know that the users "
                    "in it are yours",
                    DisplayPath(file_)));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(file_));
  CROSSFACE_ASSIGN_OR_RETURN(known_, Parse(text, file_));
  stamp_ = now;
  return known_;
}

Status Users::Write(const std::vector<User>& users) {
  Json list = Json::array();
  for (const User& user : users)
    list.push_back({{"name", user.name}, {"role", RoleName(user.role)}, {"password", user.password}});
  stamp_ = Stamp();
  return WriteSecretFileAtomically(file_,
                                   Json({{"schema", kSchema}, {"users", std::move(list)}}).dump(1) + '\n');
}

Result<std::vector<User>> Users::List() {
  const MutexLock lock(mutex_);
  return Read();
}

Status Users::Set(const std::string& name, Role role, const std::string& password) {
  CROSSFACE_RETURN_IF_ERROR(CheckName(name));
  if (password.size() < kShortestPassword || password.size() > kLongestPassword)
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("a password has {} to {} bytes: a few words that nobody guesses",
                              kShortestPassword, kLongestPassword));
  const std::string hash = HashOf(password);
  const MutexLock lock(mutex_);
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<User> users, Read());
  std::erase_if(users, [&](const User& user) { return user.name == name; });
  users.push_back({name, role, hash});
  std::sort(users.begin(), users.end(), [](const User& a, const User& b) { return a.name < b.name; });
  return Write(users);
}

Status Users::Remove(const std::string& name) {
  const MutexLock lock(mutex_);
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<User> users, Read());
  if (std::erase_if(users, [&](const User& user) { return user.name == name; }) == 0)
    return Status(StatusCode::kNotFound, fmt::format("there is no user {}", EscapeInvalidUtf8(name)));
  return Write(users);
}

Result<Role> Users::Check(const std::string& name, const std::string& password) {
  // Of a password that nobody has: a name that is not there takes as long as one that is.
  static const std::string nobody = HashOf("nobody's password");
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<User> users, List());
  const auto user = std::find_if(users.begin(), users.end(), [&](const User& u) { return u.name == name; });
  // Many guesses at once must not take the memory of many.
  const MutexLock lock(one_check_);
  const bool right = IsOf(user == users.end() ? nobody : user->password, password);
  return right && user != users.end() ? user->role : Role::kNobody;
}

Result<Role> Users::RoleOf(const std::string& name) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<User> users, List());
  const auto user = std::find_if(users.begin(), users.end(), [&](const User& u) { return u.name == name; });
  return user == users.end() ? Role::kNobody : user->role;
}

}  // namespace crossface
