#include "crossface/media/read/display_colours.h"

#include <algorithm>
#include <bit>
#include <cmath>

extern "C" {
#include <libavutil/csp.h>
}

namespace crossface {
namespace {

// cd/m2
constexpr double kBrightest = 10'000;  // that the perceptual quantizer knows
constexpr double kPeak = 1'000;        // that films are made for
constexpr double kWhite = 203;         // of standard range, BT.2408

// ST 2084's constants, as BT.2100 has them.
constexpr double kM1 = 2610.0 / 16384, kM2 = 2523.0 / 4096 * 128;
constexpr double kC1 = 3424.0 / 4096, kC2 = 2413.0 / 4096 * 32, kC3 = 2392.0 / 4096 * 32;

double LightOfQuantizer(double number) {
  const double root = std::pow(number, 1 / kM2);
  return kBrightest * std::pow(std::max(root - kC1, 0.0) / (kC2 - kC3 * root), 1 / kM1);
}

double QuantizerOfLight(double light) {
  const double power = std::pow(light / kBrightest, kM1);
  return std::pow((kC1 + kC2 * power) / (1 + kC3 * power), kM2);
}

// Of the scene, 0 to 1.
double LightOfHybridLogGamma(double number) {
  constexpr double kA = 0.17883277, kB = 0.28466892, kC = 0.55991073;
  return number <= 0.5 ? number * number / 3 : (std::exp((number - kC) / kA) + kB) / 12;
}

// What light of `light` cd/m2 becomes on a display that is no brighter than kWhite.
double Compressed(double light) {
  const double peak = QuantizerOfLight(kPeak);
  const double most = QuantizerOfLight(kWhite) / peak, knee = 1.5 * most - 0.5;
  const double number = std::min(QuantizerOfLight(light) / peak, 1.0);
  if (number <= knee) return light;
  const double t = (number - knee) / (1 - knee), t2 = t * t, t3 = t2 * t;
  const double shown =
      (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most;
  return LightOfQuantizer(shown * peak);
}

// A function of light by its logarithm: exponent and the first eight bits of the mantissa are the place in a
// table, so that a step is a 256th of the value, half of one of 8 bits with gamma 2.4. Light is in units of
// standard white.
template <typename Value>
class LightTable {
 public:
  explicit LightTable(double (*function)(double)) {
    for (uint32_t place = kFirst; place < kEnd; ++place) {
      const double value = function(std::bit_cast<float>((place << kShift) + kHalfStep));
      values_[place - kFirst] = cv::saturate_cast<Value>(value);
    }
  }

  Value operator()(float light) const {
    return values_[(std::bit_cast<uint32_t>(std::clamp(light, kLeast, kMost)) >> kShift) - kFirst];
  }

 private:
  static constexpr uint32_t kShift = 23 - 8, kHalfStep = 1u << (kShift - 1);
  static constexpr uint32_t kFirst = (127u - 20) << 8, kEnd = (127u + 6) << 8;
  static constexpr float kLeast = 1.0f / (1 << 20), kMost = 63.9f;
  std::array<Value, kEnd - kFirst> values_{};
};

struct Tables {
  LightTable<float> highlight_gain{[](double x) { return Compressed(x * kWhite) / (x * kWhite); }};
  LightTable<float> system_gain{
      [](double x) { return std::pow(x, 0.2); }};  // BT.2100, of a scene's luminance
  LightTable<uint8_t> shown{[](double x) { return 255 * std::pow(std::min(x, 1.0), 1 / 2.4); }};
};

const Tables& TheTables() {
  static const Tables tables;
  return tables;
}

// From red, green and blue of these primaries to CIE XYZ.
cv::Matx33d ToXyz(const AVColorPrimariesDesc& from) {
  const auto column = [](const AVCIExy& point) {
    const double x = av_q2d(point.x), y = av_q2d(point.y);
    return cv::Vec3d(x / y, 1, (1 - x - y) / y);
  };
  const cv::Vec3d red = column(from.prim.r), green = column(from.prim.g), blue = column(from.prim.b);
  const cv::Matx33d colours(red[0], green[0], blue[0], red[1], green[1], blue[1], red[2], green[2], blue[2]);
  const cv::Vec3d strengths = colours.inv() * column(from.wp);
  return colours * cv::Matx33d::diag(strengths);
}

cv::Matx33f ToBt709(AVColorPrimaries primaries) {
  const AVColorPrimariesDesc* from = av_csp_primaries_desc_from_id(primaries);
  if (from == nullptr) from = av_csp_primaries_desc_from_id(AVCOL_PRI_BT2020);
  return cv::Matx33f(ToXyz(*av_csp_primaries_desc_from_id(AVCOL_PRI_BT709)).inv() * ToXyz(*from));
}

}  // namespace

bool IsHighDynamicRange(AVColorTransferCharacteristic transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

const DisplayColours* DisplayColours::For(const AVFrame& frame) {
  if (!IsHighDynamicRange(frame.color_trc)) return nullptr;
  static const DisplayColours quantizer(AVCOL_TRC_SMPTE2084, AVCOL_PRI_BT2020),
      log_gamma(AVCOL_TRC_ARIB_STD_B67, AVCOL_PRI_BT2020),
      quantizer_p3(AVCOL_TRC_SMPTE2084, AVCOL_PRI_SMPTE432),
      log_gamma_p3(AVCOL_TRC_ARIB_STD_B67, AVCOL_PRI_SMPTE432),
      quantizer_709(AVCOL_TRC_SMPTE2084, AVCOL_PRI_BT709),
      log_gamma_709(AVCOL_TRC_ARIB_STD_B67, AVCOL_PRI_BT709);
  const bool quantized = frame.color_trc == AVCOL_TRC_SMPTE2084;
  switch (frame.color_primaries) {
    case AVCOL_PRI_SMPTE432:
      return quantized ? &quantizer_p3 : &log_gamma_p3;
    case AVCOL_PRI_BT709:
      return quantized ? &quantizer_709 : &log_gamma_709;
    default:
      return quantized ? &quantizer : &log_gamma;
  }
}

DisplayColours::DisplayColours(AVColorTransferCharacteristic transfer, AVColorPrimaries primaries)
    : has_system_gamma_(transfer == AVCOL_TRC_ARIB_STD_B67), to_bt709_(ToBt709(primaries)) {
  for (size_t i = 0; i < light_.size(); ++i) {
    const double number = static_cast<double>(i) / static_cast<double>(light_.size() - 1);
    light_[i] = static_cast<float>(has_system_gamma_ ? LightOfHybridLogGamma(number) * kPeak / kWhite
                                                     : LightOfQuantizer(number) / kWhite);
  }
  cv::Mat greys(1, 256, CV_16UC3);
  for (int grey = 0; grey < 256; ++grey)
    greys.at<cv::Vec3w>(grey) = cv::Vec3w::all(static_cast<uint16_t>(grey * 257));
  cv::extractChannel(Shown(greys), grey_table_, 1);
}

cv::Mat DisplayColours::Shown(const cv::Mat& bgr) const {
  const Tables& tables = TheTables();
  const float* const m = to_bt709_.val;
  cv::Mat shown(bgr.size(), CV_8UC3);
  for (int y = 0; y < bgr.rows; ++y) {
    const auto* from = bgr.ptr<uint16_t>(y);
    auto* to = shown.ptr<uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, from += 3, to += 3) {
      const float red = light_[from[2] >> 4], green = light_[from[1] >> 4], blue = light_[from[0] >> 4];
      const float luminance = 0.2627f * red + 0.6780f * green + 0.0593f * blue;
      const float system =
          has_system_gamma_ ? tables.system_gain(luminance * static_cast<float>(kWhite / kPeak)) : 1.0f;
      const float r = system * (m[0] * red + m[1] * green + m[2] * blue);
      const float g = system * (m[3] * red + m[4] * green + m[5] * blue);
      const float b = system * (m[6] * red + m[7] * green + m[8] * blue);
      const float gain = tables.highlight_gain(std::max({r, g, b}));
      to[0] = tables.shown(b * gain);
      to[1] = tables.shown(g * gain);
      to[2] = tables.shown(r * gain);
    }
  }
  return shown;
}

cv::Mat DisplayColours::ShownGreys(const cv::Mat& luma) const {
  cv::Mat shown;
  cv::LUT(luma, grey_table_, shown);
  return shown;
}

}  // namespace crossface
