#include "crossface/ray/ray_workers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <thread>
#include <vector>

#include "crossface/ray/pipe_message.h"
#include "crossface/util/connect.h"
#include "crossface/util/file.h"

extern char** environ;

namespace crossface {
namespace {

constexpr char kDriver[] = "crossface-ray-driver", kTasks[] = "libcrossface_ray_tasks.so";
// Where `ray start` writes the address of this machine's cluster.
constexpr char kCurrentCluster[] = "/tmp/ray/ray_current_cluster";

constexpr auto kProbe = std::chrono::seconds(5), kJoin = std::chrono::seconds(60),
               kEnd = std::chrono::seconds(2);
// Ray's library takes a minute to find out that the head is gone, and says little then.
constexpr auto kBetweenAsks = std::chrono::seconds(2), kAnswersWithin = std::chrono::seconds(1);
constexpr int kMostUnanswered = 3;
constexpr auto kAskAgain = std::chrono::milliseconds(50);

// Where the programs that speak to Ray are.
Result<std::filesystem::path> GlueFolder() {
  const char* told = std::getenv("CROSSFACE_RAY");
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path folder =
      told != nullptr && *told != '\0' ? told : program.parent_path() / "ray";
  if (std::filesystem::exists(folder / kDriver, error) && std::filesystem::exists(folder / kTasks, error))
    return folder;
  return Status(
      StatusCode::kUnsupported,
      fmt::format(
          "this crossface cannot speak to Ray: {} is not in {}. Build it with `make build RAY=ON`, which "
          "fetches Ray, or set CROSSFACE_RAY to the folder",
          kDriver, folder.string()));
}

// Whether anybody listens there at all: Ray's library would wait for long, and say little.
Status Probe(const std::string& address, const std::stop_token& stop) {
  const size_t colon = address.rfind(':');
  const auto socket = Connect(address.substr(0, colon), address.substr(colon + 1),
                              std::chrono::steady_clock::now() + kProbe, stop);
  if (socket.ok() || socket.status().code() == StatusCode::kInterrupted) return socket.status();
  return Status(
      StatusCode::kNotFound,
      fmt::format("there is no Ray cluster at {}: {}. Start one with `ray start --head`, let this machine "
                  "join it with `ray start --address={}`, or give the address that `ray status` works with",
                  address, socket.status().message(), address));
}

struct Pipe {
  FileDescriptor out, in;  // what is written to `in` comes out of `out`
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace

Result<std::string> RayAddress(const std::string& written) {
  std::string address = written;
  if (address == "auto") {
    const char* told = std::getenv("RAY_ADDRESS");
    address = told == nullptr ? "" : told;
    if (address.empty() || address == "auto") {
      const auto started = ReadFile(kCurrentCluster);
      if (!started.ok()) {
        return Status(StatusCode::kNotFound,
                      "no Ray cluster was started on this machine: `ray start --head` starts one, `ray start "
                      "--address=HOST:PORT` joins one; or give --ray HOST:PORT");
      }
      address = *started;
    }
  }
  address.erase(std::find_if(address.begin(), address.end(), [](char c) { return c == '\n' || c == ' '; }),
                address.end());
  const size_t colon = address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const bool sound = colon != std::string::npos && colon > 0 && !port.empty() && port.size() <= 5 &&
                     port.find_first_not_of("0123456789") == std::string::npos && std::stoi(port) > 0 &&
                     std::stoi(port) < 65536;
  if (sound && address.find("//") == std::string::npos) return address;
  return Status(
      StatusCode::kInvalidArgument,
      fmt::format("\"{}\" is no address of a Ray cluster: auto, or HOST:PORT as in 10.0.0.5:6379", address));
}

Result<std::unique_ptr<RayWorkers>> RayWorkers::Connect(const RayRequest& request, int gpus,
                                                        const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path folder, GlueFolder());
  CROSSFACE_ASSIGN_OR_RETURN(const std::string address, RayAddress(request.address));
  CROSSFACE_RETURN_IF_ERROR(Probe(address, stop));
  FileDescriptor printed(::memfd_create("crossface-ray-driver", MFD_CLOEXEC));
  if (!printed.ok()) return ErrnoStatus(errno, "cannot make a file in memory");
  std::unique_ptr<RayWorkers> workers(new RayWorkers(address, std::move(printed)));
  workers->threads_ = request.cpus;
  workers->range_us_ = request.range_s * 1'000'000;
  CROSSFACE_RETURN_IF_ERROR(workers->Start(folder, request, gpus));
  CROSSFACE_RETURN_IF_ERROR(workers->WaitUntilJoined(stop));
  return workers;
}

RayWorkers::~RayWorkers() {
  to_ = FileDescriptor();
  from_ = FileDescriptor();
  if (driver_ == 0) return;
  const auto end = std::chrono::steady_clock::now() + kEnd;
  while (::waitpid(driver_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) ::kill(driver_, SIGKILL);
    std::this_thread::sleep_for(kAskAgain);
  }
}

Status RayWorkers::Start(const std::filesystem::path& folder, const RayRequest& request, int gpus) {
  CROSSFACE_ASSIGN_OR_RETURN(Pipe in, MakePipe());
  CROSSFACE_ASSIGN_OR_RETURN(Pipe out, MakePipe());
  const std::string program = (folder / kDriver).string();
  std::vector<std::string> arguments = {program,
                                        address_,
                                        std::filesystem::absolute(folder / kTasks).string(),
                                        std::to_string(request.cpus),
                                        std::to_string(gpus),
                                        std::to_string(request.memory_mb * 1'000'000)};
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.out.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.in.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, printed_.get(), STDERR_FILENO);
  // A Ctrl-C is for crossface, which ends the driver.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int error = ::posix_spawn(&driver_, program.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    driver_ = 0;
    return ErrnoStatus(error, "cannot run " + program);
  }
  to_ = std::move(in.in);
  from_ = std::move(out.out);
  return Status();
}

Status RayWorkers::WaitUntilJoined(const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + kJoin;
  while (true) {
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    if (std::chrono::steady_clock::now() > end) return Gone("it does not answer");
    pollfd ready{from_.get(), POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(kAskAgain.count())) != 1) continue;
    PipeMessage message;
    if (!ReadMessage(from_.get(), &message)) return Gone(LastPrinted());
    if (message.kind == 'C') return Status();
    return Gone(message.bytes);
  }
}

Status RayWorkers::Gone(const std::string& why) const {
  if (why.find("InvalidAuthToken") != std::string::npos) {
    return Status(
        StatusCode::kPermissionDenied,
        fmt::format(
            "the Ray cluster at {} asks for a token, and this machine has none or another one: set "
            "RAY_AUTH_MODE=token, and put the cluster's token into ~/.ray/auth_token or the file that "
            "RAY_AUTH_TOKEN_PATH names",
            address_));
  }
  return Status(
      StatusCode::kIo,
      fmt::format(
          "the Ray cluster at {} cannot be worked with: {}. This machine must be one of its nodes, all "
          "nodes need Ray {} and the folder of crossface in the same place. What was scanned is kept: "
          "run the same command to go on",
          address_, why, CROSSFACE_RAY_VERSION));
}

// The last line before what tells nobody but Ray's authors where it was.
std::string RayWorkers::LastPrinted() const {
  constexpr off_t kMost = 1 << 16;
  const off_t size = ::lseek(printed_.get(), 0, SEEK_END);
  std::string text(static_cast<size_t>(std::clamp<off_t>(size, 0, kMost)), '\0');
  const ssize_t count = ::pread(printed_.get(), text.data(), text.size(), std::max<off_t>(0, size - kMost));
  text.resize(static_cast<size_t>(std::max<ssize_t>(0, count)));
  text.resize(std::min(text.size(), text.find("*** StackTrace")));
  const size_t last = text.find_last_not_of('\n');
  if (last == std::string::npos) return "its library ended without a word";
  text.resize(last + 1);
  return text.substr(text.rfind('\n') + 1);
}

Status RayWorkers::Submit(uint64_t id, const std::string& task) {
  return WriteMessage(to_.get(), 'T', id, task) ? Status() : Gone(LastPrinted());
}

// Whether anybody listens where the head is.
Status RayWorkers::AskHead() {
  const auto now = std::chrono::steady_clock::now();
  if (now - asked_head_ < kBetweenAsks) return Status();
  const size_t colon = address_.rfind(':');
  const auto socket =
      crossface::Connect(address_.substr(0, colon), address_.substr(colon + 1), now + kAnswersWithin, {});
  asked_head_ = std::chrono::steady_clock::now();
  unanswered_ = socket.ok() ? 0 : unanswered_ + 1;
  if (unanswered_ < kMostUnanswered) return Status();
  return Gone(
      fmt::format("its head does not answer any more ({}): it has ended, or the line to it is broken. "
                  "Start the cluster again, or leave --ray out",
                  socket.status().message()));
}

Result<std::optional<WorkerAnswer>> RayWorkers::Next(std::chrono::milliseconds wait) {
  CROSSFACE_RETURN_IF_ERROR(AskHead());
  pollfd ready{from_.get(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(wait.count())) != 1) return std::optional<WorkerAnswer>();
  PipeMessage message;
  if (!ReadMessage(from_.get(), &message)) return Gone(LastPrinted());
  if (message.kind == 'F') return Gone(message.bytes);
  using Kind = WorkerAnswer::Kind;
  const Kind kind = message.kind == 'R' ? Kind::kDone : message.kind == 'E' ? Kind::kFailed : Kind::kLost;
  return std::optional(WorkerAnswer{.kind = kind, .id = message.id, .bytes = std::move(message.bytes)});
}

}  // namespace crossface
