// How many copies of videos are recognised, and how many different videos are taken for copies. Copies are
// made with ffmpeg. The limits of AlignOptions are to be chosen by half 0 of the videos; half 1 judges them.
//
//   bench_duplicates VIDEOS --work FOLDER [--sweep] [--spatial] [--photos FOLDER] [--hours N]
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <opencv2/imgproc.hpp>
#include <set>

#include "crossface/copies/copy_finder.h"
#include "crossface/copies/fingerprinter.h"
#include "crossface/media/file/orientation.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/util/thread_pool.h"
#include "duplicates/made_copies.h"
#include "duplicates/many_hours.h"
#include "duplicates/stills.h"

namespace crossface::bench {
namespace {

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The fingerprint to compare with: the picture itself instead of its change, at the same rate, with the same
// number of bits.
class SpatialFingerprinter {
 public:
  explicit SpatialFingerprinter(const SourceInfo& info) : orientation_{info.rotation, info.mirrored} {}
  Status Push(const Frame& frame) {
    const int64_t tick = frame.time_us / kTickUs;
    if (tick <= last_) return Status();
    last_ = tick;
    CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat luma, frame.picture->Luma(160));
    cv::Mat small, real, transformed;
    cv::resize(TurnUpright(luma, orientation_), small, {320, 320}, 0, 0, cv::INTER_LINEAR);
    Change change{.tick = static_cast<uint32_t>(tick)};
    for (size_t i = 0; i < kViews; ++i) {
      const int margin = static_cast<int>(160 * (1 - kViewSides[i])), side = 320 - 2 * margin;
      cv::resize(small(cv::Rect(margin, margin, side, side)), real, {32, 32}, 0, 0, cv::INTER_AREA);
      real.convertTo(real, CV_32F);
      cv::dct(real, transformed);
      const cv::Mat lowest = transformed(cv::Rect(0, 0, 12, 12)).clone();
      change.views[i] = ChangeCodeOf({lowest.ptr<float>(), lowest.total()});
    }
    fingerprint_.changes.push_back(change);
    return Status();
  }
  Fingerprint Finish() { return std::move(fingerprint_); }

 private:
  const Orientation orientation_;
  int64_t last_ = -1;
  Fingerprint fingerprint_;
};

struct Fingerprinted {
  Fingerprint fingerprint;
  int64_t frames = 0;
  double decode_s = 0, fingerprint_s = 0;
};

template <typename Maker>
Fingerprinted FingerprintFile(const std::filesystem::path& path) {
  Fingerprinted made;
  const auto start = Clock::now();
  auto reader = OpenSource(path);
  if (!reader.ok()) return made;
  Maker maker((*reader)->info());
  while (true) {
    const auto frame = (*reader)->Next();
    if (!frame.ok() || !*frame) break;
    const auto before = Clock::now();
    if (!maker.Push(**frame).ok()) break;
    made.fingerprint_s += SecondsSince(before);
    ++made.frames;
  }
  const auto before = Clock::now();
  made.fingerprint = maker.Finish();
  made.fingerprint_s += SecondsSince(before);
  made.decode_s = SecondsSince(start) - made.fingerprint_s;
  return made;
}

struct Outcome {
  std::map<std::string, std::pair<int, int>> found;  // by kind: recognised, of how many
  std::set<std::pair<std::string, std::string>> wrong;
  int compared = 0;  // pairs of files without common footage
};

bool Share(const MadeFile& a, const MadeFile& b) {
  return std::any_of(a.families.begin(), a.families.end(), [&](int family) {
    return std::count(b.families.begin(), b.families.end(), family) > 0;
  });
}

Outcome Judge(const std::vector<MadeFile>& files, const std::vector<Fingerprinted>& made, int half,
              const CopyFinderOptions& options, double shortest_s = 0) {
  std::vector<const Fingerprint*> fingerprints;
  std::vector<size_t> file_of;
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].families[0] % 2 != half) continue;
    fingerprints.push_back(&made[i].fingerprint);
    file_of.push_back(i);
  }
  const auto pairs = FindCopies(fingerprints, options);
  Outcome outcome;
  std::set<size_t> recognised;
  if (!pairs.ok()) return outcome;
  for (const CopyPair& pair : *pairs) {
    const MadeFile &a = files[file_of[pair.a]], &b = files[file_of[pair.b]];
    if (!Share(a, b)) outcome.wrong.insert({a.path.filename().string(), b.path.filename().string()});
    for (const auto& [original, copy, copy_file, offset_us] :
         {std::tuple(a, b, file_of[pair.b], pair.b_start_us - pair.a_start_us),
          std::tuple(b, a, file_of[pair.a], pair.a_start_us - pair.b_start_us)}) {
      if (original.kind != "original" || copy.kind == "original" || original.original != copy.original)
        continue;
      const bool right_mirror = pair.mirrored == (copy.kind == "mirror");
      if (std::abs(static_cast<double>(offset_us) / 1e6 - copy.offset_s) <= 0.5 && right_mirror)
        recognised.insert(copy_file);
    }
  }
  for (size_t i = 0; i < file_of.size(); ++i) {
    const MadeFile& file = files[file_of[i]];
    for (size_t k = 0; k < i; ++k) outcome.compared += !Share(file, files[file_of[k]]);
    if (file.kind == "original" || file.length_s < shortest_s) continue;
    auto& [found, all] = outcome.found[file.kind];
    found += recognised.contains(file_of[i]);
    ++all;
  }
  return outcome;
}

void PrintRow(const std::string& name, const Outcome& outcome) {
  std::printf("%-16s", name.c_str());
  int found = 0, all = 0;
  for (const std::string& kind : CopyKinds()) {
    const auto at = outcome.found.find(kind);
    if (at == outcome.found.end()) continue;
    std::printf(" %3d/%-3d", at->second.first, at->second.second);
    found += at->second.first, all += at->second.second;
  }
  std::printf("  %4d/%-4d  %3zu of %d\n", found, all, outcome.wrong.size(), outcome.compared);
  std::fflush(stdout);
}

void PrintHeader() {
  std::printf("%-16s", "");
  for (const std::string& kind : CopyKinds()) std::printf(" %7s", kind.c_str());
  std::printf("  %9s  wrong pairs\n", "all");
}

template <typename Maker>
std::vector<Fingerprinted> FingerprintAll(const std::vector<MadeFile>& files) {
  ThreadPool pool(2);
  std::vector<std::future<Fingerprinted>> waiting;
  for (const MadeFile& file : files)
    waiting.push_back(pool.Submit([&] { return FingerprintFile<Maker>(file.path); }));
  std::vector<Fingerprinted> made;
  for (auto& each : waiting) made.push_back(each.get());
  double decode = 0, fingerprint = 0;
  int64_t frames = 0;
  size_t bytes = 0;
  for (const Fingerprinted& each : made) {
    decode += each.decode_s, fingerprint += each.fingerprint_s, frames += each.frames;
    bytes += Serialise(each.fingerprint).size();
  }
  std::printf("%zu files, %ld frames: decoding %.1f s, fingerprints %.1f s, %zu bytes\n", files.size(),
              static_cast<long>(frames), decode, fingerprint, bytes);
  return made;
}

void Evaluate(const std::vector<MadeFile>& files, const std::vector<Fingerprinted>& made, bool sweep) {
  PrintHeader();
  for (const int half : {0, 1}) {
    const Outcome outcome = Judge(files, made, half, {});
    PrintRow(fmt::format("half {}", half), outcome);
    PrintRow(fmt::format("  of 4 s and more"), Judge(files, made, half, {}, 4));
    for (const auto& [a, b] : outcome.wrong) std::printf("  wrong: %s  %s\n", a.c_str(), b.c_str());
  }
  if (!sweep) return;
  for (const int votes : {4, 6, 8, 12}) {
    for (const double limit : {0.13, 0.16, 0.19, 0.22, 0.25, 0.28}) {
      CopyFinderOptions options;
      options.align = {.fewest_votes = votes,
                       .many_votes = votes,
                       .few_votes_difference = limit,
                       .many_votes_difference = limit};
      for (const int half : {0, 1})
        PrintRow(fmt::format("{:2} {:.2f} half {}", votes, limit, half), Judge(files, made, half, options));
    }
  }
}

int Main(int argc, char** argv) {
  CLI::App app("how well copies of videos are recognised");
  std::string videos, work;
  std::string photos;
  int hours = 0;
  double moving = 0.7;
  bool sweep = false, spatial = false;
  app.add_option("videos", videos)->required();
  app.add_option("--work", work, "where the copies are made, and kept");
  app.add_flag("--sweep", sweep, "other limits too");
  app.add_flag("--spatial", spatial, "hashes of the picture instead of its change");
  app.add_option("--photos", photos, "instead: copies of the photos in this folder");
  app.add_option("--hours", hours, "instead: so many made-up hours, drawn from the videos' fingerprints");
  app.add_option("--moving", moving, "share of their moments that move")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!photos.empty()) {
    EvaluateStills(photos, videos);
    return 0;
  }
  if (hours > 0) {
    std::vector<Change> real;
    for (const auto& entry : std::filesystem::directory_iterator(videos)) {
      const Fingerprint made = FingerprintFile<Fingerprinter>(entry.path()).fingerprint;
      real.insert(real.end(), made.changes.begin(), made.changes.end());
    }
    EvaluateHours(real, hours, moving);
    return 0;
  }
  if (work.empty()) {
    std::fprintf(stderr, "--work FOLDER is needed\n");
    return 2;
  }
  const auto files = MakeCopies(videos, work, [](const std::string& file) {
    std::fprintf(stderr, "could not be made: %s\n", file.c_str());
  });
  Evaluate(files,
           spatial ? FingerprintAll<SpatialFingerprinter>(files) : FingerprintAll<Fingerprinter>(files),
           sweep);
  return 0;
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) { return crossface::bench::Main(argc, argv); }
