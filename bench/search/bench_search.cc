// The index of the search by face against the exact scan, on made-up vectors: recall, time and memory for
// every combination of its settings. Prints a table and writes JSON.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "crossface/gallery/template_index.h"
#include "crossface/search/search_case.h"
#include "crossface/util/file.h"
#include "search/made_identities.h"

namespace crossface::bench {
namespace {

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr size_t kWanted = 10;

struct Question {
  std::vector<float> vector;
  std::vector<int64_t> nearest;  // by the exact scan
};

struct Times {
  double mean_ms = 0, p95_ms = 0;
};

Times Summarise(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  return {1e3 * sum / static_cast<double>(seconds.size()), 1e3 * seconds[seconds.size() * 95 / 100]};
}

// As an exact search does it: one product after the other, on one thread.
Times ScanExactly(const MadeIdentities& made, size_t count, std::vector<Question>* questions) {
  std::vector<double> seconds;
  std::vector<std::pair<float, int64_t>> scores(count);
  for (Question& question : *questions) {
    const auto start = Clock::now();
    const auto width = static_cast<Eigen::Index>(question.vector.size());
    const Eigen::Map<const Eigen::VectorXf> asked(question.vector.data(), width);
    for (size_t i = 0; i < count; ++i)
      scores[i] = {-Eigen::Map<const Eigen::VectorXf>(made.row(i), width).dot(asked),
                   static_cast<int64_t>(i)};
    std::partial_sort(scores.begin(), scores.begin() + kWanted, scores.end());
    seconds.push_back(SecondsSince(start));
    for (size_t i = 0; i < kWanted; ++i) question.nearest.push_back(scores[i].second);
  }
  return Summarise(std::move(seconds));
}

int64_t PeakMiB() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

struct Row {
  size_t count = 0;
  TemplateIndexOptions options;
  double build_s = 0, load_s = 0, recall = 0;
  Times indexed, exact;
  int64_t file_mib = 0;
};

void Print(const Row& row, nlohmann::json* results) {
  std::printf("%9zu %5d %6d %8d %9.1f %7.2f %9.2f %9.2f %9.2f %9.1f %8.4f %8ld\n", row.count,
              row.options.links, row.options.build_breadth, row.options.breadth, row.build_s, row.load_s,
              row.indexed.mean_ms, row.indexed.p95_ms, row.exact.mean_ms,
              row.exact.mean_ms / row.indexed.mean_ms, row.recall, static_cast<long>(row.file_mib));
  std::fflush(stdout);
  results->push_back({{"templates", row.count},
                      {"links", row.options.links},
                      {"build_breadth", row.options.build_breadth},
                      {"breadth", row.options.breadth},
                      {"build_s", row.build_s},
                      {"load_s", row.load_s},
                      {"query_ms", row.indexed.mean_ms},
                      {"query_ms_p95", row.indexed.p95_ms},
                      {"exact_ms", row.exact.mean_ms},
                      {"exact_ms_p95", row.exact.p95_ms},
                      {"recall_at_10", row.recall},
                      {"file_mib", row.file_mib},
                      {"peak_mib_so_far", PeakMiB()}});
}

// Asks the saved index as a search does: kSearchCandidates, of which the best ten by the exact score count.
void Ask(const std::filesystem::path& folder, const MadeIdentities& made,
         const std::vector<Question>& questions, int dimensions, Row row, nlohmann::json* results) {
  const auto start = Clock::now();
  const auto index = TemplateIndex::Load(*Directory::Open(folder), dimensions, "bench", row.options);
  row.load_s = SecondsSince(start);
  if (!index.ok()) throw std::runtime_error(index.status().message());
  std::vector<double> seconds;
  double found = 0;
  for (const Question& question : questions) {
    const auto asked = Clock::now();
    const auto candidates = (*index)->Nearest(question.vector, kSearchCandidates);
    const Eigen::Map<const Eigen::VectorXf> vector(question.vector.data(), dimensions);
    std::vector<std::pair<float, int64_t>> scores;
    for (const int64_t i : candidates)
      scores.emplace_back(
          -Eigen::Map<const Eigen::VectorXf>(made.row(static_cast<size_t>(i)), dimensions).dot(vector), i);
    std::sort(scores.begin(), scores.end());
    seconds.push_back(SecondsSince(asked));
    const std::set<int64_t> nearest(question.nearest.begin(), question.nearest.end());
    for (size_t i = 0; i < std::min(kWanted, scores.size()); ++i) found += nearest.contains(scores[i].second);
  }
  row.indexed = Summarise(std::move(seconds));
  row.recall = found / static_cast<double>(kWanted * questions.size());
  Print(row, results);
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  using namespace crossface;
  using namespace crossface::bench;
  CLI::App app("The index of the search by face, on made-up vectors");
  std::vector<size_t> sizes = {10'000, 100'000};
  std::vector<int> links = {TemplateIndexOptions().links}, builds = {TemplateIndexOptions().build_breadth},
                   breadths = {TemplateIndexOptions().breadth};
  int dimensions = 512, asked = 200;
  uint32_t seed = 1;
  std::filesystem::path json, folder = std::filesystem::temp_directory_path() / "crossface-bench-search";
  app.add_option("--sizes", sizes, "numbers of templates")->delimiter(',');
  app.add_option("--dimensions", dimensions)->capture_default_str();
  app.add_option("--links", links)->delimiter(',');
  app.add_option("--build-breadth", builds)->delimiter(',');
  app.add_option("--breadth", breadths)->delimiter(',');
  app.add_option("--questions", asked, "half of them of people who are not there")->capture_default_str();
  app.add_option("--seed", seed)->capture_default_str();
  app.add_option("--folder", folder, "for the index files")->capture_default_str();
  app.add_option("--json", json, "file for the results");
  CLI11_PARSE(app, argc, argv);

  std::printf(
      "templates links  build  breadth   build s  load s  query ms    p95 ms  exact ms     ratio   recall    "
      "  MiB\n");
  nlohmann::json results = nlohmann::json::array();
  for (const size_t count : sizes) {
    MadeIdentities made({.count = count, .dimensions = dimensions, .seed = seed});
    std::vector<Question> questions(static_cast<size_t>(asked));
    for (size_t i = 0; i < questions.size(); ++i)
      questions[i].vector = i % 2 == 0 ? made.PictureOfSomebody() : made.PictureOfAStranger();
    const Times exact = ScanExactly(made, count, &questions);
    for (const int link : links) {
      for (const int build : builds) {
        Row row{.count = count, .options = {.links = link, .build_breadth = build}, .exact = exact};
        {
          const auto start = Clock::now();
          TemplateIndex index(dimensions, "bench", count, row.options);
          for (size_t i = 0; i < count; ++i)
            index.Add(static_cast<int64_t>(i), 0, {made.row(i), static_cast<size_t>(dimensions)});
          row.build_s = SecondsSince(start);
          std::filesystem::create_directories(folder);
          if (const Status saved = index.Save(*Directory::Open(folder)); !saved.ok()) {
            std::fprintf(stderr, "%s\n", saved.message().c_str());
            return 1;
          }
        }
        for (const auto& file : std::filesystem::directory_iterator(folder))
          row.file_mib += static_cast<int64_t>(file.file_size() >> 20);
        for (const int breadth : breadths) {
          row.options.breadth = breadth;
          Ask(folder, made, questions, dimensions, row, &results);
        }
      }
    }
  }
  std::filesystem::remove_all(folder);
  if (json.empty()) return 0;
  const Status written = WriteFileAtomically(json, results.dump(2) + "\n");
  if (!written.ok()) std::fprintf(stderr, "%s\n", written.message().c_str());
  return written.ok() ? 0 : 1;
}
