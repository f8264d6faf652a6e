// Sources: facts, tracks, films, proxies and single frames.
#include "crossface/app/browse_json.h"
#include "crossface/app/source_gone.h"
#include "crossface/app/source_media.h"
#include "crossface/server/api.h"
#include "crossface/server/readers.h"

namespace crossface {
namespace {

using Json = nlohmann::json;
constexpr int64_t kMostMs = kMostId / 1000;

HttpAnswer Sources(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  const std::string text = query.Text("text", 100);
  const Page page = query.ReadPage();
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.Sources(text, page), page);
}

HttpAnswer Source(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.Source(IdAt(request, "source")));
}

HttpAnswer Tracks(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  const int64_t from = query.Integer("from_ms", 0, kMostMs).value_or(0);
  const int64_t to = query.Integer("to_ms", 0, kMostMs).value_or(kMostMs);
  const Page page = query.ReadPage();
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.Tracks(IdAt(request, "source"), from * 1000, to * 1000, page), page);
}

HttpAnswer Marks(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  return JsonOf(browser.Marks(IdAt(request, "source")));
}

HttpAnswer Media(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  const bool proxy = query.Flag("proxy");
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto source = browser.FindSource(IdAt(request, "source"));
  if (!source.ok()) return ErrorAnswer(source.status());
  auto media = proxy ? OpenProxy(browser.case_folder(), *source) : OpenOriginal(*source);
  if (!media.ok()) return ErrorAnswer(WhyGone(browser.case_folder(), *source, media.status()));
  const std::string tag = (proxy ? "p" : "o") + media->version;
  if (auto unchanged = IfUnchanged(request, tag)) return *std::move(unchanged);
  HttpAnswer answer;
  answer.type = media->type;
  answer.file = *std::move(media);
  return answer.With("ETag", '"' + tag + '"').With("Cache-Control", "private, no-cache");
}

Json Fields(const ProxyState& state) {
  return {{"state", ProxyKindName(state.kind)},
          {"share", state.share},
          {"message", state.message},
          {"bytes", state.bytes}};
}

HttpAnswer Proxy(Api& api, const CaseBrowser& browser, const HttpRequest& request, bool make) {
  QueryReader query(request);
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto source = browser.FindSource(IdAt(request, "source"));
  if (!source.ok()) return ErrorAnswer(source.status());
  if (!make) return JsonAnswer(Fields(api.proxies.StateOf(browser.case_folder(), *source)));
  if (source->info.duration_ms <= 0)
    return ErrorAnswer(Status(StatusCode::kUnsupported, source->name + " is no film"));
  return JsonAnswer(Fields(api.proxies.Make(browser.case_folder(), *source)), 202);
}

HttpAnswer OneFrame(const CaseBrowser& browser, const HttpRequest& request) {
  QueryReader query(request);
  FrameRequest asked{.pts = query.Integer("pts", -kMostId, kMostId),
                     .time_us = query.Integer("time_us", 0, kMostId),
                     .png = query.Word("format", {"jpeg", "png"}) == 1,
                     .most_width = static_cast<int>(query.Integer("width", 16, 8192).value_or(0))};
  if (const Status read = query.Finish(); !read.ok()) return ErrorAnswer(read);
  const auto source = browser.FindSource(IdAt(request, "source"));
  if (!source.ok()) return ErrorAnswer(source.status());
  const std::string tag = source->sha256 + source->info.part + '-' + std::to_string(asked.pts.value_or(-1)) +
                          '-' + std::to_string(asked.time_us.value_or(-1)) + (asked.png ? "p" : "j") +
                          std::to_string(asked.most_width);
  if (auto unchanged = IfUnchanged(request, tag)) return *std::move(unchanged);
  auto frame = ReadFrame(*source, asked, request.stop);
  if (!frame.ok()) return ErrorAnswer(WhyGone(browser.case_folder(), *source, frame.status()));
  HttpAnswer answer{.type = asked.png ? "image/png" : "image/jpeg", .body = std::move(frame->picture)};
  answer.With("ETag", '"' + tag + '"')
      .With("Cache-Control", "private, max-age=3600")
      .With("X-Frame-PTS", std::to_string(frame->pts))
      .With("X-Frame-Time-Us", std::to_string(frame->time_us));
  if (frame->previous_us) answer.With("X-Frame-Previous-Us", std::to_string(*frame->previous_us));
  if (frame->next_us) answer.With("X-Frame-Next-Us", std::to_string(*frame->next_us));
  return answer;
}

}  // namespace

void AddSourceRoutes(Router& router, Api& api) {
  const auto on = [&](const char* method, const char* pattern, OnCase handle) {
    router.Add({method, pattern, Role::kViewer, WithCase(api, std::move(handle))});
  };
  const auto proxy = [&api](bool make) {
    return [&api, make](const CaseBrowser& browser, const HttpRequest& request) {
      return Proxy(api, browser, request, make);
    };
  };
  on("GET", "/cases/{case}/sources", Sources);
  on("GET", "/cases/{case}/sources/{source}", Source);
  on("GET", "/cases/{case}/sources/{source}/tracks", Tracks);
  on("GET", "/cases/{case}/sources/{source}/marks", Marks);
  on("GET", "/cases/{case}/sources/{source}/media", Media);
  on("GET", "/cases/{case}/sources/{source}/proxy", proxy(false));
  on("POST", "/cases/{case}/sources/{source}/proxy", proxy(true));
  on("GET", "/cases/{case}/sources/{source}/frame", OneFrame);
}

}  // namespace crossface
