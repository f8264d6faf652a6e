#include "crossface/util/connect.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace crossface {
namespace {

constexpr int kAskForStopMs = 100;

}  // namespace

bool WaitForSocket(int socket, short events, std::chrono::steady_clock::time_point until,
                   const std::stop_token& stop) {
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < until) {
    if (::poll(&waiting, 1, kAskForStopMs) > 0) return true;
  }
  return false;
}

Result<FileDescriptor> Connect(const std::string& host, const std::string& port,
                               std::chrono::steady_clock::time_point until, const std::stop_token& stop) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found); error != 0)
    return Status(StatusCode::kNotFound, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  std::string why = "nobody answers";
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    FileDescriptor socket(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    int error = ::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      if (!WaitForSocket(socket.get(), POLLOUT, until, stop)) continue;
      socklen_t size = sizeof error;
      ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) return socket;
    why = std::strerror(error);
  }
  if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
  return Status(StatusCode::kNotFound, why);
}

}  // namespace crossface
