#include "crossface/io/s3_trust.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>

#include <chrono>
#include <memory>

#include "crossface/util/connect.h"

namespace crossface::io {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLongest = std::chrono::seconds(5);

using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&::SSL_free)>;

struct Server {
  std::string name, port;
};

Server ServerOf(const std::string& host) {
  const size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  Server server{has_port ? host.substr(0, colon) : host, has_port ? host.substr(colon + 1) : "443"};
  if (server.name.starts_with('[') && server.name.ends_with(']'))
    server.name = server.name.substr(1, server.name.size() - 2);
  return server;
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

Result<bool> MayBeTrusted(const std::string& host, const std::string& certificates,
                          const std::stop_token& stop) {
  const auto until = Clock::now() + kLongest;
  const Server server = ServerOf(host);
  const auto socket = Connect(server.name, server.port, until, stop);
  if (socket.status().code() == StatusCode::kInterrupted) return socket.status();
  const Context context(SSL_CTX_new(TLS_client_method()), &::SSL_CTX_free);
  if (!socket.ok() || context == nullptr) return true;
  const Connection connection = Prepare(context.get(), server, certificates, socket->get());
  if (connection == nullptr) return true;
  ERR_clear_error();
  while (true) {
    const int result = SSL_connect(connection.get());
    if (result == 1) return true;
    const int reason = SSL_get_error(connection.get(), result);
    if (reason == SSL_ERROR_SSL) return false;
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return true;
    if (WaitForSocket(socket->get(), reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until, stop)) continue;
    return stop.stop_requested() ? Result<bool>(Status(StatusCode::kInterrupted, "stopped"))
                                 : Result<bool>(true);
  }
}

}  // namespace crossface::io
