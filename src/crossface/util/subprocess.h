// Runs another program and waits for it. No shell is involved: arguments arrive as they are. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

struct SubprocessOutput {
  int exit_code = 0;  // 128 + signal when it was killed
  std::string text;   // what it printed, stdout and stderr together, at most the last 64 KiB
};

// The program is looked up in PATH; standard input is empty. `keep_going`, when given, is asked ten times a
// second; false ends the program and gives kInterrupted. Errors: kNotFound when there is no such program,
// kIo.
Result<SubprocessOutput> RunSubprocess(const std::vector<std::string>& arguments,
                                       const std::function<bool()>& keep_going = {});

}  // namespace crossface
