// Runs another program and waits for it. No shell is involved: arguments arrive as they are. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

struct SubprocessOutput {
  int exit_code = 0;  // 128 + signal when it was killed
  std::string text;   // what it printed, stdout and stderr together, at most the last 64 KiB
};

// The program is looked up in PATH; standard input is empty. `stop` ends the program within a tenth of a
// second and gives kInterrupted. `waiting`, when given, is called about ten times a second while the program
// runs. Errors: kNotFound when there is no such program, kIo.
Result<SubprocessOutput> RunSubprocess(const std::vector<std::string>& arguments,
                                       const std::stop_token& stop = {},
                                       const std::function<void()>& waiting = {});

// The last line of what a program printed, where programs say what went wrong.
std::string LastLine(const SubprocessOutput& output);

}  // namespace crossface
