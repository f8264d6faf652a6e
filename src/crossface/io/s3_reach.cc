#include "crossface/io/s3_reach.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>

#include <chrono>
#include <memory>
#include <thread>

#include "crossface/util/connect.h"

namespace crossface::io {
namespace {

using Clock = std::chrono::steady_clock;
// Of a connection, and of a handshake.
constexpr auto kLongest = std::chrono::seconds(5);
// A server that has just been started may not listen yet.
constexpr auto kTryFor = std::chrono::seconds(2);
constexpr auto kBetweenTries = std::chrono::milliseconds(200);

using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&::SSL_free)>;

struct Server {
  std::string name, port;
};

// Of "https://s3.example.org/path", "http://[::1]:7070".
Server ServerOf(const std::string& endpoint) {
  const size_t begin = endpoint.find("://") + 3;
  const std::string host = endpoint.substr(begin, endpoint.find('/', begin) - begin);
  const size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  Server server{has_port ? host.substr(0, colon) : host, has_port ? host.substr(colon + 1)
                                                         : std::string(endpoint, 0, 5) == "https" ? "443"
                                                                                                  : "80"};
  if (server.name.starts_with('[') && server.name.ends_with(']'))
    server.name = server.name.substr(1, server.name.size() - 2);
  return server;
}

Result<FileDescriptor> ConnectTo(const Server& server, const std::stop_token& stop) {
  const auto until = Clock::now() + kTryFor;
  while (true) {
    auto socket = Connect(server.name, server.port, Clock::now() + kLongest, stop);
    if (socket.ok() || socket.status().code() == StatusCode::kInterrupted) return socket;
    if (Clock::now() > until) return socket;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

bool IsAddress(const std::string& name) {
  in6_addr address;
  return ::inet_pton(AF_INET, name.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

Connection Prepare(SSL_CTX* context, const Server& server, const std::string& certificates, int socket) {
  Connection none(nullptr, &::SSL_free);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const bool trusting = certificates.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                             : SSL_CTX_load_verify_file(context, certificates.c_str()) == 1;
  Connection connection(trusting ? SSL_new(context) : nullptr, &::SSL_free);
  if (connection == nullptr || SSL_set_fd(connection.get(), socket) != 1) return none;
  if (IsAddress(server.name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.get()), server.name.c_str());
  } else {
    SSL_set1_host(connection.get(), server.name.c_str());
    SSL_set_tlsext_host_name(connection.get(), server.name.c_str());
  }
  return connection;
}

}  // namespace

Status ReachS3Server(const std::string& endpoint, const std::string& certificates,
                     const std::stop_token& stop) {
  const Server server = ServerOf(endpoint);
  const auto socket = ConnectTo(server, stop);
  if (socket.status().code() == StatusCode::kInterrupted) return socket.status();
  if (!socket.ok()) {
    return Status(StatusCode::kIo,
                  fmt::format("{} cannot be reached: {}", endpoint, socket.status().message()),
                  Remedy::kCheckServer);
  }
  if (!endpoint.starts_with("https://")) return Status();
  const auto until = Clock::now() + kLongest;
  const Context context(SSL_CTX_new(TLS_client_method()), &::SSL_CTX_free);
  const Connection connection = context == nullptr
                                    ? Connection(nullptr, &::SSL_free)
                                    : Prepare(context.get(), server, certificates, socket->get());
  if (connection == nullptr) return Status();
  ERR_clear_error();
  while (true) {
    const int result = SSL_connect(connection.get());
    if (result == 1) return Status();
    const int reason = SSL_get_error(connection.get(), result);
    if (reason == SSL_ERROR_SSL) {
      return Status(StatusCode::kIo, endpoint + " cannot be trusted, or speaks no TLS", Remedy::kTrustServer);
    }
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return Status();
    if (WaitForSocket(socket->get(), reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until, stop)) continue;
    return stop.stop_requested() ? Status(StatusCode::kInterrupted, "stopped") : Status();
  }
}

}  // namespace crossface::io
