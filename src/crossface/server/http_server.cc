#include "crossface/server/http_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <span>

#include "crossface/server/asker_watch.h"
#include "crossface/util/status.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMostBody = 64 << 20;
constexpr int kWriteSeconds = 30;
constexpr size_t kRequestsOfAConnection = 1000;
constexpr size_t kBlock = 64 << 10;
constexpr char kRequestKey[] = "request";

// A connection that gives up on who sends a request too slowly, or too much of a header.
class GuardedStream final : public httplib::Stream {
 public:
  // `tls`: nullptr where there is none.
  GuardedStream(socket_t socket, SSL* tls, const HttpLimits& limits)
      : stream_(Open(socket, tls, limits)),
        limits_(limits),
        until_(Clock::now() + seconds(limits.header_seconds)) {}

  // The headers are read: what comes now is the body.
  void BeginBody() {
    in_header_ = false;
    until_ = Clock::now() + seconds(limits_.body_seconds);
  }

  bool is_readable() const override { return stream_->is_readable(); }
  bool wait_readable() const override { return Clock::now() < until_ && stream_->wait_readable(); }
  bool wait_writable() const override { return stream_->wait_writable(); }
  bool is_peer_alive() const override { return stream_->is_peer_alive(); }
  ssize_t read(char* bytes, size_t size) override {
    if (in_header_ && read_ >= limits_.header_bytes) return -1;
    const auto left = std::chrono::duration_cast<milliseconds>(until_ - Clock::now()).count();
    if (left <= 0) return -1;
    stream_->set_read_timeout(left / 1000, left % 1000 * 1000);
    const ssize_t count = stream_->read(bytes, size);
    if (in_header_ && count > 0) read_ += static_cast<size_t>(count);
    return count;
  }
  ssize_t write(const char* bytes, size_t size) override { return stream_->write(bytes, size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    stream_->get_remote_ip_and_port(ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    stream_->get_local_ip_and_port(ip, port);
  }
  socket_t socket() const override { return stream_->socket(); }
  time_t duration() const override { return stream_->duration(); }

 private:
  static std::unique_ptr<httplib::Stream> Open(socket_t socket, SSL* tls, const HttpLimits& limits) {
    if (tls == nullptr)
      return std::make_unique<httplib::detail::SocketStream>(socket, limits.header_seconds, 0, kWriteSeconds,
                                                             0);
    return std::make_unique<httplib::detail::SSLSocketStream>(socket, tls, limits.header_seconds, 0,
                                                              kWriteSeconds, 0);
  }

  const std::unique_ptr<httplib::Stream> stream_;
  const HttpLimits limits_;
  Clock::time_point until_;
  bool in_header_ = true;
  size_t read_ = 0;
};

struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Tls = std::unique_ptr<SSL, FreeTls>;

// The beginning of a TLS connection; nothing where it does not come about in time, however often the other
// end sends a little. The library's own has a limit for each of its steps alone.
Tls AcceptTls(SSL_CTX* context, socket_t socket, seconds most) {
  Tls tls(SSL_new(context));
  if (tls == nullptr || SSL_set_fd(tls.get(), socket) != 1) return nullptr;
  httplib::detail::set_nonblocking(socket, true);
  const Clock::time_point until = Clock::now() + most;
  int result = 0;
  while ((result = SSL_accept(tls.get())) != 1) {
    const int wants = SSL_get_error(tls.get(), result);
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now()).count();
    if ((wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) || left <= 0) break;
    pollfd waiting{.fd = socket,
                   .events = static_cast<short>(wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)};
    if (::poll(&waiting, 1, static_cast<int>(left)) <= 0) break;
  }
  ERR_clear_error();
  httplib::detail::set_nonblocking(socket, false);
  return result == 1 ? std::move(tls) : nullptr;
}

HttpRequest Translate(const httplib::Request& from) {
  HttpRequest request{
      .method = from.method == "HEAD" ? "GET" : from.method, .path = from.path, .from = from.remote_addr};
  for (const auto& [name, value] : from.params) request.query.emplace(name, value);
  for (const auto& [name, value] : from.headers) request.headers.emplace(LowerAscii(name), value);
  return request;
}

// Sends the part of the file that the library asks for.
void SendFile(OpenedMedia media, const std::string& type, httplib::Response& to) {
  const std::shared_ptr<const io::ByteSource> bytes = std::move(media.bytes);
  const auto provide = [bytes](size_t offset, size_t length, httplib::DataSink& sink) {
    char block[kBlock];
    const auto buffer = std::as_writable_bytes(std::span(block).first(std::min(length, sizeof block)));
    const auto count = bytes->ReadAt(static_cast<int64_t>(offset), buffer);
    return count.ok() && *count > 0 && sink.write(block, *count);
  };
  to.set_content_provider(static_cast<size_t>(bytes->size()), type, provide);
}

void SendStream(std::function<bool(std::string*)> stream, const std::string& type, httplib::Response& to) {
  to.set_chunked_content_provider(type, [next = std::move(stream)](size_t, httplib::DataSink& sink) {
    std::string bytes;
    const bool more = next(&bytes);
    if (!more) {
      sink.done();
      return true;
    }
    return bytes.empty() ? sink.is_writable() : sink.write(bytes.data(), bytes.size());
  });
}

void Fill(HttpAnswer answer, httplib::Response& to) {
  to.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    to.headers.erase(name);  // a default
    to.set_header(name, value);
  }
  if (answer.file) {
    // 206 where a part is asked for.
    if (answer.status == 200) to.status = -1;
    to.set_header("Accept-Ranges", "bytes");
    SendFile(*std::move(answer.file), answer.type, to);
  } else if (answer.stream) {
    SendStream(std::move(answer.stream), answer.type, to);
  } else if (!answer.type.empty()) {
    to.set_content(std::move(answer.body), answer.type);
  }
}

std::string_view CodeOf(int status) {
  switch (status) {
    case 404:
      return "not found";
    case 413:
    case 414:
    case 431:
      return "too large";
    case 415:
      return "unsupported";
    default:
      return status >= 500 ? "internal error" : "invalid argument";
  }
}

}  // namespace

class HttpServer::Impl final : public httplib::Server {
 public:
  Impl(Admit admit, Handle handle, HttpLimits limits)
      : admit_(std::move(admit)), handle_(std::move(handle)), limits_(limits) {
    new_task_queue = [this] {
      return new httplib::ThreadPool(8, static_cast<size_t>(limits_.threads),
                                     static_cast<size_t>(limits_.waiting));
    };
    // Nobody else may listen on the same port.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    set_payload_max_length(kMostBody);
    set_write_timeout(kWriteSeconds);
    set_pre_routing_handler(
        [this](const httplib::Request& from, httplib::Response& to) { return Before(from, to); });
    const auto handle_any = [this](const httplib::Request& from, httplib::Response& to) { Answer(from, to); };
    Get(".*", handle_any);
    Post(".*", handle_any);
    Delete(".*", handle_any);
    set_error_handler([](const httplib::Request&, httplib::Response& to) {
      if (!to.body.empty() || to.status < 400) return;
      Fill(ErrorAnswer(to.status, std::string(CodeOf(to.status)), httplib::status_message(to.status)), to);
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& to, const std::exception_ptr&) {
      Fill(ErrorAnswer(500, "internal error", "this is a mistake of the program"), to);
    });
  }

  // The library's own stop does nothing before its loop has begun: whoever was asked to end between listening
  // and running would run for ever.
  void Stop() {
    stopping_ = true;
    askers_.StopAll();
    const socket_t listening = svr_sock_.exchange(INVALID_SOCKET);
    if (listening == INVALID_SOCKET) return;
    httplib::detail::shutdown_socket(listening);
    httplib::detail::close_socket(listening);
  }

  Status UseTls(const Certificate& certificate) {
    const std::unique_ptr<SSL_CTX, FreeTls> context(SSL_CTX_new(TLS_server_method()));
    if (context == nullptr) throw std::runtime_error("OpenSSL offers no TLS");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (!httplib::tls::set_server_cert_pem(context.get(), certificate.certificate_pem.c_str(),
                                           certificate.key_pem.c_str(), nullptr))
      return {StatusCode::kInvalidArgument, "the certificate and its key cannot be used for TLS"};
    SSL_CTX_up_ref(context.get());
    tls_context_.reset(context.get());
    return {};
  }

 private:
  HandlerResponse Before(const httplib::Request& from, httplib::Response& to) {
    auto request = std::make_shared<HttpRequest>(Translate(from));
    if (auto problem = BodyProblem(from)) {
      Fill(*std::move(problem), to);
      return HandlerResponse::Handled;
    }
    Admission admission = admit_(*request);
    if (!admission.answer && from.get_header_value_u64("Content-Length") > admission.most_body)
      admission.answer =
          ErrorAnswer(413, "too large", fmt::format("at most {} bytes are taken here", admission.most_body));
    if (admission.answer) {
      Fill(*std::move(admission.answer), to);
      return HandlerResponse::Handled;
    }
    to.user_data.set(kRequestKey, std::move(request));
    return HandlerResponse::Unhandled;
  }

  // A request that does not say how long its body is has none (RFC 9112, 6.3). The HTTP library waits for one
  // all the same when it has answered, and takes the connection's next request for it.
  static void SayThatThereIsNoBody(httplib::Request* request) {
    if (!request->has_header("Content-Length") && !request->has_header("Transfer-Encoding"))
      request->headers.emplace("Content-Length", "0");
  }

  // Ways to say how long a body is that two programs may understand differently.
  static std::optional<HttpAnswer> BodyProblem(const httplib::Request& from) {
    if (from.has_header("Transfer-Encoding"))
      return ErrorAnswer(411, "invalid argument", "say how long the body is: Content-Length");
    if (from.get_header_value_count("Content-Length") > 1)
      return ErrorAnswer(400, "invalid argument", "Content-Length is there twice");
    if (from.has_header("Content-Encoding"))
      return ErrorAnswer(415, "unsupported", "bodies are taken as they are, not packed");
    if (from.has_header("Upgrade"))
      return ErrorAnswer(400, "invalid argument", "no other protocol is spoken here");
    return std::nullopt;
  }

  void Answer(const httplib::Request& from, httplib::Response& to) {
    auto* request = to.user_data.get<std::shared_ptr<HttpRequest>>(kRequestKey);
    if (request == nullptr) throw std::logic_error("a request that was not admitted");
    (*request)->body = from.body;
    const AskerWatch::Work work(askers_, from.is_connection_closed);
    (*request)->stop = work.stop();
    Fill(handle_(**request), to);
  }

  // A request at a time until the connection ends.
  bool process_and_close_socket(socket_t socket) override {
    ++connections_;
    std::string from, here;
    int from_port = 0, here_port = 0;
    httplib::detail::get_remote_ip_and_port(socket, from, from_port);
    httplib::detail::get_local_ip_and_port(socket, here, here_port);
    bool went_well = false;
    const Tls tls = tls_context_ == nullptr
                        ? nullptr
                        : AcceptTls(tls_context_.get(), socket, seconds(limits_.header_seconds));
    const bool begun = tls != nullptr || tls_context_ == nullptr;
    for (size_t left = begun ? kRequestsOfAConnection : 0; left > 0 && WaitForRequest(socket, tls.get());
         --left) {
      GuardedStream stream(socket, tls.get(), limits_);
      bool closed = false;
      went_well = process_request(stream, from, from_port, here, here_port, left == 1 || stopping_, closed,
                                  [&](httplib::Request& request) {
                                    stream.BeginBody();
                                    SayThatThereIsNoBody(&request);
                                    // Only films are sent in parts.
                                    if (!request.path.ends_with("/media")) request.ranges.clear();
                                  });
      if (!went_well || closed) break;
    }
    if (tls != nullptr && went_well) SSL_shutdown(tls.get());
    httplib::detail::shutdown_socket(socket);
    httplib::detail::close_socket(socket);
    --connections_;
    return went_well;
  }

  // Who is idle while others wait has to come again.
  bool WaitForRequest(socket_t socket, SSL* tls) const {
    const auto begin = Clock::now();
    while (!stopping_) {
      if (tls != nullptr && SSL_pending(tls) > 0) return true;
      if (httplib::detail::select_read(socket, 0, 50'000) > 0) return true;
      const bool crowded = connections_ * 4 > limits_.threads * 3;
      if (Clock::now() - begin > (crowded ? milliseconds(200) : seconds(limits_.idle_seconds))) return false;
    }
    return false;
  }

  const Admit admit_;
  const Handle handle_;
  const HttpLimits limits_;
  std::unique_ptr<SSL_CTX, FreeTls> tls_context_;
  AskerWatch askers_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
};

HttpServer::HttpServer(Admit admit, Handle handle,
                       const std::vector<std::pair<std::string, std::string>>& headers, HttpLimits limits)
    : impl_(std::make_unique<Impl>(std::move(admit), std::move(handle), limits)) {
  impl_->set_default_headers({headers.begin(), headers.end()});
}

HttpServer::~HttpServer() { impl_->Stop(); }

Status HttpServer::UseTls(const Certificate& certificate) { return impl_->UseTls(certificate); }

Result<int> HttpServer::Bind(const std::string& host, int port) {
  errno = 0;
  if (port == 0) {
    const int bound = impl_->bind_to_any_port(host);
    if (bound > 0) return bound;
  } else if (impl_->bind_to_port(host, port)) {
    return port;
  }
  return ErrnoStatus(errno == 0 ? EADDRNOTAVAIL : errno, fmt::format("cannot listen on {}:{}", host, port));
}

void HttpServer::Run() { impl_->listen_after_bind(); }

void HttpServer::Stop() { impl_->Stop(); }

}  // namespace crossface
