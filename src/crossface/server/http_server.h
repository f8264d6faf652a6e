// The HTTP server: connections, limits and time-outs. What is asked and answered is others' business.
//
// A thread per connection, of a pool of bounded size; whoever comes when all are busy waits, and is refused
// when too many wait. Requests have a limit for every part of them, in bytes and in seconds.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossface/server/certificate.h"
#include "crossface/server/http.h"
#include "crossface/util/status.h"

namespace crossface {

struct HttpLimits {
  int header_seconds = 10;  // for the request line and all headers, and for the beginning of TLS
  int body_seconds = 120;   // for the whole body
  int idle_seconds = 5;     // between requests; shorter while others wait
  size_t header_bytes = 96 << 10;
  int threads = 64, waiting = 64;  // connections
};

class HttpServer {
 public:
  // Called with a request whose body was not read yet: sets who asks, or answers instead. Gives the most
  // bytes that its body may have.
  struct Admission {
    std::optional<HttpAnswer> answer;
    size_t most_body = 0;
  };
  using Admit = std::function<Admission(HttpRequest& request)>;
  using Handle = std::function<HttpAnswer(const HttpRequest& request)>;

  // Both are called from many threads at once. They must not throw what is no bug: that is answered by 500.
  // `headers` are in every answer that has not its own of that name.
  HttpServer(Admit admit, Handle handle, const std::vector<std::pair<std::string, std::string>>& headers = {},
             HttpLimits limits = {});
  ~HttpServer();

  // Speaks TLS (1.2 and later) from then on; call before Bind. Errors: kInvalidArgument for what is no
  // certificate with its key.
  Status UseTls(const Certificate& certificate);
  // Listens; port 0: any free one. Returns the port. Errors: kInvalidArgument (no such address),
  // kPermissionDenied, kIo (it is taken).
  Result<int> Bind(const std::string& host, int port);
  // Until Stop, at once where that was called before. After Bind.
  void Run();
  // Ends streams and idle connections at once, and the others when their answers are sent. Thread-safe; after
  // Bind.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
