// People, and where and when each is seen.
#include "crossface/app/browse_json.h"
#include "crossface/server/api.h"
#include "crossface/server/pictures.h"
#include "crossface/server/readers.h"

namespace crossface {
namespace {

HttpAnswer People(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  PeopleAsked asked;
  asked.sort = static_cast<PeopleAsked::Sort>(query.Word("sort", {"screen_time", "name", "first_seen"}));
  const auto which = [&](const char* name, PeopleAsked::Which otherwise) {
    if (request.query.find(name) == request.query.end()) return otherwise;
    return static_cast<PeopleAsked::Which>(query.Word(name, {"all", "yes", "no"}));
  };
  asked.ignored = which("ignored", PeopleAsked::Which::kNo);
  asked.named = which("named", PeopleAsked::Which::kAll);
  asked.text = query.Text("text", 100);
  const Page page = query.ReadPage();
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.People(asked, page), page);
}

HttpAnswer Person(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.Person(IdAt(request, "person")));
}

HttpAnswer Appearances(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  const Page page = query.ReadPage();
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.Appearances(IdAt(request, "person"), page), page);
}

// Another face may be the best one tomorrow.
HttpAnswer Portrait(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  const int size = ReadSize(query);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto face = browser.Portrait(IdAt(request, "person"));
  if (!face.ok()) return ErrorAnswer(face.status());
  const std::string tag = 'f' + std::to_string(*face) + '-' + std::to_string(size);
  if (auto unchanged = IfUnchanged(request, tag)) return *std::move(unchanged);
  return PictureAnswer(browser.FaceThumbnail(*face, size), tag, "private, no-cache");
}

}  // namespace

void AddPeopleRoutes(Router& router, Api& api) {
  const auto on = [&](const char* pattern, OnCase handle) {
    router.Add({"GET", pattern, Role::kViewer, WithCase(api, std::move(handle))});
  };
  on("/cases/{case}/people", People);
  on("/cases/{case}/people/{person}", Person);
  on("/cases/{case}/people/{person}/appearances", Appearances);
  on("/cases/{case}/people/{person}/portrait", Portrait);
}

}  // namespace crossface
