#include "crossface/util/nesting.h"

#include <algorithm>

namespace crossface {
namespace {

constexpr int kDeepest = 64;

}  // namespace

bool IsNestedTooDeep(std::string_view json) {
  // What has so few levels at all, as sources' settings do, need not be read.
  if (std::count(json.begin(), json.end(), '[') + std::count(json.begin(), json.end(), '{') <= kDeepest)
    return false;
  int depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace crossface
