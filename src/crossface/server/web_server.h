// The web page of a computer's cases and its API, for browsers and scripts on the same computer.
//
// Whoever has the token may look and change. Jobs go on as long as the server runs; what waits then is done
// by the next one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "crossface/app/job_request.h"
#include "crossface/server/http_server.h"
#include "crossface/util/status.h"

namespace crossface {

struct WebServerOptions {
  std::vector<std::filesystem::path> cases;
  std::filesystem::path folder_of_cases;     // where others are, and new ones are made; may be empty
  std::vector<std::filesystem::path> roots;  // that footage may be chosen from
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  JobMeans means;
  HttpLimits limits;
};

class WebServer {
 public:
  // Listens from then on. Errors: kInvalidArgument (a host other than this computer's own), those of the
  // folders and of HttpServer::Bind.
  static Result<std::unique_ptr<WebServer>> Open(const WebServerOptions& options);
  ~WebServer();

  int port() const;
  const std::string& token() const;
  // With the token: "http://127.0.0.1:8600/?token=...".
  std::string address() const;

  // Until Stop, which any thread may call. Connections and jobs are ended, within seconds.
  void Run();
  void Stop();

 private:
  class Impl;
  explicit WebServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
