#include "crossface/testing/s3_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include "crossface/testing/loopback.h"

namespace crossface::testing {
namespace {

pid_t Start(const std::vector<std::string>& command, const std::filesystem::path& log,
            const std::map<std::string, std::string>& environment) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

S3Server::S3Server(Kind kind) : kind_(kind), port_(FreePort()) {
  const bool versity = kind != Kind::kMoto;
  const auto objects = root_.path() / "objects";
  std::filesystem::create_directories(objects / "footage");
  std::filesystem::create_directories(objects / "other");
  const std::string program = versity ? (DependenciesFolder() / "versitygw/versitygw").string()
                                      : (DependenciesFolder() / "s3/bin/moto_server").string();
  if (!std::filesystem::exists(program)) throw std::runtime_error(program + ": run tools/setup.sh --tests");
  const std::string port = std::to_string(port_);
  std::vector<std::string> command =
      versity
          ? std::vector<std::string>{program, "--quiet",       "--keep-alive", "--port", "127.0.0.1:" + port,
                                     "posix", objects.string()}
          : std::vector<std::string>{program, "-H", "127.0.0.1", "-p", port};
  if (kind == Kind::kTls) {
    const std::string key = (root_.path() / "key.pem").string();
    RunCommand(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=crossface "
        "-addext subjectAltName=IP:127.0.0.1 -keyout " +
        key + " -out " + certificate().string() + " 2>/dev/null");
    command.insert(command.begin() + 1, {"--cert", certificate().string(), "--key", key});
  }
  process_ = Start(command, root_.path() / "log",
                   {{"ROOT_ACCESS_KEY", kAccessKey}, {"ROOT_SECRET_KEY", kSecretKey}});
  for (int tries = 0; tries < 600 && !Listens(port_); ++tries) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) throw std::runtime_error(program + ": ended at once");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (versity) return;
  for (const char* bucket : {"footage", "other"})
    RunCommand("curl -sf -o /dev/null -X PUT http://127.0.0.1:" + port + "/" + bucket);
}

S3Server::~S3Server() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::map<std::string, std::string> S3Server::Environment(int port) const {
  return {{"AWS_ENDPOINT_URL", (kind_ == Kind::kTls ? "https://127.0.0.1:" : "http://127.0.0.1:") +
                                   std::to_string(port == 0 ? port_ : port)},
          {"AWS_CA_BUNDLE", kind_ == Kind::kTls ? certificate().string() : ""},
          {"AWS_ACCESS_KEY_ID", kAccessKey},
          {"AWS_SECRET_ACCESS_KEY", kSecretKey},
          {"AWS_SESSION_TOKEN", ""},
          {"AWS_REGION", "us-east-1"},
          {"AWS_PROFILE", ""},
          {"AWS_CONFIG_FILE", "/dev/null"},
          {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"}};
}

std::filesystem::path S3Python() { return DependenciesFolder() / "s3/bin/python"; }

void Variables::Set(const std::string& name, const std::string& value) {
  value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
}

Variables::Variables(const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    const char* before = std::getenv(name.c_str());
    before_[name] = before == nullptr ? "" : before;
    Set(name, value);
  }
}

Variables::~Variables() {
  for (const auto& [name, value] : before_) Set(name, value);
}

}  // namespace crossface::testing
