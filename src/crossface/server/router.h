// Which handler answers which request. Built once, then read by many threads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "crossface/server/http.h"

namespace crossface {

struct Route {
  std::string method;   // "GET", "POST", "DELETE"
  std::string pattern;  // "/cases/{case}/people/{person}", below /api/v1
  Role role = Role::kViewer;
  std::function<HttpAnswer(const HttpRequest&)> handle;
  size_t most_body = 0;
};

inline constexpr char kApiRoot[] = "/api/v1";
inline constexpr size_t kMostJson = 4 << 20, kMostPhoto = 50 << 20;

class Router {
 public:
  void Add(Route route) { routes_.push_back(std::move(route)); }
  const std::vector<Route>& routes() const { return routes_; }

  struct Found {
    const Route* route = nullptr;
    bool other_method = false;  // the path is there, for another method
    std::string allowed;        // methods of the path
  };
  // Fills request.at. Parts of the path that stand for ids must look like ids: 16 hexadecimal digits for a
  // case, a number for anything else.
  Found Find(HttpRequest* request) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace crossface
