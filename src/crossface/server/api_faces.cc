// Faces: lists of them, their pictures, and what each rests on.
#include "crossface/app/browse_json.h"
#include "crossface/app/source_media.h"
#include "crossface/server/api.h"
#include "crossface/server/pictures.h"
#include "crossface/server/readers.h"

namespace crossface {
namespace {

HttpAnswer Faces(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  FacesAsked asked{.person = query.Integer("person", 1, kMostId).value_or(0),
                   .track = query.Integer("track", 1, kMostId).value_or(0)};
  const bool unassigned = query.Flag("unassigned");
  const std::string reason = query.Text("reason", 30);
  asked.best = query.Flag("best");
  const Page page = query.ReadPage();
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  if (int{asked.person != 0} + int{asked.track != 0} + int{unassigned} != 1)
    return ErrorAnswer(Status(StatusCode::kInvalidArgument, "ask for one of person, track and unassigned"));
  if (!reason.empty()) {
    asked.reason = ParseUnassignedReason(reason);
    if (!asked.reason || !unassigned)
      return ErrorAnswer(Status(StatusCode::kInvalidArgument,
                                "reason: there is no such reason, or the faces are not nobody's"));
  }
  return JsonOf(browser.Faces(asked, page), page);
}

HttpAnswer Face(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.Face(IdAt(request, "face")));
}

HttpAnswer Verify(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(VerifyFace(browser, IdAt(request, "face"), request.stop));
}

HttpAnswer StoredPicture(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const std::string tag = 'f' + request.at.at("face");
  if (auto unchanged = IfUnchanged(request, tag)) return *std::move(unchanged);
  return PictureAnswer(browser.FacePicture(IdAt(request, "face")), tag, kKeepPicture);
}

HttpAnswer SmallPicture(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  const int size = ReadSize(query);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const std::string tag = 'f' + request.at.at("face") + '-' + std::to_string(size);
  if (auto unchanged = IfUnchanged(request, tag)) return *std::move(unchanged);
  return PictureAnswer(browser.FaceThumbnail(IdAt(request, "face"), size), tag, kKeepPicture);
}

}  // namespace

void AddFaceRoutes(Router& router, Api& api) {
  const auto on = [&](const char* method, const char* pattern, OnCase handle) {
    router.Add({method, pattern, Role::kViewer, WithCase(api, std::move(handle))});
  };
  on("GET", "/cases/{case}/faces", Faces);
  on("GET", "/cases/{case}/faces/{face}", Face);
  on("POST", "/cases/{case}/faces/{face}/verify", Verify);
  on("GET", "/cases/{case}/faces/{face}/picture", StoredPicture);
  on("GET", "/cases/{case}/faces/{face}/thumbnail", SmallPicture);
}

}  // namespace crossface
