// Requests and answers of the web API as plain values: what handlers see of HTTP. The library that speaks it
// stands in http_server.cc alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crossface/app/source_media.h"
#include "crossface/util/status.h"

namespace crossface {

// What somebody may do: a viewer looks, a reviewer changes.
enum class Role { kNobody, kViewer, kReviewer };

struct HttpRequest {
  std::string method, path;  // the path without escapes
  std::multimap<std::string, std::string> query;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::map<std::string, std::string> at;            // parts of the path, by their names in the route
  std::string body, from;                           // from: the address of who asks
  Role role = Role::kNobody;
  std::string user;      // whom changes are logged under; empty where there is one user
  std::stop_token stop;  // once nobody waits for the answer

  // Empty where there is none; of several the first.
  std::string Header(const std::string& lower_name) const {
    const auto found = headers.find(lower_name);
    return found == headers.end() ? std::string() : found->second;
  }
};

struct HttpAnswer {
  int status = 200;
  std::string type = "application/json", body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<OpenedMedia> file;  // sent in place of the body, as a whole or the part that was asked for
  // Gives what is to be sent next, waiting for it for less than a second, empty for nothing yet; false ends
  // the stream. In place of the body.
  std::function<bool(std::string* next)> stream;

  // To go on with, or to be returned.
  HttpAnswer&& With(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
};

HttpAnswer JsonAnswer(const nlohmann::json& json, int status = 200);
// {"code", "message"}: for what is wrong with the request itself.
HttpAnswer ErrorAnswer(int status, const std::string& code, const std::string& message);
HttpAnswer ErrorAnswer(const Status& problem);
nlohmann::json ErrorFields(const Status& problem);

// 304 where If-None-Match names `tag`.
std::optional<HttpAnswer> IfUnchanged(const HttpRequest& request, const std::string& tag);

}  // namespace crossface
