#include "crossface/server/web_server.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <thread>

#include "crossface/server/api.h"
#include "crossface/server/request_guard.h"
#include "crossface/server/web_page.h"
#include "crossface/util/mutex.h"

namespace crossface {
namespace {

constexpr std::chrono::seconds kLookForChanges(2);

// Nothing but what this server sends, no frame around it, and no guessing of types.
const std::vector<std::pair<std::string, std::string>> kSafety = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src "
     "'self' "
     "blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
     "base-uri "
     "'none'; form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"}};

Status CheckHost(const std::string& host) {
  if (host == "127.0.0.1" || host == "localhost" || host == "::1") return Status();
  return Status(
      StatusCode::kInvalidArgument,
      fmt::format("the page is for this computer alone (127.0.0.1), not for {}: from another one, go "
                  "through a tunnel such as ssh -L",
                  host));
}

std::set<std::string> NamesOf(int port) {
  std::set<std::string> names;
  for (const char* host : {"127.0.0.1", "localhost", "[::1]"}) names.insert(fmt::format("{}:{}", host, port));
  return names;
}

}  // namespace

class WebServer::Impl {
 public:
  Impl(const WebServerOptions& options, std::unique_ptr<CaseFolders> cases, FootageRoots roots)
      : cases_(std::move(cases)),
        roots_(std::move(roots)),
        sessions_(RandomHex(32)),
        events_(fmt::format("event: hello\ndata: {{\"instance\":\"{}\"}}\n\n", RandomHex(8))),
        proxies_([this](const auto& case_folder, int64_t source, const ProxyState& state) {
          TellProxy(case_folder, source, state);
        }),
        jobs_(options.means, &events_),
        http_([this](HttpRequest& request) { return guard_->Admit(request); },
              [this](const HttpRequest& request) { return Answer(request); }, kSafety, options.limits),
        host_(options.host),
        means_(options.means) {}

  Status Listen(int port) {
    CROSSFACE_ASSIGN_OR_RETURN(port_, http_.Bind(host_, port));
    const std::string cookie = fmt::format("crossface_{}", port_);
    api_.reset(new Api{*cases_, roots_, jobs_, proxies_, events_, sessions_, means_, cookie, {}});
    for (const auto add : {AddSessionRoutes, AddCaseRoutes, AddPeopleRoutes, AddFaceRoutes, AddSourceRoutes,
                           AddReviewRoutes, AddJobRoutes, AddFolderRoutes})
      add(router_, *api_);
    guard_ = std::make_unique<RequestGuard>(router_, sessions_, NamesOf(port_), cookie);
    watcher_ = std::jthread([this](const std::stop_token& ended) { Watch(ended); });
    return Status();
  }

  int port() const { return port_; }
  const std::string& token() const { return sessions_.token(); }
  std::string address() const {
    return fmt::format("http://{}:{}/?token={}", host_ == "::1" ? "[::1]" : host_, port_, token());
  }
  void Run() { http_.Run(); }
  void Stop() {
    events_.Stop();
    http_.Stop();
  }

 private:
  HttpAnswer Answer(const HttpRequest& from) {
    HttpRequest request = from;
    const Router::Found found = router_.Find(&request);
    if (found.route != nullptr) return found.route->handle(request);
    const auto token = request.query.find("token");
    if (request.path == "/" && token != request.query.end()) return BeginSession(token->second);
    return PageAnswer(request);
  }

  // The address that was printed: who opens it gets a cookie, and an address without the secret.
  HttpAnswer BeginSession(const std::string& token) {
    HttpAnswer answer{.status = 303, .type = ""};
    answer.With("Location", "/").With("Cache-Control", "no-store");
    if (const auto secret = sessions_.Begin(token))
      answer.With("Set-Cookie", api_->cookie + '=' + *secret + "; Path=/; HttpOnly; SameSite=Strict");
    return answer;
  }

  void TellProxy(const std::filesystem::path& case_folder, int64_t source, const ProxyState& state) {
    events_.Tell("proxy", {{"case", CaseId(case_folder)},
                           {"source", source},
                           {"proxy",
                            {{"state", ProxyKindName(state.kind)},
                             {"share", state.share},
                             {"message", state.message},
                             {"bytes", state.bytes}}}});
  }

  // Whatever changes a case, a job or another program, pages are told.
  void Watch(const std::stop_token& ended) {
    std::map<std::string, std::string> versions;
    std::set<std::string> adopted;
    Mutex mutex;
    Condition never;
    while (!ended.stop_requested()) {
      const bool anybody = events_.AnybodyFollows();
      for (const auto& [id, browser] : cases_->known()) {
        if (adopted.insert(id).second) jobs_.Adopt(browser->case_folder()).ok();
        if (!anybody) {
          versions.clear();
          continue;
        }
        const auto version = browser->Version();
        if (!version.ok()) continue;
        std::string& known = versions[id];
        // Who begins to follow is told how things stand.
        if (known != *version) events_.Tell("case", {{"case", id}, {"version", *version}});
        known = *version;
      }
      MutexLock lock(mutex);
      never.wait_for(lock, ended, kLookForChanges, [] { return false; });
    }
  }

  const std::unique_ptr<CaseFolders> cases_;
  const FootageRoots roots_;
  Sessions sessions_;
  Events events_;
  ProxyMaker proxies_;
  JobRunner jobs_;
  Router router_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<RequestGuard> guard_;
  std::jthread watcher_;
  HttpServer http_;  // ends before what its handlers use
  const std::string host_;
  const JobMeans means_;
  int port_ = 0;
};

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebServer::~WebServer() { impl_->Stop(); }

Result<std::unique_ptr<WebServer>> WebServer::Open(const WebServerOptions& options) {
  CROSSFACE_RETURN_IF_ERROR(CheckHost(options.host));
  CROSSFACE_ASSIGN_OR_RETURN(auto cases, CaseFolders::Open(options.cases, options.folder_of_cases));
  CROSSFACE_ASSIGN_OR_RETURN(FootageRoots roots, FootageRoots::Open(options.roots));
  auto impl = std::make_unique<Impl>(options, std::move(cases), std::move(roots));
  CROSSFACE_RETURN_IF_ERROR(impl->Listen(options.port));
  return std::unique_ptr<WebServer>(new WebServer(std::move(impl)));
}

int WebServer::port() const { return impl_->port(); }
const std::string& WebServer::token() const { return impl_->token(); }
std::string WebServer::address() const { return impl_->address(); }
void WebServer::Run() { impl_->Run(); }
void WebServer::Stop() { impl_->Stop(); }

}  // namespace crossface
