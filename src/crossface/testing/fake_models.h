// Models that find and know the faces of drawn films (drawn_film.h), in place of networks. Thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "crossface/detect/face_finder.h"
#include "crossface/embed/embedder.h"
#include "crossface/testing/drawn_film.h"

namespace crossface::testing {

// Per pixel whose colour it has, 1 more than the person's number; 0: nobody's. CV_8UC1.
inline cv::Mat WhoseColour(const cv::Mat& bgr) {
  constexpr int kLeastColour = 70;  // between the strongest and the weakest of the three
  cv::Mat whose(bgr.size(), CV_8UC1, cv::Scalar(0));
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const auto& pixel = bgr.at<cv::Vec3b>(y, x);
      const auto [least, most] = std::minmax({pixel[0], pixel[1], pixel[2]});
      if (most - least < kLeastColour) continue;
      double closest = 1e9;
      for (size_t person = 0; person < kPersonColours.size(); ++person) {
        const double distance = cv::norm(pixel, kPersonColours[person]);
        if (distance >= closest) continue;
        closest = distance;
        whose.at<uchar>(y, x) = static_cast<uchar>(person + 1);
      }
    }
  }
  return whose;
}

inline std::vector<ShownFace> FindDrawnFaces(const cv::Mat& bgr) {
  constexpr int kFewestPixels = 80;
  const cv::Mat whose = WhoseColour(bgr);
  std::vector<ShownFace> faces;
  for (int person = 0; person < static_cast<int>(kPersonColours.size()); ++person) {
    cv::Mat labels, statistics, centres;
    const int parts = cv::connectedComponentsWithStats(whose == person + 1, labels, statistics, centres);
    for (int part = 1; part < parts; ++part) {
      const auto of = [&](int what) { return static_cast<float>(statistics.at<int>(part, what)); };
      if (of(cv::CC_STAT_AREA) < kFewestPixels) continue;
      faces.push_back({person, cv::Rect2f(of(cv::CC_STAT_LEFT), of(cv::CC_STAT_TOP), of(cv::CC_STAT_WIDTH),
                                          of(cv::CC_STAT_HEIGHT))});
    }
  }
  return faces;
}

class FakeDetector final : public Detector {
 public:
  // `looking` is called before each look.
  explicit FakeDetector(DetectorKind kind, std::function<void()> looking = {})
      : kind_(kind), looking_(std::move(looking)) {}
  DetectorKind kind() const override { return kind_; }
  std::vector<std::string> models() const override { return {std::string(DetectorName(kind_))}; }
  std::vector<std::string> sha256s() const override { return {std::string(64, 'd')}; }
  Result<std::vector<Detection>> Detect(const cv::Mat& bgr, const DetectParams&) const override {
    if (looking_) looking_();
    std::vector<Detection> detections;
    for (const ShownFace& face : FindDrawnFaces(bgr)) {
      Detection detection{.box = face.box, .score = 0.95f};
      const auto at = [&](float x, float y) {
        return face.box.tl() + cv::Point2f(x * face.box.width, y * face.box.height);
      };
      detection.landmarks = {at(0.25f, 0.35f), at(0.75f, 0.35f), at(0.5f, 0.56f), at(0.3f, 0.75f),
                             at(0.7f, 0.75f)};
      detection.seen_by.Add(kind_);
      detection.looked.Add(kind_);
      detections.push_back(detection);
    }
    return detections;
  }

 private:
  const DetectorKind kind_;
  const std::function<void()> looking_;
};

inline std::unique_ptr<FaceFinder> FakeFinder(const std::function<void()>& looking = {}) {
  std::vector<std::unique_ptr<Detector>> detectors;
  detectors.push_back(std::make_unique<FakeDetector>(DetectorKind::kScrfd500m, looking));
  detectors.push_back(std::make_unique<FakeDetector>(DetectorKind::kRetinaFace, looking));
  return FaceFinder::With(std::move(detectors));
}

// Each person has a direction of one's own, another one in each model; whoever has no colour is nobody.
class FakeEmbedder final : public Embedder {
 public:
  // `embedding` is called before each batch.
  explicit FakeEmbedder(std::string name, std::function<void()> embedding = {})
      : name_(std::move(name)), embedding_(std::move(embedding)) {}
  const std::string& name() const override { return name_; }
  const std::string& sha256() const override { return sha256_; }
  int dimensions() const override { return kDimensions; }
  Result<std::vector<Embedding>> Embed(std::span<const FacePicture> faces) const override {
    if (embedding_) embedding_();
    std::vector<Embedding> embeddings;
    for (const FacePicture& face : faces) {
      const int person = PersonIn(face.bgr, face.box);
      std::vector<float> unit = Direction(person);
      // A face that something was done to is no longer quite the same: what evidence of identity is.
      if (face.probe != FaceProbe::kNone && person > 0)
        unit = Turned(unit, Direction(1000 + person * 10 + static_cast<int>(face.probe)));
      embeddings.push_back({std::move(unit), person > 0 ? UsualNorm() : UsualNorm() / 4});
    }
    return embeddings;
  }

 private:
  static constexpr int kDimensions = 128;

  static int PersonIn(const cv::Mat& bgr, const cv::Rect2f& box) {
    const cv::Rect area = cv::Rect(box) & cv::Rect(cv::Point(), bgr.size());
    if (area.empty()) return 0;
    std::array<int, kPersonColours.size() + 1> pixels = {};
    const cv::Mat whose = WhoseColour(bgr(area));
    for (int y = 0; y < whose.rows; ++y) {
      for (int x = 0; x < whose.cols; ++x) ++pixels[whose.at<uchar>(y, x)];
    }
    const auto most = std::max_element(pixels.begin() + 1, pixels.end());
    return *most == 0 ? 0 : static_cast<int>(most - pixels.begin());
  }

  std::vector<float> Direction(int person) const {
    std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>()(name_) % 9973 +
                                                  static_cast<size_t>(person) * 7919 + 1));
    std::normal_distribution<float> normal;
    std::vector<float> direction(kDimensions);
    for (float& value : direction) value = normal(random);
    return Unit(std::move(direction));
  }
  static std::vector<float> Turned(std::vector<float> from, const std::vector<float>& to) {
    for (size_t i = 0; i < from.size(); ++i) from[i] = 0.54f * from[i] + 0.84f * to[i];
    return Unit(std::move(from));
  }
  static std::vector<float> Unit(std::vector<float> vector) {
    float length = 0;
    for (const float value : vector) length += value * value;
    for (float& value : vector) value /= std::sqrt(length);
    return vector;
  }
  // Of the raw vectors of the real one (embed/identity_evidence.cc).
  float UsualNorm() const { return name_ == "arcface_foamliu" ? 18.3f : 3.77f; }

  const std::string name_, sha256_ = std::string(64, 'e');
  const std::function<void()> embedding_;
};

}  // namespace crossface::testing
