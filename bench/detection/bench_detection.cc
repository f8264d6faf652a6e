// bench_detection: each detector, the fused ensemble and the fast look on labelled pictures: recall at equal
// false positives, average precision, time. Pictures are shared out in turn: constants are fitted on the even
// ones and checked on the odd ones.
//
//   bench_detection DATA [--models DIR] [--pictures all|fit|check] [--darken FACTOR] [--json FILE]
//   bench_detection DATA --fit                 prints the constants of fusion.cc
//   bench_detection DATA --videos FILE...      faces found and confirmed in videos
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "crossface/detect/face_finder.h"
#include "crossface/detect/fusion.h"
#include "crossface/util/file.h"
#include "detection/calibration_fit.h"
#include "detection/recall_curve.h"
#include "detection/video_faces.h"

namespace {

using namespace crossface;
using namespace crossface::bench;

constexpr std::array kFalsePositives = {0.02, 0.05, 0.1, 0.2, 0.5, 1.0};

struct Options {
  std::filesystem::path data, models = ModelStore::DefaultFolder(), json;
  std::string pictures = "check";
  std::vector<std::filesystem::path> videos;
  double darken = 1, frames_per_second = 1;
  bool fit = false;
};

using Search = std::function<Result<std::vector<Detection>>(const cv::Mat&)>;

struct Contender {
  std::string name;
  std::unique_ptr<FaceFinder> finder;
  Search search;
};

Result<std::vector<Contender>> MakeContenders(const ModelStore& models) {
  std::vector<Contender> contenders;
  const auto add = [&](std::string name, std::vector<DetectorKind> kinds, auto search) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(auto finder, FaceFinder::Create(models, {.detectors = std::move(kinds)}, {}));
    const FaceFinder* borrowed = finder.get();
    contenders.push_back({std::move(name), std::move(finder),
                          [borrowed, search](const cv::Mat& bgr) { return search(*borrowed, bgr); }});
    return Status();
  };
  const auto all = [](const FaceFinder& finder, const cv::Mat& bgr) { return finder.FindWithAll(bgr); };
  for (int k = 0; k < kDetectorKinds; ++k) {
    const auto kind = static_cast<DetectorKind>(k);
    CROSSFACE_RETURN_IF_ERROR(add(std::string(DetectorName(kind)), {kind}, all));
  }
  CROSSFACE_RETURN_IF_ERROR(add("fused", {}, all));
  const auto find = [](const FaceFinder& finder, const cv::Mat& bgr) { return finder.Find(bgr, false); };
  CROSSFACE_RETURN_IF_ERROR(add("fast look", {}, find));
  const auto confirm = [](const FaceFinder& finder, const cv::Mat& bgr) -> Result<std::vector<Detection>> {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> faces, finder.Find(bgr, false));
    for (Detection& face : faces) {
      CROSSFACE_ASSIGN_OR_RETURN(face, finder.Confirm(bgr, face));
    }
    return faces;
  };
  CROSSFACE_RETURN_IF_ERROR(add("fast look, confirmed", {}, confirm));
  const auto believed = [confirm](const FaceFinder& finder,
                                  const cv::Mat& bgr) -> Result<std::vector<Detection>> {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> faces, confirm(finder, bgr));
    std::erase_if(faces, [](const Detection& face) { return !IsConfirmed(face); });
    return faces;
  };
  CROSSFACE_RETURN_IF_ERROR(add("fast look, believed", {}, believed));
  return contenders;
}

// Dim footage: less light, and the noise that a sensor has then.
cv::Mat Darkened(const cv::Mat& bgr, double factor) {
  if (factor >= 1) return bgr;
  cv::RNG random(1);
  cv::Mat noise(bgr.size(), CV_32FC3), dark;
  random.fill(noise, cv::RNG::NORMAL, 0, 2);
  bgr.convertTo(dark, CV_32FC3, factor);
  dark += noise;
  dark.convertTo(dark, CV_8UC3);
  return dark;
}

std::vector<LabelledPicture> Part(const std::vector<LabelledPicture>& pictures, size_t remainder) {
  std::vector<LabelledPicture> part;
  for (size_t i = remainder; i < pictures.size(); i += 2) part.push_back(pictures[i]);
  return part;
}

Status Compare(const Options& options, const std::vector<LabelledPicture>& pictures) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto contenders, MakeContenders(ModelStore(options.models)));
  nlohmann::json rows = nlohmann::json::array();
  fmt::print("{:22}", "recall at false/picture");
  for (double rate : kFalsePositives) fmt::print("{:>7.2f}", rate);
  fmt::print("{:>8}{:>8}{:>9}{:>8}\n", "all", "false", "AP", "ms");
  for (const Contender& contender : contenders) {
    RecallCurve curve;
    double seconds = 0;
    for (const LabelledPicture& picture : pictures) {
      const cv::Mat bgr = Darkened(cv::imread(picture.path), options.darken);
      const auto start = std::chrono::steady_clock::now();
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> found, contender.search(bgr));
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      curve.Add(picture, found);
    }
    const double milliseconds = 1000 * seconds / static_cast<double>(pictures.size());
    nlohmann::json row = {{"name", contender.name},
                          {"pictures", curve.pictures()},
                          {"faces", curve.faces()},
                          {"recall", curve.RecallAbove(0)},
                          {"false_per_picture", curve.FalsePositivesAbove(0)},
                          {"average_precision", curve.AveragePrecision()},
                          {"milliseconds", milliseconds}};
    fmt::print("{:22} ", contender.name);
    for (double rate : kFalsePositives) {
      fmt::print("{:7.3f}", curve.RecallAt(rate));
      row["recall_at"][fmt::format("{}", rate)] = curve.RecallAt(rate);
    }
    fmt::print("{:8.3f}{:8.2f}{:9.3f}{:8.1f}\n", curve.RecallAbove(0), curve.FalsePositivesAbove(0),
               curve.AveragePrecision(), milliseconds);
    std::cout.flush();
    rows.push_back(std::move(row));
  }
  if (options.json.empty()) return Status();
  const nlohmann::json document = {
      {"pictures", options.pictures}, {"darken", options.darken}, {"detectors", rows}};
  return WriteFileAtomically(options.json, document.dump(2) + "\n");
}

Status CountInVideos(const Options& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto finder, FaceFinder::Create(ModelStore(options.models), {}, {}));
  fmt::print("{:28}{:>8}{:>8}{:>11}{:>12}{:>12}\n", "video", "frames", "found", "confirmed", "with found",
             "with conf.");
  for (const auto& video : options.videos) {
    CROSSFACE_ASSIGN_OR_RETURN(const VideoFaces count, CountFaces(*finder, video, options.frames_per_second));
    fmt::print("{:28}{:8}{:8}{:11}{:12}{:12}\n", video.filename().string(), count.frames, count.found,
               count.confirmed, count.frames_with_face, count.frames_confirmed);
    std::cout.flush();
  }
  return Status();
}

Status Run(const Options& options) {
  if (!options.videos.empty()) return CountInVideos(options);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<LabelledPicture> pictures, LoadLabelledPictures(options.data));
  if (options.fit) return FitAndPrint(ModelStore(options.models), Part(pictures, 0), Part(pictures, 1));
  if (options.pictures == "all") return Compare(options, pictures);
  return Compare(options, Part(pictures, options.pictures == "fit" ? 0 : 1));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Recall, false positives and time of the face detectors on labelled pictures");
  Options options;
  app.add_option("data", options.data, "Folder with wider_train_subset and dlib_faces")->required();
  app.add_option("--models", options.models, "Folder of the installed models");
  app.add_option("--pictures", options.pictures, "The pictures to use")
      ->check(CLI::IsMember({"all", "fit", "check"}));
  app.add_option("--darken", options.darken, "Multiply the pictures' brightness, and add noise")
      ->check(CLI::Range(0.01, 1.0));
  app.add_option("--json", options.json, "Write the figures here, too");
  app.add_flag("--fit", options.fit, "Fit the constants of fusion.cc instead");
  app.add_option("--videos", options.videos, "Count the faces in these videos instead");
  app.add_option("--fps", options.frames_per_second, "Frames to look at in a second of video")
      ->check(CLI::Range(0.01, 100.0));
  CLI11_PARSE(app, argc, argv);
  const Status status = Run(options);
  if (status.ok()) return 0;
  std::cerr << "bench_detection: " << status.message() << '\n';
  return 1;
}
