#include "crossface/media/file/geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "crossface/media/file/source.h"

namespace crossface {
namespace {

// Real pictures stay far inside: the widest pixels in use are those of 2-CIF (2:1) and of anamorphic film
// (2:1) on a PAL raster. What is farther off is a damaged or made-up number.
constexpr double kWidestPixel = 8;

// Encoders that round a side to a multiple of 2 or 16 make up for it in the pixel aspect (1350:1351); a face
// that is a hundredth wider is the same face, and resampling every frame for it would only blur.
constexpr double kSquareEnough = 0.01;

constexpr std::array<std::string_view, 4> kFromNames = {"", "file", "given", "found"};

std::optional<double> ParseNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !(number > 0) || !(number < 1e5))
    return std::nullopt;
  return number;
}

}  // namespace

std::string Aspect::ToString() const { return fmt::format("{}:{}", width, height); }

std::optional<Aspect> MakeAspect(int64_t width, int64_t height) {
  if (width <= 0 || height <= 0) return std::nullopt;
  const int64_t divisor = std::gcd(width, height);
  width /= divisor;
  height /= divisor;
  if (const int64_t larger = std::max(width, height); larger > kLargestAspectTerm) {
    const double scale = static_cast<double>(kLargestAspectTerm) / static_cast<double>(larger);
    return MakeAspect(std::max<int64_t>(1, std::llround(static_cast<double>(width) * scale)),
                      std::max<int64_t>(1, std::llround(static_cast<double>(height) * scale)));
  }
  return Aspect{static_cast<int>(width), static_cast<int>(height)};
}

Result<Aspect> ParseAspect(std::string_view text) {
  const size_t divider = text.find_first_of(":/");
  const auto width = ParseNumber(text.substr(0, divider));
  const auto height =
      divider == std::string_view::npos ? std::optional(1.0) : ParseNumber(text.substr(divider + 1));
  const auto aspect =
      width && height ? MakeAspect(std::llround(*width * 1000), std::llround(*height * 1000)) : std::nullopt;
  if (aspect) return *aspect;
  return Status(StatusCode::kInvalidArgument,
                fmt::format("'{}' is no aspect: it is width to height, such as 16:9 or 1.85", text));
}

std::string_view GeometryFromName(GeometryFrom from) { return kFromNames.at(static_cast<size_t>(from)); }

GeometryFrom ParseGeometryFrom(std::string_view name) {
  const auto found = std::find(kFromNames.begin(), kFromNames.end(), name);
  return found == kFromNames.end() ? GeometryFrom::kNobody
                                   : static_cast<GeometryFrom>(found - kFromNames.begin());
}

bool IsSquareEnough(const Aspect& pixel) { return std::abs(pixel.ratio() - 1) < kSquareEnough; }

bool IsPlausiblePixelAspect(const Aspect& pixel) {
  return pixel.ratio() <= kWidestPixel && pixel.ratio() >= 1 / kWidestPixel && !IsSquareEnough(pixel);
}

std::optional<Aspect> PixelAspectFor(cv::Size stored, const Orientation& orientation, const Aspect& picture) {
  const Aspect wanted = orientation.clockwise % 180 == 0 ? picture : picture.Turned();
  return MakeAspect(int64_t{wanted.width} * stored.height, int64_t{wanted.height} * stored.width);
}

cv::Size SquarePixelSize(cv::Size stored, const Aspect& pixel) {
  if (pixel.width > pixel.height)
    return {std::max(stored.width, static_cast<int>(std::lround(stored.width * pixel.ratio()))),
            stored.height};
  return {stored.width,
          std::max(stored.height, static_cast<int>(std::lround(stored.height / pixel.ratio())))};
}

std::string GeometryText(const SourceInfo& info) {
  std::string text;
  const auto add = [&](const std::string& what, GeometryFrom from) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", what, GeometryFromName(from));
  };
  if (info.mirrored) add("mirrored", GeometryFrom::kFile);
  const bool only_mirrored = info.turn_from == GeometryFrom::kFile && info.rotation == 0;
  if (info.turn_from != GeometryFrom::kNobody && !only_mirrored)
    add(fmt::format("rotated {}", info.rotation), info.turn_from);
  if (info.aspect_from != GeometryFrom::kNobody)
    add("pixel aspect " + info.pixel_aspect.ToString(), info.aspect_from);
  if (!info.geometry_notes.empty()) text += (text.empty() ? "" : "; ") + info.geometry_notes;
  return text;
}

WantedGeometry GeometryAsIn(const SourceInfo& info) {
  const cv::Size frame(info.width, info.height);
  return {.clockwise = info.rotation,
          .mirrored = info.mirrored,
          .pixel_aspect = info.pixel_aspect,
          .turn_from = info.turn_from,
          .aspect_from = info.aspect_from,
          .frame = frame.empty() ? std::nullopt : std::optional(frame)};
}

}  // namespace crossface
