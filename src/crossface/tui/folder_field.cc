#include "crossface/tui/folder_field.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace crossface {

namespace fs = std::filesystem;

std::string PathOfTyped(std::string text) {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  const char* home = std::getenv("HOME");
  if (home != nullptr && (text == "~" || text.starts_with("~/"))) text = home + text.substr(1);
  return text;
}

Completion CompleteFolder(const std::string& text) {
  const size_t slash = text.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : text.substr(0, slash + 1);
  const std::string begin = text.substr(folder.size());
  Completion completion{.text = text};
  if (text == "~") return {.text = "~/"};
  std::error_code error;
  const std::string place = folder.empty() ? "." : PathOfTyped(folder);
  for (fs::directory_iterator at(place, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (!name.starts_with(begin) || (name.front() == '.' && !begin.starts_with('.'))) continue;
    if (at->is_directory(ignored)) completion.names.push_back(name);
  }
  if (completion.names.empty()) return completion;
  std::sort(completion.names.begin(), completion.names.end());
  const std::string &first = completion.names.front(), &last = completion.names.back();
  const auto common = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  completion.text = folder + std::string(first.begin(), common);
  if (completion.names.size() == 1) completion.text += '/';
  return completion;
}

}  // namespace crossface
