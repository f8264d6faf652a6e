// Quality and time of every clustering method on real vectors of known people: the score is fitted on one
// half of the people, the other half is clustered, both ways. Prints a table and writes JSON.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "clustering/labelled_features.h"
#include "crossface/cluster/graph_clusterer.h"
#include "crossface/cluster/metrics.h"
#include "crossface/util/file.h"

namespace crossface::bench {
namespace {

void Report(const std::string& data, const std::string& method, const std::vector<int>& truth,
            const ClusterProblem& problem, const ScoreRule& rule, nlohmann::json* results) {
  const auto start = std::chrono::steady_clock::now();
  const auto answer = FindPersons(problem, rule, {}, *PartitionerOf(method));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!answer.ok()) {
    std::printf("%-24s %-14s %s\n", data.c_str(), method.c_str(), answer.status().message().c_str());
    return;
  }
  const ClusterMetrics m = CompareClusterings(truth, answer->person_of);
  std::printf("%-24s %-14s P %.4f R %.4f F %.4f  B3 %.4f %.4f  nmi %.4f  persons %5d / %5d  %7.2f s\n",
              data.c_str(), method.c_str(), m.pairwise.precision, m.pairwise.recall, m.pairwise.F(),
              m.bcubed.precision, m.bcubed.recall, m.nmi, m.predicted_persons, m.true_persons, seconds);
  std::fflush(stdout);
  results->push_back({{"data", data},
                      {"method", method},
                      {"pairwise", {m.pairwise.precision, m.pairwise.recall, m.pairwise.F()}},
                      {"bcubed", {m.bcubed.precision, m.bcubed.recall, m.bcubed.F()}},
                      {"nmi", m.nmi},
                      {"persons", {m.predicted_persons, m.true_persons}},
                      {"seconds", seconds}});
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  using namespace crossface;
  CLI::App app("Clustering methods on vectors of known people");
  std::filesystem::path features, json;
  std::vector<std::string> methods = ClusteringMethods();
  app.add_option("--features", features, "folder with facenet128_lfw.f32 and its labels")->required();
  app.add_option("--methods", methods, "all by default")->delimiter(',');
  app.add_option("--json", json, "file for the results");
  CLI11_PARSE(app, argc, argv);
  const auto all =
      bench::ReadFeatures(features / "facenet128_lfw.f32", features / "facenet128_lfw_labels.tsv", 128);
  if (!all.ok()) {
    std::fprintf(stderr, "%s\n", all.status().message().c_str());
    return 1;
  }
  nlohmann::json results = nlohmann::json::array();
  for (const int half : {0, 1}) {
    const ScoreRule rule = bench::FitRule(all->Half(1 - half));
    const auto test = all->Half(half);
    const ClusterProblem problem = bench::ProblemOf(test);
    for (const std::string& method : methods) {
      bench::Report("facenet half " + std::to_string(half), method, test.person, problem, rule, &results);
    }
  }
  if (json.empty()) return 0;
  const Status written = WriteFileAtomically(json, results.dump(2) + "\n");
  if (!written.ok()) std::fprintf(stderr, "%s\n", written.message().c_str());
  return written.ok() ? 0 : 1;
}
