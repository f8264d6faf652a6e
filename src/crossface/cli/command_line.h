// Parses the command line and runs the verb.
#pragma once

namespace crossface {

// Returns the program's exit code; never throws.
int RunCommandLine(int argc, const char* const* argv);

}  // namespace crossface
