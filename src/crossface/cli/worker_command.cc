#include "crossface/cli/worker_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

#include "crossface/app/scan_worker.h"

namespace crossface {
namespace {

// A library that does not come back must not keep a node busy for nobody.
constexpr auto kLongestEnd = std::chrono::seconds(5);

ExitCode RunWorker(const std::filesystem::path& models, const std::string& node, Terminal& terminal) {
  if (::isatty(STDIN_FILENO) == 1) {
    terminal.Error(
        "worker is what the nodes of a cluster run: tasks come on its standard input. See identify --ray");
    return kExitUsage;
  }
  // Whatever a library prints must not come between answers.
  const int out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  const auto ended = [] {
    std::thread([] {
      std::this_thread::sleep_for(kLongestEnd);
      ::_exit(kExitInterrupted);
    }).detach();
  };
  return Report(ServeAsScanWorker(STDIN_FILENO, out, models, node, ended), terminal);
}

}  // namespace

void DeclareWorker(CLI::App& app, std::function<ExitCode(Terminal&)>* chosen) {
  CLI::App* worker =
      app.add_subcommand("worker", "do what a cluster hands over: started by its nodes, see identify --ray");
  const auto models = std::make_shared<std::filesystem::path>();
  worker->add_option("--models", *models, "folder of the installed models; without it, where each task says")
      ->type_name("FOLDER");
  const auto node = std::make_shared<std::string>("this machine");
  worker->add_option("--node", *node, "what this machine is called in messages")->type_name("NAME");
  worker->final_callback([chosen, models, node] {
    *chosen = [models, node](Terminal& terminal) { return RunWorker(*models, *node, terminal); };
  });
}

void AddRayOptions(CLI::App* verb, RayRequest* request) {
  CLI::Option* ray = verb->add_option("--ray", request->address,
                                      "let a Ray cluster do it: HOST:PORT of its head, or auto for the one "
                                      "of this machine; results do not depend on it")
                         ->type_name("ADDRESS");
  verb->add_option("--ray-cpus", request->cpus, "processors that each task asks of the cluster, and uses")
      ->check(CLI::Range(1, 256))
      ->capture_default_str()
      ->needs(ray);
  verb->add_option("--ray-memory", request->memory_mb,
                   "megabytes of memory that each task asks of the cluster; 0: none")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
      ->capture_default_str()
      ->needs(ray);
}

void AddRayScanOptions(CLI::App* verb, RayRequest* request) {
  verb->add_option(
          "--ray-range", request->range_s,
          "seconds of a long film that each task searches; films at least twice as long are divided. "
          "0: none is; results do not depend on it")
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000}))
      ->capture_default_str()
      ->needs(verb->get_option("--ray"));
}

void AddRayCompareOptions(CLI::App* verb, RayRequest* request) {
  verb->add_option("--ray-compare-from", request->compare_from,
                   "tracks from which on comparing them is divided into tasks too: fewer are compared sooner "
                   "than sent. 0: always; results do not depend on it")
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}))
      ->capture_default_str()
      ->needs(verb->get_option("--ray"));
}

}  // namespace crossface
