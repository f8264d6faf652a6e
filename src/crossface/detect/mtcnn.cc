#include "crossface/detect/mtcnn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "crossface/detect/letterbox.h"
#include "crossface/detect/nms.h"
#include "crossface/inference/engine/row_batches.h"

namespace crossface {
namespace {

// All of these are the authors', as the ports that the weights come from have them; the shares of faces found
// in detector_test.cc were measured with them.
constexpr float kProposalField = 12;  // the proposal net's window
constexpr float kPyramidFactor = 0.709f;
constexpr float kProposalThreshold = 0.6f, kRefinementThreshold = 0.7f;
constexpr float kNmsInLevel = 0.5f, kNmsThreshold = 0.7f;
// Always by area: with 0.5 it finds 505 of WIDER's 624 faces at 640 with 61 false ones instead of 511
// with 56.
constexpr double kAreaBelow = 1;
constexpr int kRefinementSide = 24, kOutputSide = 48;
// Candidates per run: bounds the memory on pictures with thousands of them.
constexpr size_t kBatch = 128;
constexpr PixelScaling kScaling{ChannelOrder::kRgb, {127.5f, 127.5f, 127.5f}, 1 / 128.0f};

// The corners as the nets' arithmetic has them: x2 and y2 are inside the box.
struct Candidate {
  float x1, y1, x2, y2, score;
  std::array<float, 4> reg{};  // the net's correction of the box
  Landmarks landmarks{};
};

cv::Rect2f BoxOf(const Candidate& c) { return {cv::Point2f(c.x1, c.y1), cv::Point2f(c.x2, c.y2)}; }

std::vector<Candidate> Suppress(const std::vector<Candidate>& candidates, float threshold,
                                OverlapMeasure measure = OverlapMeasure::kUnion) {
  std::vector<cv::Rect2f> boxes;
  std::vector<float> scores;
  for (const Candidate& c : candidates) {
    boxes.push_back(BoxOf(c));
    scores.push_back(c.score);
  }
  std::vector<Candidate> kept;
  for (size_t index : NonMaxima(boxes, scores, threshold, measure)) kept.push_back(candidates[index]);
  return kept;
}

void MakeSquare(Candidate* c) {
  const float width = c->x2 - c->x1, height = c->y2 - c->y1, side = std::max(width, height);
  c->x1 += (width - side) / 2;
  c->y1 += (height - side) / 2;
  c->x2 = c->x1 + side;
  c->y2 = c->y1 + side;
}

// Corrects the boxes, and drops those that are none: the nets may answer with anything, and the size decides
// how much memory the next stage takes. `extra` is 1 where the net was trained with the last pixel counted
// into the size.
void Regress(std::vector<Candidate>& candidates, float extra, const cv::Size& picture) {
  for (Candidate& c : candidates) {
    const float width = c.x2 - c.x1 + extra, height = c.y2 - c.y1 + extra;
    c.x1 += c.reg[0] * width;
    c.y1 += c.reg[1] * height;
    c.x2 += c.reg[2] * width;
    c.y2 += c.reg[3] * height;
  }
  const auto most = 2.0f * static_cast<float>(std::max(picture.width, picture.height));
  std::erase_if(candidates, [&](const Candidate& c) {
    const float width = c.x2 - c.x1, height = c.y2 - c.y1;
    const bool sound = width > 0 && height > 0 && std::max(width, height) < most &&
                       std::max(std::abs(c.x1), std::abs(c.y1)) < most;
    return !sound;
  });
}

// The candidate's pixels, with black outside the picture, resized to the net's input.
cv::Mat CutOut(const cv::Mat& bgr, const Candidate& c, int side) {
  const cv::Rect wanted(cv::Point(static_cast<int>(c.x1) - 1, static_cast<int>(c.y1) - 1),
                        cv::Point(static_cast<int>(c.x2), static_cast<int>(c.y2)));
  const cv::Rect inside = wanted & cv::Rect(cv::Point(), bgr.size());
  if (inside.empty()) return cv::Mat(side, side, CV_8UC3, cv::Scalar::all(0));
  cv::Mat cut = bgr(inside);
  if (inside != wanted) {
    cv::Mat padded(wanted.size(), CV_8UC3, cv::Scalar::all(0));
    cut.copyTo(padded(cv::Rect(inside.tl() - wanted.tl(), inside.size())));
    cut = padded;
  }
  cv::Mat small;
  cv::resize(cut, small, {side, side}, 0, 0, cut.cols > side ? cv::INTER_AREA : cv::INTER_LINEAR);
  return small;
}

class Mtcnn : public Detector {
 public:
  Mtcnn(std::unique_ptr<Session> proposal, std::unique_ptr<Session> refinement,
        std::unique_ptr<Session> output)
      : proposal_(std::move(proposal)), refinement_(std::move(refinement)), output_(std::move(output)) {}

  DetectorKind kind() const override { return DetectorKind::kMtcnn; }
  std::vector<std::string> models() const override { return DetectorModels(DetectorKind::kMtcnn); }
  std::vector<std::string> sha256s() const override {
    return {proposal_->sha256(), refinement_->sha256(), output_->sha256()};
  }

  Result<std::vector<Detection>> Detect(const cv::Mat& bgr, const DetectParams& params) const override {
    if (bgr.empty()) return std::vector<Detection>();
    const cv::Mat picture = ResizedToLongestSide(bgr, params.longest_side, kAreaBelow);

    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Candidate> candidates, Propose(picture, params.smallest_face));
    CROSSFACE_ASSIGN_OR_RETURN(candidates, Refine(picture, std::move(candidates)));
    CROSSFACE_ASSIGN_OR_RETURN(candidates, Output(picture, std::move(candidates), params.score_threshold));

    std::vector<Detection> detections;
    for (const Candidate& candidate : candidates) {
      Detection face =
          InPicture({.box = BoxOf(candidate), .score = candidate.score, .landmarks = candidate.landmarks},
                    picture.size(), bgr.size());
      face.seen_by.Add(kind());
      face.looked.Add(kind());
      detections.push_back(face);
    }
    SortByScore(&detections);
    return detections;
  }

 private:
  Result<std::vector<Candidate>> Propose(const cv::Mat& picture, float smallest_face) const {
    std::vector<Candidate> all;
    const auto shortest = static_cast<float>(std::min(picture.cols, picture.rows));
    for (float scale = kProposalField / smallest_face; shortest * scale >= kProposalField;
         scale *= kPyramidFactor) {
      cv::Mat level;
      cv::resize(picture, level,
                 {static_cast<int>(static_cast<float>(picture.cols) * scale + 1),
                  static_cast<int>(static_cast<float>(picture.rows) * scale + 1)},
                 0, 0, cv::INTER_AREA);
      const Tensor input = PictureToTensor(level, kScaling);
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs, proposal_->Run(std::span(&input, 1)));
      const std::vector<Candidate> found =
          Suppress(ReadProposals(outputs[0], outputs[1], scale), kNmsInLevel);
      all.insert(all.end(), found.begin(), found.end());
    }
    all = Suppress(all, kNmsThreshold);
    Regress(all, 0, picture.size());
    return all;
  }

  static std::vector<Candidate> ReadProposals(const Tensor& probabilities, const Tensor& regressions,
                                              float scale) {
    const auto rows = static_cast<size_t>(probabilities.shape[2]),
               columns = static_cast<size_t>(probabilities.shape[3]);
    const size_t plane = rows * columns;
    std::vector<Candidate> found;
    for (size_t cell = 0; cell < plane; ++cell) {
      const float score = probabilities.data[plane + cell];
      if (!(score >= kProposalThreshold)) continue;
      const size_t row = cell / columns;
      const auto x = static_cast<float>(cell % columns), y = static_cast<float>(row);
      Candidate c{(2 * x + 1) / scale, (2 * y + 1) / scale, (2 * x + kProposalField) / scale,
                  (2 * y + kProposalField) / scale, score};
      for (size_t i = 0; i < 4; ++i) c.reg[i] = regressions.data[i * plane + cell];
      found.push_back(c);
    }
    return found;
  }

  // Runs a batched net on the candidates' pixels; calls take(candidate, index into the outputs, outputs) for
  // each.
  template <typename Take>
  static Status RunOnCandidates(const Session& net, const cv::Mat& picture,
                                std::vector<Candidate>* candidates, int side, Take take) {
    for (Candidate& candidate : *candidates) MakeSquare(&candidate);
    for (size_t begin = 0; begin < candidates->size(); begin += kBatch) {
      const size_t count = std::min(kBatch, candidates->size() - begin);
      Tensor batch{.shape = {static_cast<int64_t>(count), 3, side, side}};
      batch.data.resize(count * 3 * static_cast<size_t>(side * side));
      for (size_t i = 0; i < count; ++i)
        CopyPictureToBatch(CutOut(picture, (*candidates)[begin + i], side), kScaling, &batch,
                           static_cast<int64_t>(i));
      CROSSFACE_ASSIGN_OR_RETURN(
          const std::vector<Tensor> outputs,
          net.RunRows(std::span(&batch, 1),
                      kBytesPerInputByte * static_cast<int64_t>(sizeof(float)) * 3 * side * side));
      for (size_t i = 0; i < count; ++i) take((*candidates)[begin + i], i, outputs);
    }
    return Status();
  }

  Result<std::vector<Candidate>> Refine(const cv::Mat& picture, std::vector<Candidate> candidates) const {
    std::vector<Candidate> kept;
    CROSSFACE_RETURN_IF_ERROR(RunOnCandidates(*refinement_, picture, &candidates, kRefinementSide,
                                              [&](Candidate c, size_t i, const std::vector<Tensor>& outputs) {
                                                c.score = outputs[0].data[2 * i + 1];
                                                if (!(c.score >= kRefinementThreshold)) return;
                                                std::copy_n(&outputs[1].data[4 * i], 4, c.reg.begin());
                                                kept.push_back(c);
                                              }));
    kept = Suppress(kept, kNmsThreshold);
    Regress(kept, 1, picture.size());
    return kept;
  }

  Result<std::vector<Candidate>> Output(const cv::Mat& picture, std::vector<Candidate> candidates,
                                        float threshold) const {
    std::vector<Candidate> kept;
    CROSSFACE_RETURN_IF_ERROR(RunOnCandidates(*output_, picture, &candidates, kOutputSide,
                                              [&](Candidate c, size_t i, const std::vector<Tensor>& outputs) {
                                                c.score = outputs[0].data[2 * i + 1];
                                                if (!(c.score >= threshold)) return;
                                                const float width = c.x2 - c.x1 + 1, height = c.y2 - c.y1 + 1;
                                                for (size_t p = 0; p < 5; ++p) {
                                                  c.landmarks[p] = {
                                                      c.x1 + width * outputs[2].data[10 * i + p] - 1,
                                                      c.y1 + height * outputs[2].data[10 * i + 5 + p] - 1};
                                                }
                                                std::copy_n(&outputs[1].data[4 * i], 4, c.reg.begin());
                                                kept.push_back(c);
                                              }));
    Regress(kept, 1, picture.size());
    return Suppress(kept, kNmsThreshold, OverlapMeasure::kSmaller);
  }

  const std::unique_ptr<Session> proposal_, refinement_, output_;
};

}  // namespace

Result<std::unique_ptr<Detector>> CreateMtcnn(const ModelStore& models, const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto p, models.Find("mtcnn_pnet"));
  CROSSFACE_ASSIGN_OR_RETURN(const auto r, models.Find("mtcnn_rnet"));
  CROSSFACE_ASSIGN_OR_RETURN(const auto o, models.Find("mtcnn_onet"));
  CROSSFACE_ASSIGN_OR_RETURN(auto proposal,
                             Session::Load(p, {{"input", {-1, 3, -1, -1}}},
                                           {{"prob", {-1, 2, -1, -1}}, {"reg", {-1, 4, -1, -1}}}, options));
  CROSSFACE_ASSIGN_OR_RETURN(auto refinement,
                             Session::Load(r, {{"input", {-1, 3, kRefinementSide, kRefinementSide}}},
                                           {{"prob", {-1, 2}}, {"reg", {-1, 4}}}, options));
  CROSSFACE_ASSIGN_OR_RETURN(
      auto output, Session::Load(o, {{"input", {-1, 3, kOutputSide, kOutputSide}}},
                                 {{"prob", {-1, 2}}, {"reg", {-1, 4}}, {"landmarks", {-1, 10}}}, options));
  return std::unique_ptr<Detector>(
      std::make_unique<Mtcnn>(std::move(proposal), std::move(refinement), std::move(output)));
}

}  // namespace crossface
