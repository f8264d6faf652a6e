#include "crossface/testing/fault_proxy.h"

#include <fmt/format.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "crossface/testing/loopback.h"

namespace crossface::testing {
namespace {

bool SendAll(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// Appends what comes next; false at the end.
bool Receive(int from, std::string* bytes) {
  char block[1 << 16];
  const ssize_t got = ::recv(from, block, sizeof block, 0);
  if (got <= 0) return false;
  bytes->append(block, static_cast<size_t>(got));
  return true;
}

// Up to and with the empty line; what came behind it stays in `rest`.
bool ReceiveHead(int from, std::string* rest, std::string* head) {
  size_t end = rest->find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!Receive(from, rest)) return false;
    end = rest->find("\r\n\r\n");
  }
  *head = rest->substr(0, end + 4);
  rest->erase(0, end + 4);
  return true;
}

std::string HeaderOf(const std::string& head, std::string_view name) {
  for (size_t line = head.find("\r\n"); line != std::string::npos; line = head.find("\r\n", line + 2)) {
    const std::string_view rest = std::string_view(head).substr(line + 2);
    if (rest.size() <= name.size() || ::strncasecmp(rest.data(), name.data(), name.size()) != 0 ||
        rest[name.size()] != ':')
      continue;
    std::string value(rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1));
    value.erase(0, value.find_first_not_of(' '));
    return value;
  }
  return "";
}

// The length of a body, of an answer to `method`; -1: until the connection ends or as chunks.
int64_t BodyLength(const std::string& head, const std::string& method, bool is_answer) {
  const std::string status = head.substr(head.find(' ') + 1, 3);
  if (is_answer && (method == "HEAD" || status == "204" || status == "304" || status[0] == '1')) return 0;
  const std::string length = HeaderOf(head, "content-length");
  if (!length.empty()) return std::atoll(length.c_str());
  return is_answer ? -1 : 0;
}

}  // namespace

ProxyFault ProxyFault::Refuse(int status, const std::string& code, const std::string& more) {
  const std::string body =
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{}</Code>{}</Error>", code, more);
  return {.kind = Kind::kAnswer,
          .answer = fmt::format(
              "HTTP/1.1 {} Refused\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n{}", status,
              body.size(), body)};
}

FaultProxy::FaultProxy(int server_port, int port) : server_port_(server_port) {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  constexpr int kYes = 1;
  ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &kYes, sizeof kYes);
  sockaddr_in address = Loopback(port);
  socklen_t size = sizeof address;
  if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening_, 64) != 0)
    throw std::runtime_error("no free port");
  ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this] { Accept(); });
}

FaultProxy::~FaultProxy() {
  ends_ = true;
  ::shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  ::close(listening_);
  MutexLock lock(mutex_);
  for (const int client : clients_) ::shutdown(client, SHUT_RDWR);
  auto serving = std::exchange(serving_, {});
  lock.unlock();
  serving.clear();
  for (const int client : clients_) ::close(client);
}

void FaultProxy::set_faults(std::function<ProxyFault(const ProxiedRequest&)> faults) {
  MutexLock lock(mutex_);
  faults_ = std::move(faults);
}

void FaultProxy::Accept() {
  while (!ends_) {
    const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    MutexLock lock(mutex_);
    clients_.push_back(client);
    serving_.emplace_back([this, client] { Serve(client); });
  }
}

void FaultProxy::Serve(int client) {
  std::string rest;
  while (!ends_) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(server_port_);
    const bool there = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const bool goes_on = there && ServeOne(client, server, &rest);
    ::close(server);
    if (!goes_on) break;
  }
  // Its number is taken back at the end, so that nobody else's connection is shut.
  ::shutdown(client, SHUT_RDWR);
}

// One request, and its answer.
bool FaultProxy::ServeOne(int client, int server, std::string* rest) {
  ProxiedRequest request;
  if (!ReceiveHead(client, rest, &request.head)) return false;
  request.number = ++requests_;
  request.method = request.head.substr(0, request.head.find(' '));
  request.target =
      request.head.substr(request.method.size() + 1,
                          request.head.find(' ', request.method.size() + 1) - request.method.size() - 1);
  MutexLock lock(mutex_);
  const auto faults = faults_;
  lock.unlock();
  const ProxyFault fault = faults ? faults(request) : ProxyFault();
  int64_t left = BodyLength(request.head, request.method, false);
  const bool forward = fault.kind == ProxyFault::Kind::kNone || fault.kind == ProxyFault::Kind::kCut;
  if (forward && !SendAll(server, request.head)) return false;
  if (left > 0 && !HeaderOf(request.head, "expect").empty() &&
      !SendAll(client, "HTTP/1.1 100 Continue\r\n\r\n"))
    return false;
  while (left > 0) {
    if (rest->empty() && !Receive(client, rest)) return false;
    const size_t now = std::min(rest->size(), static_cast<size_t>(left));
    if (forward && !SendAll(server, std::string_view(*rest).substr(0, now))) return false;
    rest->erase(0, now);
    left -= static_cast<int64_t>(now);
  }
  if (fault.kind == ProxyFault::Kind::kHang) {
    std::string nothing;
    while (Receive(client, &nothing)) continue;
    return false;
  }
  if (fault.kind == ProxyFault::Kind::kAnswer) {
    sent_ += static_cast<int64_t>(fault.answer.size());
    return SendAll(client, fault.answer);
  }
  std::string answer, head;
  do {
    if (!ReceiveHead(server, &answer, &head)) return false;
  } while (head.starts_with("HTTP/1.1 100"));
  if (!SendAll(client, head)) return false;
  sent_ += static_cast<int64_t>(head.size());
  left = BodyLength(head, request.method, true);
  int64_t passed = 0;
  while (left != 0) {
    if (answer.empty() && !Receive(server, &answer)) return false;
    size_t now = left < 0 ? answer.size() : std::min(answer.size(), static_cast<size_t>(left));
    if (fault.kind == ProxyFault::Kind::kCut)
      now = std::min(now, static_cast<size_t>(std::max<int64_t>(fault.bytes - passed, 0)));
    if (!SendAll(client, std::string_view(answer).substr(0, now))) return false;
    answer.erase(0, now);
    passed += static_cast<int64_t>(now);
    sent_ += static_cast<int64_t>(now);
    if (left > 0) left -= static_cast<int64_t>(now);
    if (fault.kind == ProxyFault::Kind::kCut && passed >= fault.bytes) return false;
  }
  return fault.kind != ProxyFault::Kind::kCut &&
         ::strcasecmp(HeaderOf(head, "connection").c_str(), "close") != 0;
}

}  // namespace crossface::testing
