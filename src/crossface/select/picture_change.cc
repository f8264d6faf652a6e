#include "crossface/select/picture_change.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

namespace crossface {
namespace {

constexpr int kBlock = 8;
constexpr int kSmallestFlowSide = 16;
// Of the difference from both, what the pictures before and after may differ themselves.
constexpr double kAlike = 0.5;
constexpr int kMatchWindow = 9;
// Grey levels squared: windows whose variance lies below hold sensor and coding noise, and always count as
// matching.
constexpr float kNoiseVariance = 4;
// Windows that correlate less show something else. Which value is taken matters little: windows of one scene
// correlate above 0.8, those of two scenes scatter around 0.
constexpr float kMatchCorrelation = 0.5f;

cv::Mat BlockMeans(const cv::Mat& picture) {
  cv::Mat means;
  const cv::Size blocks(std::max(1, picture.cols / kBlock), std::max(1, picture.rows / kBlock));
  cv::resize(picture, means, blocks, 0, 0, cv::INTER_AREA);
  return means;
}

// DIS takes no parts of larger pictures.
cv::Mat Continuous(const cv::Mat& picture) { return picture.isContinuous() ? picture : picture.clone(); }

// Unexplained contrast: one minus local correlation, so that neither a change of light nor flat areas count.
double UnexplainedContrast(const cv::Mat& moved, const cv::Mat& to) {
  const cv::Size window(kMatchWindow, kMatchWindow);
  const auto window_mean = [&](const cv::Mat& picture) {
    cv::Mat mean;
    cv::blur(picture, mean, window);
    return mean;
  };
  const cv::Mat mean_a = window_mean(moved), mean_b = window_mean(to);
  const cv::Mat square_a = window_mean(moved.mul(moved)), square_b = window_mean(to.mul(to));
  const cv::Mat product = window_mean(moved.mul(to));
  double contrast = 0, unexplained = 0;
  for (int y = 0; y < to.rows; ++y) {
    const float *ma = mean_a.ptr<float>(y), *mb = mean_b.ptr<float>(y), *saa = square_a.ptr<float>(y);
    const float *sbb = square_b.ptr<float>(y), *sab = product.ptr<float>(y);
    for (int x = 0; x < to.cols; ++x) {
      const float variance_a = std::max(0.f, saa[x] - ma[x] * ma[x]);
      const float variance_b = std::max(0.f, sbb[x] - mb[x] * mb[x]);
      const float correlation =
          (sab[x] - ma[x] * mb[x] + kNoiseVariance) / (std::sqrt(variance_a * variance_b) + kNoiseVariance);
      const float weight = std::sqrt(std::max(variance_a, variance_b));
      contrast += weight;
      if (correlation < kMatchCorrelation) unexplained += weight;
    }
  }
  return contrast > 0 ? unexplained / contrast : 0;
}

}  // namespace

LumaStatistics MeasureLuma(const cv::Mat& grey) {
  std::array<int, 256> histogram{};
  for (int y = 0; y < grey.rows; ++y) {
    const uint8_t* row = grey.ptr<uint8_t>(y);
    for (int x = 0; x < grey.cols; ++x) ++histogram[row[x]];
  }
  const auto total = static_cast<int64_t>(grey.total());
  int64_t sum = 0;
  for (int level = 0; level < 256; ++level) sum += static_cast<int64_t>(level) * histogram[level];
  int low = 0, high = 255;
  for (int64_t below = 0; low < 255 && (below += histogram[low]) <= total / 100;) ++low;
  for (int64_t above = 0; high > 0 && (above += histogram[high]) <= total / 100;) --high;
  return {.mean = static_cast<double>(sum) / static_cast<double>(std::max<int64_t>(1, total)),
          .bright = static_cast<double>(high),
          .range = static_cast<double>(std::max(0, high - low))};
}

cv::Mat MakeThumbnail(const cv::Mat& grey) {
  cv::Mat thumbnail;
  cv::resize(grey, thumbnail, cv::Size(64, 36), 0, 0, cv::INTER_AREA);
  thumbnail.convertTo(thumbnail, CV_32F);
  return thumbnail;
}

double ThumbnailCorrelation(const cv::Mat& a, const cv::Mat& b) {
  const cv::Mat centred_a = a - cv::mean(a)[0], centred_b = b - cv::mean(b)[0];
  const double norms = std::sqrt(centred_a.dot(centred_a) * centred_b.dot(centred_b));
  return (centred_a.dot(centred_b) + 1) / (norms + 1);
}

double LargestBlockDifference(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat difference;
  cv::absdiff(a, b, difference);
  double largest = 0;
  cv::minMaxLoc(BlockMeans(difference), nullptr, &largest);
  return largest;
}

cv::Mat PassingDifference(const cv::Mat& before, const cv::Mat& now, const cv::Mat& after) {
  const auto block_difference = [](const cv::Mat& a, const cv::Mat& b) {
    cv::Mat difference, means;
    cv::absdiff(a, b, difference);
    BlockMeans(difference).convertTo(means, CV_32F);
    return means;
  };
  const cv::Mat least = cv::min(block_difference(now, before), block_difference(now, after));
  cv::Mat passing = least.clone();
  passing.setTo(0, block_difference(before, after) > kAlike * least);
  return passing;
}

class PictureComparer::Impl {
 public:
  PictureMotion Compare(const cv::Mat& from, const cv::Mat& to) {
    PictureMotion motion;
    cv::Mat from_float, to_float, moved;
    from.convertTo(from_float, CV_32F);
    to.convertTo(to_float, CV_32F);
    if (std::min(from.cols, from.rows) < kSmallestFlowSide) {
      motion.unexplained = UnexplainedContrast(from_float, to_float);
      return motion;
    }
    // From `to` back to `from`: where in the old picture each pixel of the new one was.
    flow_.create(to.size(), CV_32FC2);
    flow_.setTo(0);
    dis_->calc(Continuous(to), Continuous(from), flow_);
    cv::Mat places = flow_.clone();
    double length_sum = 0;
    for (int y = 0; y < places.rows; ++y) {
      cv::Point2f* row = places.ptr<cv::Point2f>(y);
      for (int x = 0; x < places.cols; ++x) {
        length_sum += std::sqrt(row[x].dot(row[x]));
        row[x] += cv::Point2f(static_cast<float>(x), static_cast<float>(y));
      }
    }
    motion.mean = length_sum / static_cast<double>(places.total());
    const cv::Mat block_flow = BlockMeans(flow_);
    for (auto it = block_flow.begin<cv::Point2f>(); it != block_flow.end<cv::Point2f>(); ++it) {
      motion.largest = std::max(motion.largest, std::sqrt(static_cast<double>((*it).dot(*it))));
    }
    cv::remap(from_float, moved, places, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    motion.unexplained = UnexplainedContrast(moved, to_float);
    return motion;
  }

 private:
  cv::Ptr<cv::DISOpticalFlow> dis_ = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_ULTRAFAST);
  cv::Mat flow_;
};

PictureComparer::PictureComparer() : impl_(std::make_unique<Impl>()) {}
PictureComparer::~PictureComparer() = default;
PictureMotion PictureComparer::Compare(const cv::Mat& from, const cv::Mat& to) {
  return impl_->Compare(from, to);
}

}  // namespace crossface
