// A web server on this machine for tests, with the ways of servers (model_server_for_test.py).
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface::testing {

class ModelServer {
 public:
  explicit ModelServer(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::create_directories(folder_ / "files");
    const std::string script =
        (SourceFolder() / "src/crossface/inference/models/model_server_for_test.py").string();
    const std::string files = (folder_ / "files").string(), port = (folder_ / "port").string(),
                      log = (folder_ / "log").string();
    std::vector<const char*> arguments = {"python3",    "-B",        script.c_str(), files.c_str(),
                                          port.c_str(), log.c_str(), nullptr};
    if (::posix_spawnp(&pid_, "python3", nullptr, nullptr, const_cast<char**>(arguments.data()), environ) !=
        0)
      throw std::runtime_error("the test server cannot be started");
    for (int tries = 0; !std::filesystem::exists(port); ++tries) {
      if (tries > 1000) throw std::runtime_error("the test server does not come up");
      ::usleep(20'000);
    }
    std::ifstream(port) >> port_;
  }
  ~ModelServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  std::filesystem::path Place(const std::string& name) const { return folder_ / "files" / name; }
  void Publish(const std::string& name, const std::string& content) const {
    std::ofstream(Place(name), std::ios::binary) << content;
  }
  std::string Address(const std::string& way, const std::string& name) const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/" + way + "/" + name;
  }
  // "address range" of each request so far.
  std::vector<std::string> Asked() const {
    std::vector<std::string> lines;
    std::ifstream log(folder_ / "log");
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    return lines;
  }

 private:
  const std::filesystem::path folder_;
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace crossface::testing
