#include "crossface/server/web_server.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <thread>

#include "crossface/app/live_board.h"
#include "crossface/server/api.h"
#include "crossface/server/host_names.h"
#include "crossface/server/request_guard.h"
#include "crossface/server/users.h"
#include "crossface/server/web_page.h"
#include "crossface/util/mutex.h"

namespace crossface {
namespace {

constexpr std::chrono::seconds kLookForChanges(2);
// Who is seen by a running watch is wanted at once; a case without one costs a look into an empty place.
constexpr std::chrono::milliseconds kLookForWatches(500);

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

bool IsThisComputer(const std::string& host) {
  return host == "127.0.0.1" || host == "localhost" || host == "::1";
}

// Passwords and faces of others go through the network: there must be users, and TLS.
Result<std::optional<Certificate>> PrepareForOthers(const WebServerOptions& options, Users& users) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<User> known, users.List());
  const bool others = !IsThisComputer(options.host);
  if (others && known.empty())
    return Status(
        StatusCode::kInvalidArgument,
        fmt::format("{} can be reached from other computers, and there are no users who may: add one "
                    "with a password first, or go through a tunnel such as ssh -L",
                    options.host));
  if (options.certificate.empty() != options.key.empty())
    return Status(StatusCode::kInvalidArgument, "a certificate needs its key, and a key its certificate");
  if (!options.certificate.empty()) {
    CROSSFACE_ASSIGN_OR_RETURN(Certificate read, ReadCertificate(options.certificate, options.key));
    return std::optional(std::move(read));
  }
  if (!others) return std::optional<Certificate>();
  CROSSFACE_ASSIGN_OR_RETURN(Certificate own,
                             OwnCertificate(options.tls_folder, HostNames(options.host, options.names)));
  return std::optional(std::move(own));
}

}  // namespace

class WebServer::Impl {
 public:
  Impl(const WebServerOptions& options, std::unique_ptr<CaseFolders> cases, FootageRoots roots)
      : cases_(std::move(cases)),
        roots_(std::move(roots)),
        users_(options.users),
        sessions_(RandomHex(32), users_),
        events_(fmt::format("event: hello\ndata: {{\"instance\":\"{}\"}}\n\n", RandomHex(8))),
        proxies_([this](const auto& case_folder, int64_t source, const ProxyState& state) {
          TellProxy(case_folder, source, state);
        }),
        jobs_(options.means, &events_, &exports_),
        http_([this](HttpRequest& request) { return guard_->Admit(request); },
              [this](const HttpRequest& request) { return Answer(request); }, kSafety, options.limits),
        names_(HostNames(options.host, options.names)),
        means_(options.means) {}

  Status Listen(const WebServerOptions& options) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Certificate> certificate,
                               PrepareForOthers(options, users_));
    if (certificate) {
      CROSSFACE_RETURN_IF_ERROR(http_.UseTls(*certificate));
      scheme_ = "https";
      certificate_sha256_ = certificate->sha256;
    }
    CROSSFACE_ASSIGN_OR_RETURN(port_, http_.Bind(options.host, options.port));
    const std::string cookie = fmt::format("crossface_{}", port_);
    const std::string rules =
        std::string("; Path=/; HttpOnly; SameSite=Strict") + (certificate ? "; Secure" : "");
    api_.reset(
        new Api{*cases_, roots_, jobs_, exports_, proxies_, events_, sessions_, means_, cookie, rules, {}});
    for (const auto add : {AddSessionRoutes, AddCaseRoutes, AddPeopleRoutes, AddFaceRoutes, AddSourceRoutes,
                           AddReviewRoutes, AddReferenceRoutes, AddJobRoutes, AddFolderRoutes, AddLiveRoutes})
      add(router_, *api_);
    guard_ = std::make_unique<RequestGuard>(router_, sessions_, scheme_, WithPort(names_, port_), cookie);
    watcher_ = std::jthread([this](const std::stop_token& ended) { Watch(ended); });
    return Status();
  }

  int port() const { return port_; }
  const std::string& token() const { return sessions_.token(); }
  std::string address() const {
    return fmt::format("{}://{}:{}/?token={}", scheme_, InAddress(names_.front()), port_, token());
  }
  const std::string& certificate_sha256() const { return certificate_sha256_; }
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
      answer.With("Set-Cookie", api_->cookie + '=' + *secret + api_->cookie_rules);
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
    using Clock = std::chrono::steady_clock;
    Clock::time_point look_for_changes;
    Mutex mutex;
    Condition never;
    while (!ended.stop_requested()) {
      const bool anybody = events_.AnybodyFollows(), due = Clock::now() >= look_for_changes;
      if (due) look_for_changes = Clock::now() + kLookForChanges;
      if (!anybody) versions_.clear(), watches_.clear();
      for (const auto& [id, browser] : cases_->known()) {
        if (due) Adopt(id, *browser);
        if (anybody && due) TellVersion(id, *browser);
        if (anybody) TellWatches(id, *browser);
      }
      MutexLock lock(mutex);
      never.wait_for(lock, ended, kLookForWatches, [] { return false; });
    }
  }

  void Adopt(const std::string& id, const CaseBrowser& browser) {
    if (!adopted_.insert(id).second) return;
    jobs_.Adopt(browser.case_folder()).ok();
    exports_.Adopt(browser.case_folder());
  }

  // Who begins to follow is told how things stand.
  void TellVersion(const std::string& id, const CaseBrowser& browser) {
    const auto version = browser.Version();
    if (!version.ok()) return;
    std::string& known = versions_[id];
    if (known != *version) events_.Tell("case", {{"case", id}, {"version", *version}});
    known = *version;
  }

  void TellWatches(const std::string& id, const CaseBrowser& browser) {
    auto boards = ReadLiveBoards(browser.case_folder());
    if (!boards.ok()) return;
    nlohmann::json& known = watches_[id];
    // Of a case without a watch there is nothing to tell, but that one is over.
    const bool news = known.is_null() ? !(*boards)["watches"].empty() : known != *boards;
    known = *boards;
    if (!news) return;
    (*boards)["case"] = id;
    events_.Tell("live", *boards);
  }

  const std::unique_ptr<CaseFolders> cases_;
  const FootageRoots roots_;
  Users users_;
  Sessions sessions_;
  Events events_;
  ProxyMaker proxies_;
  LateExports exports_;
  JobRunner jobs_;
  Router router_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<RequestGuard> guard_;
  // Of the watcher alone, by case.
  std::map<std::string, std::string> versions_;
  std::map<std::string, nlohmann::json> watches_;
  std::set<std::string> adopted_;
  std::jthread watcher_;
  HttpServer http_;                       // ends before what its handlers use
  const std::vector<std::string> names_;  // of this computer; the first is for addresses
  std::string scheme_ = "http", certificate_sha256_;
  const JobMeans means_;
  int port_ = 0;
};

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebServer::~WebServer() { impl_->Stop(); }

Result<std::unique_ptr<WebServer>> WebServer::Open(const WebServerOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(auto cases, CaseFolders::Open(options.cases, options.folder_of_cases));
  CROSSFACE_ASSIGN_OR_RETURN(FootageRoots roots, FootageRoots::Open(options.roots));
  auto impl = std::make_unique<Impl>(options, std::move(cases), std::move(roots));
  CROSSFACE_RETURN_IF_ERROR(impl->Listen(options));
  return std::unique_ptr<WebServer>(new WebServer(std::move(impl)));
}

int WebServer::port() const { return impl_->port(); }
const std::string& WebServer::token() const { return impl_->token(); }
std::string WebServer::address() const { return impl_->address(); }
const std::string& WebServer::certificate_sha256() const { return impl_->certificate_sha256(); }
void WebServer::Run() { impl_->Run(); }
void WebServer::Stop() { impl_->Stop(); }

}  // namespace crossface
