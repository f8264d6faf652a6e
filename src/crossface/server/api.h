// The web API: one handler per thing that can be asked, each a call into app/ and its answer as JSON.
// docs/openapi.json describes it.
#pragma once

#include <string>

#include "crossface/app/case_folders.h"
#include "crossface/app/footage_roots.h"
#include "crossface/app/job_runner.h"
#include "crossface/app/proxy_maker.h"
#include "crossface/server/events.h"
#include "crossface/server/router.h"
#include "crossface/server/sessions.h"
#include "crossface/util/mutex.h"

namespace crossface {

// What handlers work with. They run on many threads at once; all that is named here is thread-safe.
struct Api {
  CaseFolders& cases;
  const FootageRoots& roots;
  JobRunner& jobs;
  LateExports& exports;
  ProxyMaker& proxies;
  Events& events;
  Sessions& sessions;
  const JobMeans means;
  const std::string cookie, cookie_rules;  // its name, and what follows its value
  Mutex searching;                         // a search uses every processor
};

// Each adds the routes of its part. `api` must outlive the router.
void AddSessionRoutes(Router& router, Api& api);
void AddCaseRoutes(Router& router, Api& api);
void AddPeopleRoutes(Router& router, Api& api);
void AddFaceRoutes(Router& router, Api& api);
void AddSourceRoutes(Router& router, Api& api);
void AddReviewRoutes(Router& router, Api& api);
void AddReferenceRoutes(Router& router, Api& api);
void AddJobRoutes(Router& router, Api& api);
void AddFolderRoutes(Router& router, Api& api);
void AddLiveRoutes(Router& router, Api& api);

// A handler of what lies below a case: finds the case first.
using OnCase = std::function<HttpAnswer(const CaseBrowser& browser, const HttpRequest& request)>;
std::function<HttpAnswer(const HttpRequest&)> WithCase(Api& api, OnCase handle);

// The answer's JSON, or why there is none.
template <typename T, typename... Asked>
HttpAnswer JsonOf(const Result<T>& answer, const Asked&... asked) {
  return answer.ok() ? JsonAnswer(ToJson(*answer, asked...)) : ErrorAnswer(answer.status());
}

}  // namespace crossface
