#include "crossface/server/http.h"

namespace crossface {
namespace {

int StatusFor(const Status& problem) {
  // What was understood and cannot be, as things are.
  if (problem.remedy() != Remedy::kNone) return 409;
  switch (problem.code()) {
    case StatusCode::kInvalidArgument:
      return 400;
    case StatusCode::kNotFound:
      return 404;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kModelMissing:
    case StatusCode::kDeviceUnavailable:
    case StatusCode::kMismatch:
      return 409;
    case StatusCode::kCorrupt:
    case StatusCode::kUnsupported:
    case StatusCode::kNoVideo:
      return 422;
    case StatusCode::kInterrupted:
      return 503;
    case StatusCode::kOutOfResources:
      return 507;
    case StatusCode::kOk:
    case StatusCode::kIo:
    case StatusCode::kInternal:
      break;
  }
  return 500;
}

}  // namespace

HttpAnswer JsonAnswer(const nlohmann::json& json, int status) {
  return {.status = status,
          .body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
          .headers = {{"Cache-Control", "no-store"}}};
}

HttpAnswer ErrorAnswer(int status, const std::string& code, const std::string& message) {
  return JsonAnswer({{"code", code}, {"message", message}}, status);
}

nlohmann::json ErrorFields(const Status& problem) {
  nlohmann::json fields = {{"code", StatusCodeName(problem.code())}, {"message", problem.message()}};
  if (problem.remedy() != Remedy::kNone) fields["remedy"] = RemedyName(problem.remedy());
  return fields;
}

HttpAnswer ErrorAnswer(const Status& problem) { return JsonAnswer(ErrorFields(problem), StatusFor(problem)); }

std::optional<HttpAnswer> IfUnchanged(const HttpRequest& request, const std::string& tag) {
  const std::string known = request.Header("if-none-match");
  if (known != '"' + tag + '"') return std::nullopt;
  HttpAnswer answer{.status = 304, .type = ""};
  answer.With("ETag", '"' + tag + '"');
  return answer;
}

}  // namespace crossface
