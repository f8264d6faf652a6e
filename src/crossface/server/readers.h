// Reads what a request says, strictly: what is not understood is refused by name. Not thread-safe; one per
// request.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crossface/app/case_browser.h"
#include "crossface/server/http.h"

namespace crossface {

inline constexpr int64_t kMostId = (int64_t{1} << 53) - 1;  // that every reader of JSON keeps

// The part of the path, which Router has looked at.
int64_t IdAt(const HttpRequest& request, const std::string& name);

class QueryReader {
 public:
  explicit QueryReader(const HttpRequest& request) : query_(request.query) {}
  std::string Text(const std::string& name, size_t most);
  std::optional<int64_t> Integer(const std::string& name, int64_t least, int64_t most);
  bool Flag(const std::string& name);
  // The first of the words where there is none.
  size_t Word(const std::string& name, const std::vector<std::string>& words);
  std::vector<std::string> Texts(const std::string& name, size_t most, size_t longest);
  // `cursor` and `limit`.
  Page ReadPage();
  // The first problem; a parameter that nobody asked for is one.
  Status Finish();

 private:
  std::optional<std::string> One(const std::string& name);
  void Refuse(const std::string& name, const std::string& why);

  const std::multimap<std::string, std::string>& query_;
  std::set<std::string> asked_;
  Status problem_;
};

// The body as JSON. Errors: kInvalidArgument (no JSON, or nested without end).
Result<nlohmann::json> ReadJson(const HttpRequest& request);

class BodyReader {
 public:
  // `json` must outlive it.
  explicit BodyReader(const nlohmann::json& json);
  std::string Text(const std::string& name, bool needed, size_t least, size_t most);
  int64_t Integer(const std::string& name, bool needed, int64_t least, int64_t most, int64_t otherwise = 0);
  bool Flag(const std::string& name, bool otherwise = false);
  std::vector<std::string> Texts(const std::string& name, bool needed, size_t most, size_t longest);
  std::vector<int64_t> Integers(const std::string& name, size_t least, size_t most_of_them);
  bool Has(const std::string& name) const { return json_.contains(name); }
  bool IsNull(const std::string& name);
  Status Finish();

 private:
  const nlohmann::json* Find(const std::string& name, bool needed);
  void Refuse(const std::string& name, const std::string& why);

  const nlohmann::json& json_;
  std::set<std::string> asked_;
  Status problem_;
};

}  // namespace crossface
