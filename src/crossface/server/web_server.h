// The web page of a computer's cases and its API: for browsers and scripts on the same computer, and for
// users with passwords on others, by TLS alone.
//
// Whoever has the token may look and change, as may a user who is a reviewer; a viewer may look. Jobs go on
// as long as the server runs; what waits then is done by the next one.
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
  std::string host =
      "127.0.0.1";  // the address to listen on; other computers reach any but this computer's own
  int port = 0;     // 0: any free one
  std::vector<std::string> names;          // what else other computers call this one
  std::filesystem::path certificate, key;  // for TLS; both or neither
  std::filesystem::path tls_folder;  // of the server's own certificate, for other computers without the two
  std::filesystem::path users;       // their file, see Users
  JobMeans means;
  HttpLimits limits;
};

class WebServer {
 public:
  // Listens from then on. Errors: kInvalidArgument for a host that other computers reach while there are no
  // users; those of the certificate, the users, the folders and of HttpServer::Bind.
  static Result<std::unique_ptr<WebServer>> Open(const WebServerOptions& options);
  ~WebServer();

  int port() const;
  const std::string& token() const;
  // With the token: "http://127.0.0.1:8600/?token=...".
  std::string address() const;
  // Of the certificate, as browsers show it; empty without TLS.
  const std::string& certificate_sha256() const;

  // Until Stop, which any thread may call. Connections and jobs are ended, within seconds.
  void Run();
  void Stop();

 private:
  class Impl;
  explicit WebServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
