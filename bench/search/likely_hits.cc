// How often a search by face is right: photos of known people are scanned into a case, other photos of the
// same people and photos of strangers are searched for in it. Prints, for several numbers of strangers that a
// likely hit may be expected to be (kLikelyStrangers), how many searches find the person and how many point
// at somebody else.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <set>

#include "crossface/scan/scan_case.h"
#include "crossface/search/search_case.h"
#include "crossface/util/hash.h"

namespace crossface::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::array<double, 7> kLimits = {0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05};
// The photos of one person beyond these are the questions.
constexpr size_t kInCase = 4;

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

struct Question {
  fs::path photo;
  std::string person;  // empty: a stranger
};

struct Counts {
  int64_t asked = 0, first = 0;                 // searches; those whose best hit is right
  std::array<int64_t, kLimits.size()> right{};  // searches with a right likely hit
  std::array<int64_t, kLimits.size()> wrong{};  // searches with a likely hit of somebody else
};

class Trial {
 public:
  explicit Trial(fs::path folder) : folder_(std::move(folder)) { fs::remove_all(folder_); }
  ~Trial() { fs::remove_all(folder_); }

  Status Scan(const std::vector<SourceFile>& files) {
    ScanSettings settings;
    settings.threads = 2;
    CROSSFACE_ASSIGN_OR_RETURN(const ScanModels models, ScanModels::Load(settings));
    CROSSFACE_ASSIGN_OR_RETURN(gallery_, Gallery::Open(folder_, Gallery::Mode::kCreate));
    return ScanCase(*gallery_, files, models, settings, {}).status();
  }

  Status Ask(const std::vector<Question>& questions, Counts* known, Counts* strangers) {
    CROSSFACE_ASSIGN_OR_RETURN(const CaseSearcher searcher, CaseSearcher::Open(*gallery_, {}));
    CROSSFACE_ASSIGN_OR_RETURN(
        const SearchModels models,
        SearchModels::Load(*gallery_, searcher.ensemble(), ModelStore::DefaultFolder(), "cpu"));
    for (const Question& question : questions) {
      CROSSFACE_ASSIGN_OR_RETURN(const Photo photo, ReadPhoto(question.photo, models, searcher.ensemble()));
      if (photo.faces.empty()) continue;
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SearchHit> hits,
                                 searcher.Search(photo.faces.front(), 1000));
      Count(question, hits, question.person.empty() ? strangers : known);
    }
    std::printf("%ld tracks in the case\n", static_cast<long>(searcher.compared_tracks()));
    return Status();
  }

 private:
  static void Count(const Question& question, const std::vector<SearchHit>& hits, Counts* counts) {
    const auto is_right = [&](const SearchHit& hit) {
      return !question.person.empty() && hit.source.starts_with(question.person + "/");
    };
    ++counts->asked;
    counts->first += !hits.empty() && is_right(hits.front());
    for (size_t i = 0; i < kLimits.size(); ++i) {
      bool right = false, wrong = false;
      for (const SearchHit& hit : hits) {
        if (hit.probability < 0.5 || hit.expected_strangers > kLimits[i]) continue;
        (is_right(hit) ? right : wrong) = true;
      }
      counts->right[i] += right;
      counts->wrong[i] += wrong;
    }
  }

  fs::path folder_;
  std::unique_ptr<Gallery> gallery_;
};

// One half of the people is in the case, the other half and the distractors are strangers to it.
Status RunHalf(size_t half, const fs::path& stills, const std::vector<fs::path>& distractors,
               const fs::path& folder) {
  std::vector<SourceFile> files;
  std::vector<Question> questions;
  for (const fs::path& person : Sorted(stills)) {
    const std::string name = person.filename().string();
    // By a digest of the name: neighbours in the alphabet may be kin.
    const bool here = (std::stoul(Sha256Hex(name).substr(0, 2), nullptr, 16) & 1) == half;
    const std::vector<fs::path> photos = Sorted(person);
    for (size_t i = 0; i < photos.size(); ++i) {
      if (here && i < kInCase) {
        files.push_back({photos[i], name + "/" + photos[i].filename().string()});
      } else if (i < 2 * kInCase) {
        questions.push_back({photos[i], here ? name : ""});
      }
    }
  }
  for (const fs::path& photo : distractors) questions.push_back({photo, ""});
  Trial trial(folder);
  CROSSFACE_RETURN_IF_ERROR(trial.Scan(files));
  Counts known, strangers;
  CROSSFACE_RETURN_IF_ERROR(trial.Ask(questions, &known, &strangers));
  const auto share = [](int64_t part, int64_t of) {
    return static_cast<double>(part) / static_cast<double>(of);
  };
  std::printf("half %zu: %ld photos of people in the case, %.3f right at the first place; %ld of strangers\n",
              half, static_cast<long>(known.asked), share(known.first, known.asked),
              static_cast<long>(strangers.asked));
  std::printf("strangers   found   somebody else too   stranger taken for somebody\n");
  for (size_t i = 0; i < kLimits.size(); ++i) {
    std::printf("%9.4f  %6.3f  %18.4f  %28.4f\n", kLimits[i], share(known.right[i], known.asked),
                share(known.wrong[i], known.asked), share(strangers.wrong[i], strangers.asked));
  }
  return Status();
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  using namespace crossface;
  CLI::App app("How often a search by face is right, on photos of known people");
  std::filesystem::path stills, strangers,
      folder = std::filesystem::temp_directory_path() / "crossface-bench-likely";
  app.add_option("--stills", stills, "folder with a folder of photos per person")->required();
  app.add_option("--strangers", strangers, "folder with photos of other people")->required();
  app.add_option("--folder", folder, "for the cases")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::vector<std::filesystem::path> distractors;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(strangers)) {
    if (entry.is_regular_file()) distractors.push_back(entry.path());
  }
  std::sort(distractors.begin(), distractors.end());
  for (const size_t half : {0, 1}) {
    const Status status = bench::RunHalf(half, stills, distractors, folder);
    if (status.ok()) continue;
    std::fprintf(stderr, "%s\n", status.message().c_str());
    return 1;
  }
  return 0;
}
