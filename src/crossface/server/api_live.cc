// Watches of live streams that run now, in whatever program: who is seen and how the streams do.
#include "crossface/app/live_board.h"
#include "crossface/server/api.h"
#include "crossface/server/pictures.h"
#include "crossface/server/readers.h"

namespace crossface {
namespace {

HttpAnswer LiveWatches(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto boards = ReadLiveBoards(browser.case_folder());
  return boards.ok() ? JsonAnswer(*boards) : ErrorAnswer(boards.status());
}

HttpAnswer LiveFace(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const std::string tag = 'w' + request.at.at("watch") + '-' + request.at.at("face");
  if (auto unchanged = IfUnchanged(request, tag)) return *std::move(unchanged);
  // The watch's number is when it began, so another watch never has it.
  return PictureAnswer(ReadLiveFace(browser.case_folder(), IdAt(request, "watch"), IdAt(request, "face")),
                       tag, kKeepPicture);
}

}  // namespace

void AddLiveRoutes(Router& router, Api& api) {
  router.Add({"GET", "/cases/{case}/live", Role::kViewer, WithCase(api, LiveWatches)});
  router.Add({"GET", "/cases/{case}/live/{watch}/faces/{face}", Role::kViewer, WithCase(api, LiveFace)});
}

}  // namespace crossface
