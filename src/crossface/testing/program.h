// Runs the crossface program for tests and reads what it left behind.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace crossface::testing {

struct ProgramRun {
  int exit_code = -1;  // 128 + signal when it was killed
  std::string out, err;
};

// `environment` is added to the test's own.
ProgramRun RunProgram(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment = {});

// Starts the program, kills it with SIGKILL once `ready` holds (asked every 5 ms), and returns true; false
// when it ended before.
bool RunProgramAndKill(const std::vector<std::string>& arguments, const std::function<bool()>& ready);

// Starts the program, asks it to stop (SIGTERM) once `ready` holds (asked every 5 ms), and waits for its end.
ProgramRun RunProgramAndStop(const std::vector<std::string>& arguments, const std::function<bool()>& ready);

// Runs the program on a pseudo-terminal and types `lines`, each when the text in front of it has appeared.
// Returns all that was shown.
std::string RunProgramOnTerminal(const std::vector<std::pair<std::string, std::string>>& lines,
                                 int* exit_code);

// The relative paths and contents of every file under `folder` whose name ends with `ending`.
std::map<std::string, std::string> ReadTree(const std::filesystem::path& folder, const std::string& ending);

}  // namespace crossface::testing
