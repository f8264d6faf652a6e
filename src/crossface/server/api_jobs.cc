// Long work, and the folders that footage is chosen from.
#include <algorithm>
#include <array>

#include "crossface/app/browse_json.h"
#include "crossface/server/api.h"
#include "crossface/server/job_json.h"
#include "crossface/server/readers.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

using Json = nlohmann::json;
constexpr std::chrono::seconds kLookIntoFootage(3);
constexpr size_t kMostPath = 1000, kMostPaths = 50;

// What a job reads and writes lies below the roots.
struct CheckPaths {
  const FootageRoots& roots;
  Status operator()(const IdentifyJob& job) const { return roots.CheckSources(job.scan.sources); }
  Status operator()(const VerifyJob& job) const {
    return job.sources.empty() ? Status() : roots.Inside(job.sources).status();
  }
  Status operator()(const LocateRequest& job) const { return roots.Inside(job.place).status(); }
  Status operator()(const RedactRequest& job) const {
    if (!job.sources.empty()) CROSSFACE_RETURN_IF_ERROR(roots.Inside(job.sources).status());
    return roots.CheckNew(job.output);
  }
  Status operator()(const FormatsRequest& job) const { return roots.CheckNew(job.out); }
  template <typename Other>
  Status operator()(const Other&) const {
    return Status();
  }
};

HttpAnswer JobAnswer(Api& api, const CaseBrowser& browser, const Result<Job>& job, int status) {
  if (!job.ok()) return ErrorAnswer(job.status());
  return JsonAnswer(JobFields(*job, api.jobs.Progress(browser.case_folder(), job->id)), status);
}

HttpAnswer List(Api& api, const CaseBrowser& browser) {
  auto jobs = api.jobs.Jobs(browser.case_folder());
  if (!jobs.ok()) return ErrorAnswer(jobs.status());
  Json list = Json::array();
  std::reverse(jobs->begin(), jobs->end());
  for (const Job& job : *jobs)
    list.push_back(JobFields(job, api.jobs.Progress(browser.case_folder(), job.id)));
  return JsonAnswer({{"jobs", std::move(list)}});
}

HttpAnswer Start(Api& api, const CaseBrowser& browser, const HttpRequest& request) {
  const auto json = ReadJson(request);
  if (!json.ok()) return ErrorAnswer(json.status());
  const auto job = ParseJobRequest(*json);
  if (!job.ok()) return ErrorAnswer(job.status());
  if (const Status allowed = std::visit(CheckPaths{api.roots}, *job); !allowed.ok())
    return ErrorAnswer(allowed);
  return JobAnswer(api, browser, api.jobs.Add(browser.case_folder(), *job), 202);
}

Result<Job> Find(Api& api, const CaseBrowser& browser, int64_t id) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Job> jobs, api.jobs.Jobs(browser.case_folder()));
  const auto found = std::find_if(jobs.begin(), jobs.end(), [id](const Job& job) { return job.id == id; });
  if (found == jobs.end()) return Status(StatusCode::kNotFound, "there is no such job");
  return *found;
}

std::string_view KindName(FolderAnswer::Entry::Kind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"folder", "case", "video", "picture"};
  return kNames.at(static_cast<size_t>(kind));
}

Json PathOrNull(const std::optional<std::filesystem::path>& path) {
  return path ? Json(path->string()) : Json();
}

HttpAnswer Folder(Api& api, const HttpRequest& request) {
  QueryReader query(request);
  const std::string path = query.Text("path", kMostPath);
  const Page page = query.ReadPage();
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto folder = api.roots.List(path.empty() ? std::nullopt : std::optional<std::filesystem::path>(path),
                                     page, request.stop);
  if (!folder.ok()) return ErrorAnswer(folder.status());
  Json fields = PageFields(folder->entries.total, page);
  fields["path"] = PathOrNull(folder->path);
  fields["parent"] = PathOrNull(folder->parent);
  fields["entries"] = Json::array();
  for (const auto& entry : folder->entries.rows)
    fields["entries"].push_back({{"name", EscapeInvalidUtf8(entry.name)},
                                 {"path", entry.path.string()},
                                 {"kind", KindName(entry.kind)},
                                 {"bytes", entry.bytes}});
  return JsonAnswer(fields);
}

HttpAnswer Footage(Api& api, const HttpRequest& request) {
  QueryReader query(request);
  const std::vector<std::string> paths = query.Texts("path", kMostPaths, kMostPath);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto footage = api.roots.Count({paths.begin(), paths.end()},
                                       std::chrono::steady_clock::now() + kLookIntoFootage, request.stop);
  if (!footage.ok()) return ErrorAnswer(footage.status());
  return JsonAnswer({{"videos", footage->videos},
                     {"pictures", footage->pictures},
                     {"bytes", footage->bytes},
                     {"video_ms", footage->video_ms},
                     {"looked_into", footage->looked_into},
                     {"left_out", footage->left_out}});
}

}  // namespace

void AddJobRoutes(Router& router, Api& api) {
  const auto on = [&](const char* method, const char* pattern, Role role, auto handle, size_t body = 0) {
    const auto handler = [&api, handle](const CaseBrowser& browser, const HttpRequest& request) {
      QueryReader query(request);
      const Status read = query.Finish();
      return read.ok() ? handle(api, browser, request) : ErrorAnswer(read);
    };
    router.Add({method, pattern, role, WithCase(api, handler), body});
  };
  const auto change = [](auto how) {
    return [how](Api& api, const CaseBrowser& browser, const HttpRequest& request) {
      return JobAnswer(api, browser, (api.jobs.*how)(browser.case_folder(), IdAt(request, "job")), 202);
    };
  };
  on("GET", "/cases/{case}/jobs", Role::kViewer,
     [](Api& api, const CaseBrowser& browser, const HttpRequest&) { return List(api, browser); });
  on("POST", "/cases/{case}/jobs", Role::kReviewer, Start, kMostJson);
  on("GET", "/cases/{case}/jobs/{job}", Role::kViewer,
     [](Api& api, const CaseBrowser& browser, const HttpRequest& request) {
       return JobAnswer(api, browser, Find(api, browser, IdAt(request, "job")), 200);
     });
  on("POST", "/cases/{case}/jobs/{job}/cancel", Role::kReviewer, change(&JobRunner::Cancel));
  on("POST", "/cases/{case}/jobs/{job}/pause", Role::kReviewer, change(&JobRunner::Pause));
  on("POST", "/cases/{case}/jobs/{job}/resume", Role::kReviewer, change(&JobRunner::Resume));
}

void AddFolderRoutes(Router& router, Api& api) {
  router.Add({"GET", "/folders", Role::kReviewer,
              [&api](const HttpRequest& request) { return Folder(api, request); }});
  router.Add({"GET", "/footage", Role::kReviewer,
              [&api](const HttpRequest& request) { return Footage(api, request); }});
}

}  // namespace crossface
