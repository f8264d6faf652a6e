// Connections of TCP. Thread-safe.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "crossface/util/file_descriptor.h"
#include "crossface/util/status.h"

namespace crossface {

// The first of the host's addresses that takes a connection; a socket that does not block. `until`: for all
// of them. Errors: kInterrupted for a stop; kNotFound with nothing but the system's reason, or "nobody
// answers".
Result<FileDescriptor> Connect(const std::string& host, const std::string& port,
                               std::chrono::steady_clock::time_point until, const std::stop_token& stop);

// Whether a socket can be read or written (`events` as poll takes them) before it is too late or stopped.
bool WaitForSocket(int socket, short events, std::chrono::steady_clock::time_point until,
                   const std::stop_token& stop);

}  // namespace crossface
