#include "crossface/testing/testing.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace crossface::testing {

std::filesystem::path SourceFolder() { return CROSSFACE_SOURCE_DIR; }

std::filesystem::path SharedFolder() {
  const char* set = std::getenv("CROSSFACE_SHARED");
  const std::filesystem::path folder =
      set != nullptr ? std::filesystem::path(set) : SourceFolder().parent_path() / "shared";
  return std::filesystem::is_directory(folder / "data") ? folder : std::filesystem::path();
}

ModelStore Models() { return ModelStore(); }

std::filesystem::path DependenciesFolder() {
  const auto variable = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  std::filesystem::path deps = variable("CROSSFACE_DEPS");
  if (deps.empty() && !variable("XDG_CACHE_HOME").empty())
    deps = variable("XDG_CACHE_HOME") / "crossface/deps";
  if (deps.empty()) deps = variable("HOME") / ".cache/crossface/deps";
  return deps;
}

std::filesystem::path ReaderPython() { return DependenciesFolder() / "readers/bin/python"; }

bool OnlyFromMirror(const std::string& model) {
  const ModelEntry* entry = FindModel(model);
  if (entry == nullptr) throw std::logic_error("no model is named " + model);
  return std::none_of(entry->origins.begin(), entry->origins.end(),
                      [](const auto& origin) { return origin.kind == "pypi" || origin.kind == "npm"; });
}

ScratchFolder::ScratchFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "crossface-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a scratch folder");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

int RunCommand(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace crossface::testing
