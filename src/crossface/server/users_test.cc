#include "crossface/server/users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPassword[] = "four words of mine";

class UsersTest : public ::testing::Test {
 protected:
  fs::path file() const { return scratch_.path() / "data/users.json"; }
  testing::ScratchFolder scratch_;
};

TEST_F(UsersTest, PasswordsAreKnownAndNotKept) {
  Users users(file());
  EXPECT_TRUE(users.List()->empty());
  ASSERT_TRUE(users.Set("Zoë", Role::kViewer, kPassword).ok());
  ASSERT_TRUE(users.Set("Ada", Role::kReviewer, kPassword).ok());
  EXPECT_EQ(*users.Check("Ada", kPassword), Role::kReviewer);
  EXPECT_EQ(*users.Check("Zoë", kPassword), Role::kViewer);
  EXPECT_EQ(*users.Check("Ada", std::string(kPassword) + " "), Role::kNobody);
  EXPECT_EQ(*users.Check("ada", kPassword), Role::kNobody);
  EXPECT_EQ(*users.Check("nobody", kPassword), Role::kNobody);
  EXPECT_EQ(*users.Check("nobody", "nobody's password"), Role::kNobody);
  const auto list = *users.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "Ada");
  EXPECT_NE(list[0].password, list[1].password) << "two of one password look different";
  EXPECT_THAT(*ReadFile(file()), AllOf(HasSubstr("$argon2id$"), Not(HasSubstr(kPassword))));
  struct stat facts {};
  ASSERT_EQ(::stat(file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

// Another program takes somebody out, or changes a role: the running server knows.
TEST_F(UsersTest, ChangesOfTheFileHoldAtOnce) {
  Users users(file()), elsewhere(file());
  ASSERT_TRUE(users.Set("Ada", Role::kViewer, kPassword).ok());
  ASSERT_TRUE(users.Set("Bob", Role::kViewer, kPassword).ok());
  ASSERT_TRUE(elsewhere.Set("Ada", Role::kReviewer, "another password of hers").ok());
  EXPECT_EQ(*users.RoleOf("Ada"), Role::kReviewer);
  EXPECT_EQ(*users.Check("Ada", kPassword), Role::kNobody);
  ASSERT_TRUE(elsewhere.Remove("Bob").ok());
  EXPECT_EQ(*users.RoleOf("Bob"), Role::kNobody);
  EXPECT_EQ(elsewhere.Remove("Bob").code(), StatusCode::kNotFound);
  fs::remove(file());
  EXPECT_EQ(*users.RoleOf("Ada"), Role::kNobody);
}

TEST_F(UsersTest, BadNamesAndPasswordsAreRefused) {
  Users users(file());
  for (const std::string& name : {std::string(), std::string("a\nb"), std::string("\x7f"), std::string(" a"),
                                  std::string(65, 'a'), std::string("\xff")})
    EXPECT_EQ(users.Set(name, Role::kViewer, kPassword).code(), StatusCode::kInvalidArgument) << name;
  for (const std::string& password : {std::string(), std::string(11, 'a'), std::string(1001, 'a')})
    EXPECT_EQ(users.Set("Ada", Role::kViewer, password).code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(file()));
}

// A list that others may have changed, or that is none, lets nobody in, and is not written over.
TEST_F(UsersTest, AFileThatCannotBeTrustedIsRefused) {
  Users users(file());
  ASSERT_TRUE(users.Set("Ada", Role::kReviewer, kPassword).ok());
  const std::string good = *ReadFile(file());
  fs::permissions(file(), fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(Users(file()).Check("Ada", kPassword).status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(Users(file()).Set("Eve", Role::kReviewer, kPassword).code(), StatusCode::kPermissionDenied);
  fs::permissions(file(), fs::perms::group_read, fs::perm_options::remove);
  EXPECT_EQ(*Users(file()).Check("Ada", kPassword), Role::kReviewer);
  std::string other_role = good;
  other_role.replace(other_role.find("reviewer"), 8, "root");
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), std::string(R"({"users":[]})"), other_role,
        std::string(R"({"schema":"crossface-users/1","users":[{"name":"Ada"}]})")}) {
    std::ofstream(file(), std::ios::trunc) << bad;
    EXPECT_EQ(Users(file()).Check("Ada", kPassword).status().code(), StatusCode::kCorrupt) << bad;
    EXPECT_EQ(Users(file()).Set("Eve", Role::kReviewer, kPassword).code(), StatusCode::kCorrupt);
    EXPECT_EQ(*ReadFile(file()), bad);
  }
}

}  // namespace
}  // namespace crossface
