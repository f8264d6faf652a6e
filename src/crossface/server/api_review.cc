// Corrections, what would be asked next, and search by photo.
#include <fmt/format.h>

#include "crossface/app/browse_json.h"
#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/app/photo_search.h"
#include "crossface/server/api.h"
#include "crossface/server/readers.h"

namespace crossface {
namespace {

using Json = nlohmann::json;
constexpr size_t kMostTracks = 2000, kMostMerged = 1000, kMostTrackName = 1000;

// A name that nobody but this person can have (CheckPersonName): what somebody is called does not matter.
std::string NameOf(int64_t person) { return fmt::format("person-{:04}", person); }

class CorrectionReader {
 public:
  explicit CorrectionReader(const Json& json) : body_(json) {}

  Result<Correction> Read(CorrectionOptions* options) {
    options->based_on = body_.Text("based_on", true, 1, 200);
    options->dry_run = body_.Flag("dry_run");
    options->override_earlier = body_.Flag("override");
    const std::string verb = body_.Text("verb", true, 1, 20);
    Correction correction;
    if (verb == "rename") {
      correction = RenamePerson{Person("person"), body_.Text("name", true, 1, 100)};
    } else if (verb == "merge") {
      MergePersons merge;
      for (const int64_t id : body_.Integers("persons", 2, kMostMerged)) merge.persons.push_back(NameOf(id));
      correction = merge;
    } else if (verb == "split") {
      correction = SplitTracks{Person("person"), Tracks(true), body_.Text("name", false, 1, 100)};
    } else if (verb == "move") {
      correction = Move();
    } else if (verb == "not-same") {
      correction = Parted();
    } else if (verb == "confirm") {
      correction = ConfirmTracks{Person("person"), Tracks(false)};
    } else if (verb == "ignore") {
      correction = IgnorePerson{Person("person"), body_.Flag("ignored", true)};
    } else if (verb == "undo") {
      correction = UndoCorrections{Count(), body_.Flag("all")};
    } else if (verb == "redo") {
      correction = RedoCorrections{Count(), body_.Flag("all")};
    } else {
      return Status(StatusCode::kInvalidArgument, "verb: there is no such correction");
    }
    CROSSFACE_RETURN_IF_ERROR(body_.Finish());
    return correction;
  }

 private:
  std::string Person(const char* name) { return NameOf(body_.Integer(name, true, 1, kMostId, 1)); }
  std::vector<std::string> Tracks(bool needed) {
    return body_.Texts("tracks", needed, kMostTracks, kMostTrackName);
  }
  size_t Count() { return static_cast<size_t>(body_.Integer("count", false, 1, 1'000'000, 1)); }
  MoveTracks Move() {
    MoveTracks move{.tracks = Tracks(true), .to_nobody = body_.IsNull("to")};
    if (!move.to_nobody) move.to = Person("to");
    return move;
  }
  NotTheSame Parted() {
    NotTheSame parted{.person = Person("person")};
    if (body_.Has("other") && !body_.Has("tracks")) {
      parted.others = {Person("other")};
    } else {
      parted.others = Tracks(true);
    }
    return parted;
  }

  BodyReader body_;
};

HttpAnswer Stale(const CaseBrowser& browser, const std::string& based_on, const Status& problem) {
  Json fields = ErrorFields(problem);
  fields["code"] = "stale";
  const auto version = browser.Version();
  const auto changes = browser.CorrectionsSince(based_on);
  if (!version.ok()) return ErrorAnswer(version.status());
  if (!changes.ok()) return ErrorAnswer(changes.status());
  fields["version"] = *version;
  fields["changes"] = Json::array();
  for (const auto& entry : *changes) fields["changes"].push_back(ToJson(entry));
  return JsonAnswer(fields, 409);
}

HttpAnswer Correct(Api& api, const CaseBrowser& browser, const HttpRequest& request) {
  const auto json = ReadJson(request);
  if (!json.ok()) return ErrorAnswer(json.status());
  CorrectionOptions options;
  const auto correction = CorrectionReader(*json).Read(&options);
  options.by = request.user;
  if (!correction.ok()) return ErrorAnswer(correction.status());
  CorrectionAnswer answer;
  Ending ending;
  const auto make = [&] {
    ending = api.exports.Correct(browser.case_folder(), *correction, options, &answer);
  };
  options.dry_run ? make() : api.jobs.BetweenScans(browser.case_folder(), make);
  const Status& status = ending.status;
  if (status.code() == StatusCode::kMismatch) return Stale(browser, options.based_on, status);
  // Somebody else is writing.
  if (status.code() == StatusCode::kIo) return JsonAnswer(ErrorFields(status), 409);
  if (!status.ok()) return ErrorAnswer(status);
  const auto version = browser.Version();
  if (!version.ok()) return ErrorAnswer(version.status());
  Json fields = ToJson(answer);
  fields["version"] = *version;
  if (!options.dry_run) api.events.Tell("case", {{"case", request.at.at("case")}, {"version", *version}});
  return JsonAnswer(fields);
}

template <typename Ask>
OnCase Paged(Ask ask) {
  return [ask](const CaseBrowser& browser, const HttpRequest& request) {
    QueryReader query(request);
    const Page page = query.ReadPage();
    if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
    return JsonOf((browser.*ask)(page), page);
  };
}

Json Fields(const std::vector<std::vector<CaseBrowser::HitIds>>& ids) {
  const auto id = [](int64_t number) { return number == 0 ? Json() : Json(number); };
  Json queries = Json::array();
  for (const auto& hits : ids) {
    Json& of_query = queries.emplace_back(Json::array());
    for (const auto& hit : hits)
      of_query.push_back({{"face_id", id(hit.face)},
                          {"track_id", id(hit.track)},
                          {"source_id", id(hit.source)},
                          {"time_us", hit.face == 0 ? Json() : Json(hit.time_us)}});
  }
  return queries;
}

std::optional<HttpAnswer> WhyNoPhoto(const HttpRequest& request) {
  if (!request.Header("content-type").starts_with("image/"))
    return ErrorAnswer(415, "unsupported", "send the picture itself, as image/jpeg or the like");
  if (request.body.empty()) return ErrorAnswer(Status(StatusCode::kInvalidArgument, "there is no picture"));
  return std::nullopt;
}

// For browsers that do not show a photo of its kind.
HttpAnswer ShowPhoto(Api& api, const HttpRequest& request) {
  QueryReader query(request);
  const int most_side = static_cast<int>(query.Integer("size", 16, 4096).value_or(1600));
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  if (auto refused = WhyNoPhoto(request)) return *std::move(refused);
  // One at a time: a photo may be large.
  const MutexLock lock(api.searching);
  auto jpeg = JpegOfPhoto(request.body, most_side, request.stop);
  if (!jpeg.ok()) return ErrorAnswer(jpeg.status());
  return {.type = "image/jpeg", .body = *std::move(jpeg)};
}

HttpAnswer Search(Api& api, const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  SearchRequest asked{.face = static_cast<size_t>(query.Integer("face", 0, 10'000).value_or(0)),
                      .limit = static_cast<size_t>(query.Integer("limit", 1, 100).value_or(10)),
                      .exact = query.Flag("exact"),
                      .models = api.means.models,
                      .device = api.means.device};
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  if (auto refused = WhyNoPhoto(request)) return *std::move(refused);
  const MutexLock lock(api.searching);
  SearchAnswer answer;
  const Ending ending =
      SearchByPhoto(CaseService(browser.case_folder()), request.body, asked, Watch(), &answer);
  if (!ending.status.ok()) return ErrorAnswer(ending.status);
  const auto ids = browser.IdsOf(answer);
  if (!ids.ok()) return ErrorAnswer(ids.status());
  Json fields = ToJson(answer);
  fields["ids"] = Fields(*ids);
  return JsonAnswer(fields);
}

}  // namespace

void AddReviewRoutes(Router& router, Api& api) {
  const auto correct = [&api](const CaseBrowser& browser, const HttpRequest& request) {
    return Correct(api, browser, request);
  };
  const auto search = [&api](const CaseBrowser& browser, const HttpRequest& request) {
    return Search(api, browser, request);
  };
  router.Add({"POST", "/cases/{case}/corrections", Role::kReviewer, WithCase(api, correct), kMostJson});
  router.Add(
      {"GET", "/cases/{case}/corrections", Role::kViewer, WithCase(api, Paged(&CaseBrowser::Corrections))});
  router.Add(
      {"GET", "/cases/{case}/suggestions", Role::kViewer, WithCase(api, Paged(&CaseBrowser::Suggestions))});
  router.Add({"POST", "/cases/{case}/search", Role::kViewer, WithCase(api, search), kMostPhoto});
  router.Add({"POST", "/photo", Role::kViewer,
              [&api](const HttpRequest& request) { return ShowPhoto(api, request); }, kMostPhoto});
}

}  // namespace crossface
