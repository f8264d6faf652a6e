// Quality, time and memory of every clustering method on (a) real vectors of known people, the score fitted
// on one half of the people and the other half clustered, both ways; (b) the tracks of cases with their
// truth; (c) generated people. Prints a table and writes JSON.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <numeric>

#include "clustering/case_tracks.h"
#include "clustering/generated_people.h"
#include "clustering/report.h"
#include "crossface/cluster/persons/graph_clusterer.h"
#include "crossface/cluster/persons/incremental.h"
#include "crossface/cluster/persons/labelled_features_for_test.h"
#include "crossface/util/file.h"
#include "crossface/util/mapped_floats.h"

namespace crossface::bench {
namespace {

struct Arguments {
  std::filesystem::path features, json, scratch = std::filesystem::temp_directory_path();
  std::vector<std::filesystem::path> cases, truths;
  std::vector<std::string> methods = ClusteringMethods();
  std::vector<int64_t> generated;
  int64_t added = 1000;
  int exact_up_to = ClusterOptions().exact_neighbours_up_to;
  std::string scikit_learn;
};

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments), options_{.exact_neighbours_up_to = arguments.exact_up_to} {}

  Status Run() {
    if (!arguments_.features.empty()) CROSSFACE_RETURN_IF_ERROR(OnFeatures());
    for (size_t i = 0; i < arguments_.cases.size(); ++i) {
      for (const std::string& method : arguments_.methods) {
        CROSSFACE_ASSIGN_OR_RETURN(const Outcome outcome,
                                   ClusterCaseTracks(arguments_.cases[i], arguments_.truths[i],
                                                     arguments_.scratch, method, options_));
        Add(outcome);
      }
    }
    std::vector<Outcome> grown;
    for (const int64_t items : arguments_.generated) CROSSFACE_RETURN_IF_ERROR(OnGenerated(items, &grown));
    ReportGrowth(grown, &results_);
    if (arguments_.json.empty()) return {};
    return WriteFileAtomically(arguments_.json, results_.dump(2) + "\n");
  }

 private:
  void Add(const Outcome& outcome) {
    Print(outcome);
    results_.push_back(ToJson(outcome));
  }

  // False where the method refuses sets of that size.
  bool RunMethod(const std::string& data, const std::string& method, const std::vector<int>& truth,
                 const ClusterProblem& problem, const ScoreRule& rule, Outcome* outcome,
                 const std::vector<int>& before = {}, std::vector<int>* person_of = nullptr) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu = CpuSeconds();
    const auto partitioner = *PartitionerOf(method);
    const auto answer = before.empty() ? FindPersons(problem, rule, options_, partitioner)
                                       : ClusterIncrementally(problem, rule, options_, partitioner, before);
    *outcome = {.data = data, .method = method, .items = problem.items};
    outcome->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    outcome->cpu_seconds = CpuSeconds() - cpu;
    outcome->peak_mib = PeakMib();
    if (!answer.ok()) {
      std::printf("%-22s %-14s %s\n", data.c_str(), method.c_str(), answer.status().message().c_str());
      return false;
    }
    outcome->metrics = CompareClusterings(truth, answer->person_of);
    Add(*outcome);
    if (person_of) *person_of = answer->person_of;
    return true;
  }

  Status OnFeatures() {
    CROSSFACE_ASSIGN_OR_RETURN(const testing::LabelledFeatures all,
                               testing::ReadFeatures(arguments_.features / "facenet128_lfw.f32",
                                                     arguments_.features / "facenet128_lfw_labels.tsv", 128));
    for (const int half : {0, 1}) {
      const ScoreRule rule = testing::FitRule(all.Half(1 - half));
      const auto test = all.Half(half);
      const ClusterProblem problem = testing::ProblemOf(test);
      Outcome outcome;
      for (const std::string& method : arguments_.methods)
        RunMethod("facenet half " + std::to_string(half), method, test.person, problem, rule, &outcome);
    }
    return {};
  }

  Status OnGenerated(int64_t items, std::vector<Outcome>* grown) {
    constexpr int kDimensions = 512;
    const std::filesystem::path file = arguments_.scratch / ("people_" + std::to_string(items) + ".f32");
    CROSSFACE_ASSIGN_OR_RETURN(const GeneratedPeople people,
                               GeneratePeople(items + arguments_.added, kDimensions, 1, file));
    CROSSFACE_ASSIGN_OR_RETURN(const MappedFloats vectors, MappedFloats::Open(file));
    const auto problem_of = [&](int64_t count) {
      const auto size = static_cast<size_t>(count);
      ClusterProblem problem{.items = static_cast<int>(count),
                             .quality = std::vector<float>(size, 1),
                             .may_form = std::vector<uint8_t>(size, 1)};
      problem.templates.push_back({.model = "generated",
                                   .dimensions = kDimensions,
                                   .present = std::vector<uint8_t>(size, 1),
                                   .mapped = vectors.numbers().first(size * kDimensions)});
      return problem;
    };
    const ClusterProblem problem = problem_of(items), with_added = problem_of(items + arguments_.added);
    const std::vector<int> truth(people.person.begin(), people.person.begin() + items);
    const ScoreRule rule = RuleOfGeneratedPeople();
    for (const std::string& method : arguments_.methods) {
      Outcome outcome;
      std::vector<int> person_of;
      if (!RunMethod("generated", method, truth, problem, rule, &outcome, {}, &person_of)) continue;
      grown->push_back(outcome);
      if (arguments_.added == 0) continue;
      person_of.resize(people.person.size(), kNew);
      RunMethod("generated, some added", method, people.person, with_added, rule, &outcome, person_of);
    }
    CROSSFACE_RETURN_IF_ERROR(RunScikitLearn(file, people));
    std::filesystem::remove(file);
    return {};
  }

  // In the same run, on the sizes that it can take; it prints its own lines.
  Status RunScikitLearn(const std::filesystem::path& vectors, const GeneratedPeople& people) {
    if (arguments_.scikit_learn.empty()) return {};
    std::string labels;
    for (const int person : people.person) labels += std::to_string(person) + "\n";
    const std::filesystem::path truth = vectors.string() + ".labels", json = vectors.string() + ".json";
    CROSSFACE_RETURN_IF_ERROR(WriteFileAtomically(truth, labels));
    const std::string command = arguments_.scikit_learn + " bench/clustering/scikit_learn.py '" +
                                vectors.string() + "' " + std::to_string(people.dimensions) + " '" +
                                truth.string() + "' '" + json.string() + "'";
    std::fflush(stdout);
    if (std::system(command.c_str()) != 0)
      return {StatusCode::kInternal, "scikit-learn did not run: " + command};
    CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(json));
    for (const auto& entry : nlohmann::json::parse(text)) results_.push_back(entry);
    std::filesystem::remove(truth);
    std::filesystem::remove(json);
    return {};
  }

  const Arguments& arguments_;
  const ClusterOptions options_;
  nlohmann::json results_ = nlohmann::json::array();
};

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  using namespace crossface;
  CLI::App app("Clustering methods on vectors, tracks and generated people");
  bench::Arguments arguments;
  app.add_option("--features", arguments.features, "folder with facenet128_lfw.f32 and its labels");
  app.add_option("--case", arguments.cases, "scanned cases; each needs a --truth, in the same order");
  app.add_option("--truth", arguments.truths, "ground truth files, see crossface evaluate");
  app.add_option("--generated", arguments.generated, "numbers of vectors, rising: 10000,100000,1000000")
      ->delimiter(',');
  app.add_option("--methods", arguments.methods, "all by default")->delimiter(',');
  app.add_option("--added", arguments.added, "vectors that are added to each generated set afterwards");
  app.add_option("--exact-up-to", arguments.exact_up_to, "tracks whose neighbours are found exactly");
  app.add_option("--scikit-learn", arguments.scikit_learn,
                 "a Python with scikit-learn, which runs its methods on the generated people");
  app.add_option("--scratch", arguments.scratch, "folder for copies and generated vectors");
  app.add_option("--json", arguments.json, "file for the results");
  CLI11_PARSE(app, argc, argv);
  if (arguments.cases.size() != arguments.truths.size()) {
    std::fprintf(stderr, "every --case needs a --truth\n");
    return 2;
  }
  const Status status = bench::Bench(arguments).Run();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.message().c_str());
  return status.ok() ? 0 : 1;
}
