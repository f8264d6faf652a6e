// Known people: who is enrolled, by which photos.
#include <nlohmann/json.hpp>

#include "crossface/app/json.h"
#include "crossface/app/photo_search.h"
#include "crossface/server/api.h"
#include "crossface/server/job_json.h"
#include "crossface/server/readers.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostName = 400, kMostPhotoName = 1000;  // bytes

HttpAnswer References(const CaseBrowser& browser, const HttpRequest& request) {
  if (const Status read = QueryReader(request).Finish(); !read.ok()) return ErrorAnswer(read);
  ReferencesAnswer answer;
  const Ending ending = CaseService(browser.case_folder()).References(&answer);
  return ending.status.ok() ? JsonAnswer(ToJson(answer)) : ErrorAnswer(ending.status);
}

HttpAnswer Changed(Api& api, const CaseBrowser& browser, const HttpRequest& request, const Ending& ending,
                   const EnrolAnswer& answer) {
  // Somebody else is writing.
  if (ending.status.code() == StatusCode::kIo) return JsonAnswer(ErrorFields(ending.status), 409);
  if (!ending.status.ok()) return ErrorAnswer(ending.status);
  const auto version = browser.Version();
  if (!version.ok()) return ErrorAnswer(version.status());
  Json fields = ToJson(answer);
  fields["version"] = *version;
  fields["job"] = nullptr;
  if (answer.to_group) {
    const auto job = api.jobs.AddOnce(browser.case_folder(), GroupJob{*answer.to_group});
    if (!job.ok()) return ErrorAnswer(job.status());
    fields["job"] = JobFields(*job, api.jobs.Progress(browser.case_folder(), job->id));
  }
  api.events.Tell("case", {{"case", request.at.at("case")}, {"version", *version}});
  return JsonAnswer(fields);
}

HttpAnswer Enrol(Api& api, const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  EnrolRequest asked{.name = query.Text("name", kMostName),
                     .face = static_cast<size_t>(query.Integer("face", 0, 10'000).value_or(0)),
                     .called = query.Text("photo", kMostPhotoName),
                     .insist = query.Flag("override"),
                     .group = false,
                     .by = request.user,
                     .models = api.means.models,
                     .device = api.means.device};
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  if (asked.called.empty()) asked.called = "photo";
  if (!request.Header("content-type").starts_with("image/"))
    return ErrorAnswer(415, "unsupported", "send the picture itself, as image/jpeg or the like");
  if (request.body.empty()) return ErrorAnswer(Status(StatusCode::kInvalidArgument, "there is no picture"));
  const MutexLock lock(api.searching);
  const LateExports::Way way(api.exports, browser.case_folder());
  EnrolAnswer answer;
  const Ending ending =
      EnrolByPhoto(CaseService(browser.case_folder()), request.body, asked, Watch(), &answer);
  return Changed(api, browser, request, ending, answer);
}

HttpAnswer Unenrol(Api& api, const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  const std::string name = query.Text("name", kMostName);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const LateExports::Way way(api.exports, browser.case_folder());
  EnrolAnswer answer;
  const Ending ending =
      CaseService(browser.case_folder()).Unenrol({.name = name, .group = false}, Watch(), &answer);
  return Changed(api, browser, request, ending, answer);
}

}  // namespace

void AddReferenceRoutes(Router& router, Api& api) {
  const auto with_api = [&api](auto handler) {
    return WithCase(api, [&api, handler](const CaseBrowser& browser, const HttpRequest& request) {
      return handler(api, browser, request);
    });
  };
  router.Add({"GET", "/cases/{case}/references", Role::kViewer, WithCase(api, References)});
  router.Add({"POST", "/cases/{case}/references", Role::kReviewer, with_api(Enrol), kMostPhoto});
  router.Add({"DELETE", "/cases/{case}/references", Role::kReviewer, with_api(Unenrol)});
}

}  // namespace crossface
