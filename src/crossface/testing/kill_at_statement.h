// Ends a program at any statement that it gives to SQLite.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace crossface::testing {

namespace kill_at_statement {
inline int left = 0;

inline int Count(unsigned, void*, void*, void*) {
  if (--left == 0) ::_exit(99);
  return 0;
}
inline int Watch(sqlite3* database, char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, Count, nullptr);
}
}  // namespace kill_at_statement

// Runs `action` in a child process that ends, as if killed, when the `statement`-th SQL statement (from 1) of
// any of its databases is about to run. False when `action` came to its end before; it must then have given
// true.
inline bool KilledAtStatement(int statement, const std::function<bool()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    kill_at_statement::left = statement;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(kill_at_statement::Watch));
    ::_exit(action() ? 0 : 1);
  }
  int how = 0;
  EXPECT_EQ(::waitpid(child, &how, 0), child);
  EXPECT_TRUE(WIFEXITED(how) && (WEXITSTATUS(how) == 0 || WEXITSTATUS(how) == 99)) << how;
  return WIFEXITED(how) && WEXITSTATUS(how) == 99;
}

}  // namespace crossface::testing
