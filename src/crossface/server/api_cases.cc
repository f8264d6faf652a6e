// Who is logged in, what there is, and cases as wholes.
#include <algorithm>

#include "crossface/app/browse_json.h"
#include "crossface/app/installation.h"
#include "crossface/server/api.h"
#include "crossface/server/openapi_json.h"
#include "crossface/server/readers.h"
#include "crossface/server/request_guard.h"
#include "crossface/util/text.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

Json SessionFields(const HttpRequest& request) {
  return {{"role", RoleName(request.role)}, {"name", request.user}};
}

HttpAnswer WithCookie(const Api& api, HttpAnswer answer, const std::string& secret) {
  return answer.With("Set-Cookie", api.cookie + '=' + secret + api.cookie_rules);
}

HttpAnswer LogInUser(Api& api, const HttpRequest& request, const std::string& name,
                     const std::string& password) {
  if (api.sessions.MustWait(request.from))
    return ErrorAnswer(429, "too many requests", "too many wrong passwords: wait a minute")
        .With("Retry-After", "60");
  const auto secret = api.sessions.BeginUser(name, password, request.from);
  if (!secret.ok()) return ErrorAnswer(secret.status());
  if (!*secret) return ErrorAnswer(401, "unauthorised", "there is no user of this name with this password");
  const auto session = api.sessions.Find(**secret);
  if (!session) return ErrorAnswer(401, "unauthorised", "this user was removed");
  return WithCookie(api, JsonAnswer({{"role", RoleName(session->role)}, {"name", session->user}}), **secret);
}

HttpAnswer LogIn(Api& api, const HttpRequest& request) {
  const auto json = ReadJson(request);
  if (!json.ok()) return ErrorAnswer(json.status());
  BodyReader body(*json);
  const std::string token = body.Text("token", false, 0, 200);
  const std::string name = body.Text("name", false, 0, 100);
  const std::string password = body.Text("password", false, 0, Users::kLongestPassword);
  if (const Status read = body.Finish(); !read.ok()) return ErrorAnswer(read);
  if (token.empty() && !name.empty()) return LogInUser(api, request, name, password);
  const bool was_blocked = api.sessions.IsBlocked();
  const auto secret = api.sessions.Begin(token);
  if (!secret && was_blocked)
    return ErrorAnswer(429, "too many requests", "too many wrong tokens: wait a minute")
        .With("Retry-After", "60");
  if (!secret)
    return ErrorAnswer(401, "unauthorised", "this is not the token that the start of the server printed");
  return WithCookie(api, JsonAnswer({{"role", "reviewer"}, {"name", ""}}), *secret);
}

HttpAnswer LogOut(Api& api, const HttpRequest& request) {
  if (const std::string secret = CookieOf(request, api.cookie); !secret.empty()) api.sessions.End(secret);
  HttpAnswer answer{.status = 204, .type = ""};
  return answer.With("Set-Cookie", api.cookie + '=' + api.cookie_rules + "; Max-Age=0");
}

HttpAnswer About(Api& api) {
  const InstallationFacts facts = DescribeInstallation(api.means.models);
  Json roots = Json::array();
  for (const auto& root : api.roots.roots()) roots.push_back(DisplayPath(root));
  const auto& folder = api.cases.folder_of_cases();
  return JsonAnswer({{"version", kVersion},
                     {"roots", std::move(roots)},
                     {"new_cases", folder.empty() ? Json() : Json(DisplayPath(folder))},
                     {"methods", facts.methods},
                     {"profiles", facts.profiles},
                     {"formats", facts.formats},
                     {"device", api.means.device},
                     {"processors", facts.processors},
                     {"missing_models", facts.missing_models},
                     {"ready", facts.ready}});
}

Json Fields(const CaseEntry& entry) {
  return {{"id", entry.id},
          {"name", EscapeInvalidUtf8(entry.folder.filename().string())},
          {"folder", DisplayPath(entry.folder)},
          {"bytes", entry.bytes},
          {"problem", entry.problem.empty() ? Json() : Json(entry.problem)}};
}

HttpAnswer ListCases(Api& api) {
  Json cases = Json::array();
  for (const CaseEntry& entry : api.cases.List()) cases.push_back(Fields(entry));
  return JsonAnswer({{"cases", std::move(cases)}});
}

HttpAnswer CreateCase(Api& api, const HttpRequest& request) {
  const auto json = ReadJson(request);
  if (!json.ok()) return ErrorAnswer(json.status());
  BodyReader body(*json);
  const std::string name = body.Text("name", true, 1, 100);
  if (const Status read = body.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto made = api.cases.Create(name);
  if (!made.ok()) return ErrorAnswer(made.status());
  api.events.Tell("cases", Json::object());
  return JsonAnswer(Fields(*made), 201);
}

HttpAnswer Overview(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto overview = browser.Overview();
  if (!overview.ok()) return ErrorAnswer(overview.status());
  Json fields = ToJson(*overview);
  fields["id"] = request.at.at("case");
  fields["name"] = EscapeInvalidUtf8(browser.case_folder().filename().string());
  fields["folder"] = DisplayPath(browser.case_folder());
  return JsonAnswer(fields);
}

HttpAnswer Description() {
  HttpAnswer answer{.body = std::string(kOpenApi)};
  return answer.With("Cache-Control", "no-cache");
}

// For handlers that take no parameters.
template <typename Handle>
auto WithoutQuery(const Handle& handle) {
  return [handle](const HttpRequest& request) {
    QueryReader query(request);
    const Status read = query.Finish();
    return read.ok() ? handle(request) : ErrorAnswer(read);
  };
}

}  // namespace

std::function<HttpAnswer(const HttpRequest&)> WithCase(Api& api, OnCase handle) {
  return [&api, handle = std::move(handle)](const HttpRequest& request) {
    const auto browser = api.cases.Find(request.at.at("case"));
    return browser.ok() ? handle(**browser, request) : ErrorAnswer(browser.status());
  };
}

void AddSessionRoutes(Router& router, Api& api) {
  const auto on = [&](const char* method, const char* pattern, Role role, auto handle, size_t body = 0) {
    router.Add({method, pattern, role, WithoutQuery(handle), body});
  };
  on("GET", "/openapi.json", Role::kNobody, [](const HttpRequest&) { return Description(); });
  on(
      "POST", "/session", Role::kNobody, [&api](const HttpRequest& r) { return LogIn(api, r); }, kMostJson);
  on("GET", "/session", Role::kViewer, [](const HttpRequest& r) { return JsonAnswer(SessionFields(r)); });
  on("DELETE", "/session", Role::kViewer, [&api](const HttpRequest& r) { return LogOut(api, r); });
  on("GET", "/about", Role::kViewer, [&api](const HttpRequest&) { return About(api); });
  on("GET", "/events", Role::kViewer, [&api](const HttpRequest&) {
    HttpAnswer answer{.type = "text/event-stream", .stream = api.events.Follow()};
    if (!answer.stream) return ErrorAnswer(503, "too many requests", "too many pages are open");
    return answer.With("Cache-Control", "no-store");
  });
}

void AddCaseRoutes(Router& router, Api& api) {
  router.Add(
      {"GET", "/cases", Role::kViewer, WithoutQuery([&api](const HttpRequest&) { return ListCases(api); })});
  router.Add({"POST", "/cases", Role::kReviewer,
              WithoutQuery([&api](const HttpRequest& r) { return CreateCase(api, r); }), kMostJson});
  router.Add({"GET", "/cases/{case}", Role::kViewer, WithCase(api, Overview)});
}

}  // namespace crossface
