// Looks at a request before anything of it is obeyed: is it meant for this server, from its own page, by
// somebody who may? Thread-safe.
#pragma once

#include <set>
#include <string>

#include "crossface/server/http_server.h"
#include "crossface/server/router.h"
#include "crossface/server/sessions.h"

namespace crossface {

class RequestGuard {
 public:
  // `scheme`: "http" or "https". `names`: what the server is called in addresses, with port
  // ("127.0.0.1:8600"), in lower case. All must outlive it.
  RequestGuard(const Router& router, Sessions& sessions, std::string scheme, std::set<std::string> names,
               std::string cookie)
      : router_(router),
        sessions_(sessions),
        scheme_(std::move(scheme)),
        names_(std::move(names)),
        cookie_(std::move(cookie)) {}

  HttpServer::Admission Admit(HttpRequest& request) const;

 private:
  std::optional<HttpAnswer> CheckHost(const HttpRequest& request) const;
  std::optional<HttpAnswer> CheckOrigin(const HttpRequest& request, bool by_cookie) const;
  // Sets who asks. True in `by_cookie` when the browser said so by itself.
  std::optional<HttpAnswer> Identify(HttpRequest& request, bool* by_cookie) const;

  const Router& router_;
  Sessions& sessions_;
  const std::string scheme_;
  const std::set<std::string> names_;
  const std::string cookie_;
};

// The value of a cookie of the request; empty where it has none of this name.
std::string CookieOf(const HttpRequest& request, const std::string& name);

}  // namespace crossface
