#include "crossface/server/request_guard.h"

#include <algorithm>

#include "crossface/util/text.h"

namespace crossface {
namespace {

// For requests whose handlers take no body.
constexpr size_t kLittle = 4096;

HttpAnswer Forbidden(const std::string& message) { return ErrorAnswer(403, "forbidden", message); }

bool IsApi(const std::string& path) {
  return path == kApiRoot || path.starts_with(std::string(kApiRoot) + '/');
}

}  // namespace

std::string CookieOf(const HttpRequest& request, const std::string& name) {
  const std::string cookies = "; " + request.Header("cookie"), start = "; " + name + '=';
  const size_t at = cookies.find(start);
  if (at == std::string::npos) return "";
  const size_t begin = at + start.size();
  return cookies.substr(begin, std::min(cookies.find(';', begin), cookies.size()) - begin);
}

// Another name that leads here is somebody's who wants the browser to take this server for theirs.
std::optional<HttpAnswer> RequestGuard::CheckHost(const HttpRequest& request) const {
  if (request.headers.count("host") == 1 && names_.contains(LowerAscii(request.Header("host"))))
    return std::nullopt;
  return Forbidden("this server is not called so");
}

// What a page of somebody else's makes the browser send.
std::optional<HttpAnswer> RequestGuard::CheckOrigin(const HttpRequest& request, bool by_cookie) const {
  if (request.Header("sec-fetch-site") == "cross-site" || request.Header("sec-fetch-site") == "same-site")
    return Forbidden("another page asked for this");
  if (request.method == "GET") return std::nullopt;
  const std::string origin = request.Header("origin");
  if (origin.empty() && !by_cookie) return std::nullopt;
  const bool own = std::any_of(names_.begin(), names_.end(),
                               [&](const std::string& name) { return origin == scheme_ + "://" + name; });
  if (own) return std::nullopt;
  return Forbidden("changes are taken from this server's own page, or with a token");
}

std::optional<HttpAnswer> RequestGuard::Identify(HttpRequest& request, bool* by_cookie) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string authorization = request.Header("authorization");
  if (!authorization.empty()) {
    const bool was_blocked = sessions_.IsBlocked();
    if (authorization.starts_with(kBearer) && request.headers.count("authorization") == 1 &&
        sessions_.IsToken(authorization.substr(kBearer.size()))) {
      request.role = Role::kReviewer;
      return std::nullopt;
    }
    if (was_blocked)
      return ErrorAnswer(429, "too many requests", "too many wrong tokens: wait a minute")
          .With("Retry-After", "60");
    return ErrorAnswer(401, "unauthorised", "this is not the token that the start of the server printed")
        .With("WWW-Authenticate", "Bearer");
  }
  *by_cookie = true;
  if (const auto session = sessions_.Find(CookieOf(request, cookie_))) {
    request.role = session->role;
    request.user = session->user;
  }
  return std::nullopt;
}

HttpServer::Admission RequestGuard::Admit(HttpRequest& request) const {
  if (auto refused = CheckHost(request)) return {std::move(refused)};
  if (!IsApi(request.path)) {
    if (request.method == "GET") return {std::nullopt, kLittle};
    return {ErrorAnswer(405, "method not allowed", "pages are only looked at").With("Allow", "GET, HEAD")};
  }
  bool by_cookie = false;
  if (auto refused = Identify(request, &by_cookie)) return {std::move(refused)};
  const Router::Found found = router_.Find(&request);
  if (found.route == nullptr && request.role == Role::kNobody && !found.other_method)
    return {ErrorAnswer(401, "unauthorised", "log in first").With("WWW-Authenticate", "Bearer")};
  if (found.other_method)
    return {
        ErrorAnswer(405, "method not allowed", "this is asked for otherwise").With("Allow", found.allowed)};
  if (found.route == nullptr) return {ErrorAnswer(404, "not found", "there is nothing of this name")};
  if (request.role < found.route->role) {
    if (request.role == Role::kNobody)
      return {ErrorAnswer(401, "unauthorised", "log in first").With("WWW-Authenticate", "Bearer")};
    return {Forbidden("a viewer looks and changes nothing")};
  }
  if (auto refused = CheckOrigin(request, by_cookie && found.route->role != Role::kNobody))
    return {std::move(refused)};
  const bool is_json = found.route->most_body == kMostJson;
  const std::string type = request.Header("content-type");
  if (is_json && type != "application/json" && !type.starts_with("application/json;"))
    return {ErrorAnswer(415, "unsupported", "the body is JSON: Content-Type: application/json")};
  return {std::nullopt, std::max(found.route->most_body, kLittle)};
}

}  // namespace crossface
