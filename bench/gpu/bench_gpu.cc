// What nets and the search for neighbours cost on a device, and how far its numbers are from the processor's:
// a table for docs/gpu.md. With --fp16 the same of a folder of half-precision copies (to_fp16.py).
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <random>

#include "crossface/cluster/graph/candidate_search.h"
#include "crossface/cluster/graph/device_products.h"
#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/cluster/graph/neighbour_graph.h"
#include "crossface/inference/engine/cuda_card.h"
#include "crossface/inference/engine/row_batches.h"
#include "crossface/inference/models/model_store.h"

namespace crossface::bench {
namespace {

// How a scan uses a net: one frame at a time where rows is 1 alone.
struct Net {
  const char* model;
  int64_t width, height;
  TensorSpec output;  // the first
  std::vector<int64_t> rows;
};

const std::vector<Net>& Nets() {
  static const std::vector<Net> nets = {
      {"scrfd_500m", 640, 640, {"", {-1, -1, 1}}, {1}},
      {"scrfd_500m", 960, 544, {"", {-1, -1, 1}}, {1}},
      {"scrfd_2.5g", 640, 640, {"", {-1, -1, 1}}, {1}},
      {"retinaface", 224, 224, {"", {-1, -1, 4}}, {1}},
      {"mtcnn_rnet", 24, 24, {"", {-1, 2}}, {1, 128}},
      {"mtcnn_onet", 48, 48, {"", {-1, 2}}, {1, 128}},
      {"arcface_ms1m", 112, 112, {"", {-1, 512}}, {1, 3, 8, 32, 128}},
      {"arcface_foamliu", 112, 112, {"", {-1, 128}}, {1, 3, 8, 32, 128}},
      {"facenet_vggface2", 160, 160, {"", {-1, 512}}, {1, 8, 32}},
  };
  return nets;
}

Tensor Picture(const Net& net, int64_t rows) {
  Tensor tensor{{rows, 3, net.height, net.width},
                std::vector<float>(static_cast<size_t>(rows * 3 * net.height * net.width))};
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0, .5f);
  for (float& value : tensor.data) value = normal(random);
  return tensor;
}

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

constexpr int kLeastRounds = 3;

double SecondsOf(const std::function<void()>& work, double at_least = 1) {
  work();  // kernels are chosen and memory is taken
  const auto begin = std::chrono::steady_clock::now();
  double seconds = 0;
  int rounds = 0;
  while (seconds < at_least || rounds < kLeastRounds) {
    work();
    ++rounds;
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return seconds / rounds;
}

// The cosine of two answers as a whole: 1 where they agree.
double Agreement(const std::vector<float>& x, const std::vector<float>& y) {
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i)
    xy += double{x[i]} * y[i], xx += double{x[i]} * x[i], yy += double{y[i]} * y[i];
  return xy / std::sqrt(xx * yy);
}

Result<std::unique_ptr<Session>> Load(const std::filesystem::path& file, const Net& net,
                                      const Device& device) {
  return Session::Load(file, {{"", {-1, 3, -1, -1}}}, {net.output}, {.device = device});
}

Status MeasureNets(const ModelStore& reference, const std::filesystem::path& folder, const char* precision,
                   const Device& device) {
  for (const Net& net : Nets()) {
    const auto original = reference.Find(net.model);
    if (!original.ok()) {
      std::printf("| %s | %s | | | | | not installed |\n", net.model, precision);
      continue;
    }
    if (!std::filesystem::exists(folder / original->filename())) {
      std::printf("| %s | %s | | | | | no such copy |\n", net.model, precision);
      continue;
    }
    CROSSFACE_ASSIGN_OR_RETURN(const auto session, Load(folder / original->filename(), net, device));
    CROSSFACE_ASSIGN_OR_RETURN(const auto on_cpu, Load(*original, net, Device()));
    for (const int64_t rows : net.rows) {
      const Tensor input = Picture(net, rows);
      const int64_t bytes =
          kBytesPerInputByte * static_cast<int64_t>(sizeof(float)) * 3 * net.width * net.height;
      Result<std::vector<Tensor>> answer = session->RunRows({&input, 1}, bytes);
      if (!answer.ok()) return answer.status();
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Tensor> expected, on_cpu->RunRows({&input, 1}, bytes));
      const double seconds = SecondsOf([&] { answer = session->RunRows({&input, 1}, bytes); });
      if (!answer.ok()) return answer.status();
      std::printf("| %s %ldx%ld | %s | %ld | %.3f | %.0f | %.7f | %s |\n", net.model, net.width, net.height,
                  precision, rows, 1e3 * seconds / static_cast<double>(rows),
                  static_cast<double>(rows) / seconds, Agreement((*answer)[0].data, expected[0].data),
                  fmt::format("{}", fmt::join(session->placement().nodes, ", ")).c_str());
      std::fflush(stdout);
    }
  }
  return {};
}

RowMatrix Directions(int64_t rows, int dimensions, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  RowMatrix matrix = RowMatrix::NullaryExpr(rows, dimensions, [&] { return normal(random); });
  matrix.rowwise().normalize();
  return matrix;
}

// All products of so many tracks, as grouping asks for them, by the net and by FAISS.
Status MeasureSearch(int tracks, const Device& device) {
  constexpr int kDimensions = 640;  // of the two ArcFaces together
  const RowMatrix rows = Directions(tracks, kDimensions, 3);
  ClusterProblem problem{.items = tracks,
                         .quality = std::vector<float>(static_cast<size_t>(tracks), .8f),
                         .may_form = std::vector<uint8_t>(static_cast<size_t>(tracks), 1)};
  problem.templates.push_back({.model = "made",
                               .dimensions = kDimensions,
                               .rows = {rows.data(), rows.data() + rows.size()},
                               .present = std::vector<uint8_t>(static_cast<size_t>(tracks), 1)});
  const ScoreRule rule = testing::LinearRule();
  const ScaledVectors vectors(problem, rule);
  std::vector<int> all(static_cast<size_t>(tracks));
  for (int i = 0; i < tracks; ++i) all[static_cast<size_t>(i)] = i;
  CROSSFACE_ASSIGN_OR_RETURN(const auto by_net, DeviceProducts::On({.device = device}));
  std::vector<std::vector<int>> found[2];
  for (const bool net : {false, true}) {
    auto& candidates = found[net ? 1 : 0];
    candidates.resize(all.size());
    Status status;
    const double before = CpuSeconds();
    const double seconds = SecondsOf(
        [&] {
          status = SearchCandidates(vectors, all, all, {.products = net ? by_net.get() : nullptr},
                                    [&](size_t position, std::span<const int> own) {
                                      candidates[position].assign(own.begin(), own.end());
                                      std::sort(candidates[position].begin(), candidates[position].end());
                                    });
        },
        0);
    if (!status.ok()) return status;
    const double cpu = CpuSeconds() - before;
    const std::string on = net ? "net on " + device.ToString() : "FAISS on cpu";
    std::printf("| neighbours of %d tracks, %s | fp32 | | %.3f | %.0f | | %.1f processor seconds |\n", tracks,
                on.c_str(), 1e3 * seconds / tracks, tracks / seconds, cpu / (kLeastRounds + 1));
  }
  size_t same = 0;
  for (size_t i = 0; i < all.size(); ++i) same += found[0][i] == found[1][i];
  std::printf("\n%zu of %d tracks have the same candidates by both.\n", same, tracks);
  return {};
}

// Peak memory of a process that runs the net on so many rows.
int64_t PeakBytes(const std::filesystem::path& file, const Net& net, int64_t rows) {
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto session = Load(file, net, Device());
    const Tensor input = Picture(net, rows);
    _exit(session.ok() && (*session)->Run({&input, 1}).ok() ? 0 : 1);
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  return status == 0 ? usage.ru_maxrss * 1024 : -1;
}

void MeasureMemory(const ModelStore& models) {
  std::printf("| net | bytes a row | times its input |\n|---|---|---|\n");
  for (const Net& net : Nets()) {
    const auto file = models.Find(net.model);
    if (net.rows.size() == 1 || !file.ok()) continue;
    const int64_t input = 4 * 3 * net.width * net.height;
    const int64_t few = std::max<int64_t>(32, (int64_t{6} << 20) / input);
    const int64_t less = PeakBytes(*file, net, few), more = PeakBytes(*file, net, 3 * few);
    if (less < 0 || more < 0) continue;
    const double row = static_cast<double>(more - less) / static_cast<double>(2 * few);
    std::printf("| %s | %.0f | %.1f |\n", net.model, row, row / static_cast<double>(input));
  }
}

Status Run(const std::string& asked, const std::filesystem::path& models, const std::filesystem::path& fp16,
           int tracks) {
  CROSSFACE_ASSIGN_OR_RETURN(const Device device, ResolveDevice(asked));
  std::printf("ONNX Runtime %s on %s", InferenceRuntimeVersion().c_str(), device.ToString().c_str());
  if (device.kind == Device::Kind::kCuda) {
    CROSSFACE_ASSIGN_OR_RETURN(const CudaCard card, ReadCudaCard(device.index));
    std::printf(", %s, %.1f GiB, %.1f free", card.name.c_str(),
                static_cast<double>(card.memory_bytes) / (1 << 30),
                static_cast<double>(card.free_bytes) / (1 << 30));
  }
  std::printf(
      "\n\n| net | precision | rows a run | ms a row | rows a second | cosine to the processor's fp32 | "
      "nodes |\n|---|---|---|---|---|---|---|\n");
  const ModelStore store(models);
  CROSSFACE_RETURN_IF_ERROR(MeasureNets(store, store.folder(), "fp32", device));
  if (!fp16.empty()) CROSSFACE_RETURN_IF_ERROR(MeasureNets(store, fp16, "fp16", device));
  return tracks > 0 ? MeasureSearch(tracks, device) : Status();
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  CLI::App app("what nets and the search for neighbours cost on a device");
  std::string device = "cuda";
  std::filesystem::path models = crossface::ModelStore::DefaultFolder(), fp16;
  int tracks = 20000;
  bool memory = false;
  app.add_option("--device", device)->capture_default_str();
  app.add_option("--models", models);
  app.add_option("--fp16", fp16, "folder of half-precision copies");
  app.add_option("--tracks", tracks, "of the search; 0: none")->capture_default_str();
  app.add_flag("--memory", memory, "instead: what a row takes of the processor's memory");
  CLI11_PARSE(app, argc, argv);
  if (memory) return crossface::bench::MeasureMemory(crossface::ModelStore(models)), 0;
  const crossface::Status status = crossface::bench::Run(device, models, fp16, tracks);
  if (!status.ok()) std::fprintf(stderr, "bench_gpu: %s\n", status.message().c_str());
  return status.ok() ? 0 : 1;
}
