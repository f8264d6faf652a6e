// What Ray runs. This folder is compiled for the libstdc++ strings that Ray's library has, so that nothing
// else of crossface is linked with it: bytes go in and out through the pipes of processes.
#pragma once

#include <ray/api.h>

#include <string>

namespace crossface_ray {

// How what it throws begins where the node has no crossface that can be run.
inline constexpr char kCannotRun[] = "cannot run ";

// Where somebody, or the system for its memory, ended the program: no fault of what it was asked.
inline constexpr char kKilled[] = "crossface worker was killed";

// On a worker: hands the request to a `crossface worker` beside this library, which stays for the next one,
// and gives its answer. Throws where there is none.
std::string DoTask(const std::string& request);

}  // namespace crossface_ray
