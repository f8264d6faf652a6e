// bench_whole_job: in one run, on the same files, the time and peak memory of decoding alone, of the default
// profile, of --exhaustive, and of what others do (peers.py, with a Python that has what they need); with
// --truth also how well each agrees with it. Each job is a process of its own. Start it in the project's
// folder.
//
//   bench_whole_job VIDEOS [--truth FILE] [--threads N] [--skip-exhaustive] [--peers PYTHON] [--models
//   FOLDER]
//   [--crossface PROGRAM] [--json FILE]
#include <fmt/format.h>
#include <fmt/ranges.h>
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
  ::execvp(argv[0], argv.data());
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

bool HasBoxes(const std::string& truth) {
  std::string header;
  std::ifstream file(truth);
  return std::getline(file, header) && header.find(",x,y,w,h") != std::string::npos;
}

// What score_faces.py says of faces that anybody grouped, against boxes.
nlohmann::json ScoreFaces(const std::string& python, const fs::path& faces, const std::string& truth) {
  const std::string answer = faces.string() + ".score.json";
  const std::string command = fmt::format("'{}' bench/whole_job/score_faces.py '{}' '{}' > '{}'", python,
                                          faces.string(), truth, answer);
  if (std::system(command.c_str()) != 0) return nullptr;
  return nlohmann::json::parse(std::ifstream(answer), nullptr, false);
}

void TellFaces(const nlohmann::json& score, nlohmann::json* result) {
  if (!score.is_object()) return;
  fmt::print(
      "  faces: precision {:.3f}  recall {:.3f}  found {:.3f}  strangers {:.3f}  {} folders for {} people\n",
      score["precision"].get<double>(), score["recall"].get<double>(), score["found"].get<double>(),
      score["strangers"].get<double>(), score["folders"].get<int>(), score["people"].get<int>());
  (*result)["faces"] = score;
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

std::string PartsOf(std::string_view stage) {
  return stage == "detect" ? "looks" : stage == "embed" ? "embedders" : "";
}

// Where the processor's time went; what is no stage is start and end.
void TellStages(const nlohmann::json& answer, const Cost& cost, double decoding_s, nlohmann::json* result) {
  nlohmann::json stages = answer["scan"]["cpu_seconds"];
  stages["group"] = answer["cluster"]["cpu_seconds"];
  stages["export"] = answer["export"]["cpu_seconds"];
  double left = cost.cpu_s;
  std::string told;
  for (const char* stage :
       {"read", "decode", "select", "detect", "track", "embed", "store", "group", "export"}) {
    const double seconds = stages[stage].get<double>();
    left -= seconds;
    told += fmt::format("  {} {:.1f}", stage, seconds);
    std::vector<std::string> parts;
    const auto looks = stages.value(PartsOf(stage), nlohmann::json::object());
    for (const auto& [part, of_it] : looks.items())
      parts.push_back(fmt::format("{} {:.1f}", part, of_it.get<double>()));
    if (!parts.empty()) told += fmt::format(" ({})", fmt::join(parts, ", "));
  }
  fmt::print("  CPU s:{}  all else {:.1f}\n", told, left);
  // What could not be saved: every frame decoded, three faces of a track embedded, nothing looked for.
  const double floor = decoding_s + stages["embed"].get<double>();
  fmt::print("  decoding and embedding alone: {:.1f} CPU s, {:.1f} x decoding\n", floor, floor / decoding_s);
  (*result)["stages"] = stages;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times decoding alone, the default profile and --exhaustive on the same files");
  std::string videos, truth, json_file, peers, models = "../shared/models";
  std::string program = (fs::path(argv[0]).parent_path().parent_path() / "crossface").string();
  int threads = 2;
  bool skip_exhaustive = false;
  app.add_option("videos", videos)->required();
  app.add_option("--truth", truth, "boxes or intervals, as for crossface evaluate");
  app.add_option("--threads", threads)->capture_default_str();
  app.add_flag("--skip-exhaustive", skip_exhaustive);
  app.add_option("--peers", peers, "a Python that has what peers.py needs");
  app.add_option("--models", models, "folder of the peers' networks")->capture_default_str();
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
      "{}; {} sources, {:.1f} s of video, {} frames, {} threads\n{:<17}{:>9}{:>9}{:>12}{:>13}{:>10}{:>16}\n",
      ProcessorName(), search->files.size(), footage.seconds, footage.frames, threads, "job", "wall s",
      "CPU s", "x decoding", "x real time", "peak MiB", "BCubed P/R/F");
  double decoding_s = 0;
  const bool score_faces = !peers.empty() && HasBoxes(truth);
  const auto tell = [&](const std::string& job, const Cost& cost, const nlohmann::json& evaluation) {
    std::string agreement = "-";
    if (evaluation.is_object() && evaluation.contains("bcubed")) {
      const auto& b = evaluation["bcubed"];
      agreement = fmt::format("{:.3f}/{:.3f}/{:.3f}", b["precision"].get<double>(), b["recall"].get<double>(),
                              b["f"].get<double>());
    }
    fmt::print("{:<17}{:>9.1f}{:>9.1f}{:>12.1f}{:>13.2f}{:>10.0f}   {}{}\n", job, cost.wall_s, cost.cpu_s,
               cost.cpu_s / decoding_s, footage.seconds / cost.wall_s, cost.peak_mib, agreement,
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
    if (answer.is_object() && answer.contains("export")) TellStages(answer, cost, decoding_s, &results[job]);
    if (score_faces) TellFaces(ScoreFaces(peers, case_folder / "faces.csv", truth), &results[job]);
    return cost.wall_s;
  };
  const auto peer = [&](const std::string& recipe) {
    const fs::path faces = work / (recipe + ".csv");
    std::vector<std::string> command = {
        peers,       "bench/whole_job/peers.py", recipe, faces.string(), "--models", models,
        "--threads", std::to_string(threads)};
    for (const auto& file : search->files) command.push_back(file.path.string());
    tell(recipe, Measure([&] { return Execute(command); }), nullptr);
    if (score_faces) TellFaces(ScoreFaces(peers, faces, truth), &results[recipe]);
  };
  const Cost decoding = Measure([&] { return DecodeAll(search->files, threads).frames > 0 ? 0 : 1; });
  decoding_s = decoding.cpu_s;
  tell("decode", decoding, nullptr);
  const double fast = identify("default", {});
  if (!skip_exhaustive) {
    const double slow = identify("exhaustive", {"--exhaustive"});
    fmt::print("the default profile is {:.1f} times as fast as --exhaustive\n", slow / fast);
  }
  if (!peers.empty()) {
    for (const char* recipe : {"scrfd_arcface", "face_recognition"}) peer(recipe);
  }
  if (!json_file.empty()) std::ofstream(json_file) << results.dump(2) << "\n";
  fs::remove_all(work);
  return 0;
}
