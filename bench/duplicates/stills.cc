#include "duplicates/stills.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string_view>
#include <vector>

#include "crossface/copies/fingerprinter.h"
#include "crossface/media/read/frame_reader.h"

namespace crossface::bench {
namespace {

namespace fs = std::filesystem;

class LoadedPicture final : public Picture {
 public:
  explicit LoadedPicture(cv::Mat bgr) : bgr_(std::move(bgr)) {}
  Result<cv::Mat> Luma(int longest_side) const override {
    cv::Mat grey, small;
    cv::cvtColor(bgr_, grey, cv::COLOR_BGR2GRAY);
    const double scale = std::min(1.0, static_cast<double>(longest_side) / std::max(grey.cols, grey.rows));
    cv::resize(grey, small, {}, scale, scale, cv::INTER_AREA);
    return small;
  }
  Result<cv::Mat> Bgr() const override { return bgr_; }
  Result<uint64_t> Digest() const override {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(bgr_.data), bgr_.total() * bgr_.elemSize()});
  }

 private:
  const cv::Mat bgr_;
};

std::optional<StillCode> CodeOf(const cv::Mat& bgr) {
  Fingerprinter maker({});
  Frame frame;
  frame.picture = std::make_shared<LoadedPicture>(bgr);
  if (!maker.Push(frame).ok()) return std::nullopt;
  return maker.Finish().still;
}

cv::Mat Jpeg(const cv::Mat& bgr, int quality) {
  std::vector<uchar> bytes;
  cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  return cv::imdecode(bytes, cv::IMREAD_COLOR);
}

cv::Mat Changed(const cv::Mat& bgr, const std::string& kind) {
  cv::Mat out = bgr.clone();
  if (kind == "jpeg 30") return Jpeg(bgr, 30);
  if (kind == "half size") cv::resize(bgr, out, {}, 0.5, 0.5, cv::INTER_AREA);
  if (kind == "mirrored") cv::flip(bgr, out, 1);
  if (kind == "brighter") bgr.convertTo(out, -1, 1.2, 15);
  if (kind == "stamp")
    cv::rectangle(out, {bgr.cols * 3 / 4, 0, bgr.cols / 4, bgr.rows / 8}, {0, 0, 255}, cv::FILLED);
  if (kind == "crop 4 %")
    out = bgr({bgr.cols / 50, bgr.rows / 50, bgr.cols - bgr.cols / 25, bgr.rows - bgr.rows / 25}).clone();
  return Jpeg(out, 75);
}

double Closest(const StillCode& a, const StillCode& b) {
  return std::min(Difference(a, b), Difference(Mirrored(a), b));
}

void PrintShares(const std::string& name, std::vector<double> differences) {
  std::sort(differences.begin(), differences.end());
  std::printf("%-28s %6zu ", name.c_str(), differences.size());
  for (const double limit : {0.06, 0.08, 0.10, 0.12, 0.14, 0.16, 0.20}) {
    const auto below = std::upper_bound(differences.begin(), differences.end(), limit) - differences.begin();
    std::printf(" %6.2f%%", 100.0 * static_cast<double>(below) / static_cast<double>(differences.size()));
  }
  std::printf("  least %.3f\n", differences.empty() ? 1 : differences.front());
}

// Frames of one video half a second apart: photos taken in a burst are no copies of each other.
std::vector<double> Bursts(const fs::path& videos, int half) {
  std::vector<double> differences;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(videos)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (size_t i = 0; i < paths.size(); ++i) {
    auto reader = OpenSource(paths[i]);
    if (static_cast<int>(i % 2) != half || !reader.ok()) continue;
    std::optional<StillCode> last;
    int64_t next_us = 0;
    while (true) {
      const auto frame = (*reader)->Next();
      if (!frame.ok() || !*frame) break;
      if ((*frame)->time_us < next_us) continue;
      next_us = (*frame)->time_us + 500'000;
      const auto bgr = (*frame)->picture->Bgr();
      const auto code = bgr.ok() ? CodeOf(*bgr) : std::nullopt;
      if (last && code) differences.push_back(Closest(*last, *code));
      last = code;
    }
  }
  return differences;
}

}  // namespace

void EvaluateStills(const fs::path& photos, const fs::path& videos) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(photos)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::printf(
      "share of pairs that differ by at most      0.06    0.08    0.10    0.12    0.14    0.16    0.20\n");
  for (const int half : {0, 1}) {
    std::map<std::string, std::vector<double>> copies;
    std::vector<StillCode> codes;
    for (size_t i = 0; i < paths.size(); ++i) {
      if (static_cast<int>(i % 2) != half) continue;
      const cv::Mat picture = cv::imread(paths[i].string());
      const auto code = picture.empty() ? std::nullopt : CodeOf(picture);
      if (!code) continue;
      codes.push_back(*code);
      for (const char* kind : {"jpeg 30", "half size", "mirrored", "brighter", "stamp", "crop 4 %"}) {
        const auto changed = CodeOf(Changed(picture, kind));
        copies[kind].push_back(changed ? Closest(*code, *changed) : 1);
      }
    }
    for (const auto& [kind, differences] : copies)
      PrintShares(fmt::format("half {} copies, {}", half, kind), differences);
    std::vector<double> strangers;
    for (size_t i = 0; i < codes.size(); ++i) {
      for (size_t k = 0; k < i; ++k) strangers.push_back(Closest(codes[i], codes[k]));
    }
    PrintShares(fmt::format("half {} other photos", half), strangers);
    PrintShares(fmt::format("half {} 0.5 s later", half), Bursts(videos, half));
  }
}

}  // namespace crossface::bench
