#include "crossface/server/router.h"

#include <algorithm>
#include <string_view>

namespace crossface {
namespace {

std::vector<std::string_view> Parts(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const size_t slash = path.find('/', 1);
    parts.push_back(path.substr(1, slash == std::string_view::npos ? slash : slash - 1));
    path.remove_prefix(std::min(slash, path.size()));
  }
  return parts;
}

bool IsId(std::string_view name, std::string_view text) {
  const bool is_case = name == "{case}";
  const std::string_view digits = is_case ? "0123456789abcdef" : "0123456789";
  if (text.empty() || text.find_first_not_of(digits) != std::string_view::npos) return false;
  return is_case ? text.size() == 16 : text.size() <= 16 && text.front() != '0';
}

}  // namespace

Router::Found Router::Find(HttpRequest* request) const {
  Found found;
  const std::string_view path = request->path;
  if (!path.starts_with(kApiRoot) || path.find('\0') != std::string_view::npos) return found;
  const std::vector<std::string_view> parts = Parts(path.substr(std::string_view(kApiRoot).size()));
  for (const Route& route : routes_) {
    const std::vector<std::string_view> wanted = Parts(route.pattern);
    if (wanted.size() != parts.size()) continue;
    std::map<std::string, std::string> at;
    const bool fits = std::equal(wanted.begin(), wanted.end(), parts.begin(), [&](auto want, auto part) {
      if (!want.starts_with('{')) return want == part;
      at.emplace(want.substr(1, want.size() - 2), part);
      return IsId(want, part);
    });
    if (!fits) continue;
    if (route.method == request->method) {
      request->at = std::move(at);
      found.route = &route;
      found.other_method = false;
      return found;
    }
    found.other_method = true;
    found.allowed += (found.allowed.empty() ? "" : ", ") + route.method;
  }
  return found;
}

}  // namespace crossface
