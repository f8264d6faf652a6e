// bench_whole_job: in one run, on the same files, the time and peak memory of decoding alone, of the default
// profile, and of
// --exhaustive; with --truth also how well each agrees with it. Each job is a process of its own.
//
//   bench_whole_job VIDEOS [--truth FILE] [--threads N] [--skip-exhaustive] [--crossface PROGRAM] [--json
//   FILE]
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "crossface/media/read/frame_reader.h"
#include "crossface/util/thread_pool.h"

namespace {

namespace fs = std::filesystem;

struct Cost {
  double wall_s = 0, cpu_s = 0, peak_mib = 0;
  int exit_code = 0;
};

// Runs `job` in a child process; its return value is the child's exit code.
Cost Measure(const std::function<int()>& job) {
  std::cout.flush();
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(job());
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  Cost cost;
  cost.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  cost.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  cost.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  cost.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return cost;
}

int Execute(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::freopen("/dev/null", "w", stderr);
  ::execv(argv[0], argv.data());
  return 127;
}

struct Footage {
  double seconds = 0;
  int64_t frames = 0;
};

// Decodes every frame and throws it away, as many files at a time as there are threads.
Footage DecodeAll(const std::vector<crossface::SourceFile>& files, int threads) {
  crossface::ThreadPool pool(threads);
  std::vector<std::future<Footage>> parts;
  for (const auto& file : files) {
    parts.push_back(pool.Submit([&file] {
      Footage footage;
      auto reader = crossface::OpenSource(file.path);
      if (!reader.ok()) return footage;
      for (auto frame = (*reader)->Next(); frame.ok() && *frame; frame = (*reader)->Next()) {
        ++footage.frames;
        footage.seconds = static_cast<double>((*frame)->time_us + (*frame)->duration_us) / 1e6;
      }
      return footage;
    }));
  }
  Footage all;
  for (auto& part : parts) {
    const Footage footage = part.get();
    all.seconds += footage.seconds;
    all.frames += footage.frames;
  }
  return all;
}

nlohmann::json Evaluate(const std::string& program, const fs::path& case_folder, const std::string& truth) {
  const fs::path answer = case_folder / "evaluation.json";
  const std::string command = fmt::format("'{}' evaluate '{}' --truth '{}' --json > '{}' 2>/dev/null",
                                          program, case_folder.string(), truth, answer.string());
  if (std::system(command.c_str()) != 0) return nullptr;
  return nlohmann::json::parse(std::ifstream(answer), nullptr, false);
}

std::string ProcessorName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

// Where the processor's time went; what is no stage is start and end, grouping and the export.
void TellStages(const nlohmann::json& stages, const Cost& cost, nlohmann::json* result) {
  double left = cost.cpu_s;
  std::string told;
  for (const char* stage : {"read", "decode", "select", "detect", "track", "embed", "store"}) {
    const double seconds = stages[stage].get<double>();
    left -= seconds;
    told += fmt::format("  {} {:.1f}", stage, seconds);
  }
  fmt::print("  CPU s:{}  all else {:.1f}\n", told, left);
  (*result)["stages"] = stages;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times decoding alone, the default profile and --exhaustive on the same files");
  std::string videos, truth, json_file;
  std::string program = (fs::path(argv[0]).parent_path().parent_path() / "crossface").string();
  int threads = 2;
  bool skip_exhaustive = false;
  app.add_option("videos", videos)->required();
  app.add_option("--truth", truth, "boxes or intervals, as for crossface evaluate");
  app.add_option("--threads", threads)->capture_default_str();
  app.add_flag("--skip-exhaustive", skip_exhaustive);
  app.add_option("--crossface", program)->capture_default_str();
  app.add_option("--json", json_file);
  CLI11_PARSE(app, argc, argv);

  const auto search = crossface::FindSources({videos});
  if (!search.ok() || search->files.empty()) {
    std::cerr << "no videos in " << videos << "\n";
    return 2;
  }
  std::string pattern = (fs::temp_directory_path() / "crossface-bench-XXXXXX").string();
  const fs::path work = ::mkdtemp(pattern.data());
  // Counted here, so that the timed child only decodes.
  const Footage footage = DecodeAll(search->files, threads);

  nlohmann::json results = {{"processor", ProcessorName()},
                            {"threads", threads},
                            {"sources", search->files.size()},
                            {"video_s", footage.seconds},
                            {"frames", footage.frames}};
  fmt::print(
      "{}; {} sources, {:.1f} s of video, {} frames, {} threads\n{:<12}{:>10}{:>10}{:>13}{:>12}{:>14}\n",
      ProcessorName(), search->files.size(), footage.seconds, footage.frames, threads, "job", "wall s",
      "CPU s", "x real time", "peak MiB", "BCubed P/R/F");
  const auto tell = [&](const std::string& job, const Cost& cost, const nlohmann::json& evaluation) {
    std::string agreement = "-";
    if (evaluation.is_object() && evaluation.contains("bcubed")) {
      const auto& b = evaluation["bcubed"];
      agreement = fmt::format("{:.3f}/{:.3f}/{:.3f}", b["precision"].get<double>(), b["recall"].get<double>(),
                              b["f"].get<double>());
    }
    fmt::print("{:<12}{:>10.1f}{:>10.1f}{:>13.2f}{:>12.0f}   {}{}\n", job, cost.wall_s, cost.cpu_s,
               footage.seconds / cost.wall_s, cost.peak_mib, agreement,
               cost.exit_code == 0 || cost.exit_code == 3 ? "" : fmt::format("  exit {}", cost.exit_code));
    results[job] = {{"wall_s", cost.wall_s},
                    {"cpu_s", cost.cpu_s},
                    {"peak_mib", cost.peak_mib},
                    {"exit", cost.exit_code},
                    {"evaluation", evaluation}};
  };
  const auto identify = [&](const std::string& job, const std::vector<std::string>& more) {
    const fs::path case_folder = work / job;
    std::vector<std::string> command = {program,  "identify",           videos,
                                        "--case", case_folder.string(), "--quiet",
                                        "--json", "--threads",          std::to_string(threads)};
    command.insert(command.end(), more.begin(), more.end());
    const Cost cost = Measure([&] {
      std::freopen((work / (job + ".json")).c_str(), "w", stdout);
      return Execute(command);
    });
    const auto answer = nlohmann::json::parse(std::ifstream(work / (job + ".json")), nullptr, false);
    tell(job, cost, truth.empty() ? nlohmann::json() : Evaluate(program, case_folder, truth));
    if (answer.is_object() && answer.contains("scan"))
      TellStages(answer["scan"]["cpu_seconds"], cost, &results[job]);
    return cost.wall_s;
  };
  tell("decode", Measure([&] { return DecodeAll(search->files, threads).frames > 0 ? 0 : 1; }), nullptr);
  const double fast = identify("default", {});
  if (!skip_exhaustive) {
    const double slow = identify("exhaustive", {"--exhaustive"});
    fmt::print("the default profile is {:.1f} times as fast as --exhaustive\n", slow / fast);
  }
  if (!json_file.empty()) std::ofstream(json_file) << results.dump(2) << "\n";
  fs::remove_all(work);
  return 0;
}
