// Where tests find models and data, and scratch folders. Only tests link this.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "crossface/inference/models/model_store.h"

namespace crossface::testing {

// The repository.
std::filesystem::path SourceFolder();

// The developers' shared folder (CROSSFACE_SHARED, else ../shared beside the repository); empty when it is
// not there.
std::filesystem::path SharedFolder();

// The store that the tests use (CROSSFACE_MODELS, else the default one).
ModelStore Models();

// What tools/setup.sh --tests has fetched (CROSSFACE_DEPS, else the cache folder). Tests that need something
// of it fail where that is missing.
std::filesystem::path DependenciesFolder();

// The Python that has the readers of other programs' formats.
std::filesystem::path ReaderPython();

// A fresh folder, removed at the end of the test.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A stop that was asked for already.
inline std::stop_token Stopped() {
  std::stop_source stop;
  stop.request_stop();
  return stop.get_token();
}

// Runs a shell command (ffmpeg and the like); returns its exit code. Output goes to the test's log.
int RunCommand(const std::string& command);

}  // namespace crossface::testing

// At the start of a test that needs a file of the shared folder: where the folder is absent altogether (a
// stranger's machine) the test is skipped with a message; where the folder is there, a missing file is a
// failure.
#define CROSSFACE_NEEDS_SHARED(relative_path)                                                                \
  do {                                                                                                       \
    if (::crossface::testing::SharedFolder().empty()) GTEST_SKIP() << "needs ../shared/" << (relative_path); \
    ASSERT_TRUE(std::filesystem::exists(::crossface::testing::SharedFolder() / (relative_path)))             \
        << (relative_path);                                                                                  \
  } while (false)

// At the start of a test that needs an installed model. Missing models fail the test, except those that only
// the shared folder's mirror carries, on a machine without that folder.
#define CROSSFACE_NEEDS_MODEL(name)                                                                   \
  do {                                                                                                \
    if (auto found_ = ::crossface::testing::Models().Find(name); !found_.ok()) {                      \
      if (::crossface::testing::OnlyFromMirror(name) && ::crossface::testing::SharedFolder().empty()) \
        GTEST_SKIP() << found_.status().message();                                                    \
      FAIL() << found_.status().message();                                                            \
    }                                                                                                 \
  } while (false)

namespace crossface::testing {
// True when no package registry carries the model, so that only a mirror or the official download has it.
bool OnlyFromMirror(const std::string& model);
}  // namespace crossface::testing
