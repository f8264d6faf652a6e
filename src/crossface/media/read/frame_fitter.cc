#include "crossface/media/read/frame_fitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "crossface/util/time.h"

extern "C" {
#include <libavutil/frame.h>
}

namespace crossface {
namespace {

// A file that is built to change with every frame is not listed whole.
constexpr size_t kMostVariants = 6, kMostPassedOver = 3;

int64_t Area(cv::Size size) { return int64_t{size.width} * size.height; }

std::optional<Orientation> TurnStatedBy(const AVFrame& picture) {
  const AVFrameSideData* const data = av_frame_get_side_data(&picture, AV_FRAME_DATA_DISPLAYMATRIX);
  int32_t matrix[9];
  if (data == nullptr || data->size < sizeof matrix) return std::nullopt;
  std::memcpy(matrix, data->data, sizeof matrix);
  return OrientationFromMatrix(matrix);
}

// The size of `square` when it is scaled to be as large as fits into `frame` once it is turned.
cv::Size Fitted(cv::Size square, const Orientation& orientation, cv::Size frame) {
  const cv::Size upright = orientation.Upright(square);
  if (upright == frame) return square;
  const double scale = std::min(static_cast<double>(frame.width) / upright.width,
                                static_cast<double>(frame.height) / upright.height);
  const cv::Size fitted(std::clamp(static_cast<int>(std::lround(upright.width * scale)), 1, frame.width),
                        std::clamp(static_cast<int>(std::lround(upright.height * scale)), 1, frame.height));
  return orientation.Upright(fitted);  // turned back: a quarter turn swaps the sides either way
}

}  // namespace

bool FrameFitter::Stated::operator==(const Stated& other) const {
  return stored == other.stored && turn == other.turn && av_cmp_q(own_aspect, other.own_aspect) == 0;
}

FrameFitter::FrameFitter(const WantedGeometry& wanted, int64_t max_pixels, AVFormatContext* container,
                         AVStream* stream)
    : wanted_(wanted), max_pixels_(max_pixels), container_(container), stream_(stream) {}

FrameFitter::Stated FrameFitter::Read(const AVFrame& picture) {
  if (const auto turn = TurnStatedBy(picture)) {
    picture_turn_ = turn;
  } else if (picture.key_frame != 0) {
    picture_turn_.reset();
  }
  const AVRational own = picture.sample_aspect_ratio;
  return {.stored = {picture.width, picture.height},
          .turn = picture_turn_.value_or(container_turn_),
          .own_aspect = own.num > 0 && own.den > 0 ? own : AVRational{0, 1}};
}

// The aspect when it says that pixels are to be stretched, and may be. Who states nonsense is told of.
std::optional<Aspect> FrameFitter::Obeyed(AVRational stated, cv::Size stored) {
  const auto aspect = MakeAspect(stated.num, stated.den);
  if (!aspect || IsSquareEnough(*aspect)) return aspect ? std::optional(Aspect()) : std::nullopt;
  if (IsPlausiblePixelAspect(*aspect) && Area(SquarePixelSize(stored, *aspect)) <= max_pixels_) return aspect;
  const std::string text = aspect->ToString();
  if (passed_over_.size() < kMostPassedOver &&
      std::find(passed_over_.begin(), passed_over_.end(), text) == passed_over_.end())
    passed_over_.push_back(text);
  return std::nullopt;
}

// Of a stored pixel, as it is obeyed.
Aspect FrameFitter::PixelAspect(const AVFrame& picture, const Stated& stated) {
  if (given_picture_aspect_) {
    const auto pixel = MakeAspect(int64_t{given_picture_aspect_->width} * stated.stored.height,
                                  int64_t{given_picture_aspect_->height} * stated.stored.width);
    const bool sound = pixel && (IsPlausiblePixelAspect(*pixel) || IsSquareEnough(*pixel)) &&
                       Area(SquarePixelSize(stated.stored, *pixel)) <= max_pixels_;
    return sound ? *pixel : Aspect();
  }
  if (first_ && stated == *first_) return first_pixel_;
  if (!first_ || (stated.stored == first_->stored && av_cmp_q(stated.own_aspect, first_->own_aspect) == 0)) {
    AVFrame* const frame = const_cast<AVFrame*>(&picture);  // only read
    if (const auto all = Obeyed(av_guess_sample_aspect_ratio(container_, stream_, frame), stated.stored))
      return *all;
  }
  if (const auto own = Obeyed(stated.own_aspect, stated.stored)) return *own;
  // A container that stretches its pictures states the shape that they have on the screen, whatever their
  // size.
  if (!first_ || stated.stored == first_->stored || first_pixel_.square()) return Aspect();
  const auto same_shape =
      MakeAspect(int64_t{first_pixel_.width} * first_->stored.width * stated.stored.height,
                 int64_t{first_pixel_.height} * first_->stored.height * stated.stored.width);
  return same_shape && IsPlausiblePixelAspect(*same_shape) ? *same_shape : Aspect();
}

Orientation FrameFitter::TurnOf(const Stated& stated) const {
  const bool given = wanted_.clockwise &&
                     (wanted_.turn_from == GeometryFrom::kGiven || wanted_.turn_from == GeometryFrom::kFound);
  if (first_ && given) return first_orientation_;
  // What is read again as it was before follows the file where it changes.
  if (first_ && stated.turn != first_->turn) return stated.turn;
  if (first_) return first_orientation_;
  return {wanted_.clockwise.value_or(stated.turn.clockwise), wanted_.mirrored.value_or(stated.turn.mirrored)};
}

Status FrameFitter::Begin(const AVFrame& first, SourceInfo* info) {
  const Stated stated = Read(first);
  first_orientation_ = TurnOf(stated);
  if (!stated.turn.identity()) info->turn_from = GeometryFrom::kFile;
  if (wanted_.clockwise) info->turn_from = wanted_.turn_from;
  info->rotation = first_orientation_.clockwise;
  info->mirrored = first_orientation_.mirrored;

  const auto wanted_pixel = wanted_.picture_aspect
                                ? PixelAspectFor(stated.stored, first_orientation_, *wanted_.picture_aspect)
                                : wanted_.pixel_aspect;
  if (wanted_pixel) {
    if (!IsPlausiblePixelAspect(*wanted_pixel) && !IsSquareEnough(*wanted_pixel)) {
      return Status(
          StatusCode::kInvalidArgument,
          fmt::format("its {}x{} pixels would have to be {}: that is more than they can be stretched; give "
                      "another aspect",
                      stated.stored.width, stated.stored.height, wanted_pixel->ToString()));
    }
    first_pixel_ = *wanted_pixel;
    info->aspect_from = wanted_.aspect_from;
    if (Area(SquarePixelSize(stated.stored, first_pixel_)) > max_pixels_) {
      first_pixel_ = {};
      info->aspect_from = GeometryFrom::kNobody;
    } else if (wanted_.picture_aspect || wanted_.aspect_from == GeometryFrom::kGiven) {
      given_picture_aspect_ = MakeAspect(int64_t{first_pixel_.width} * stated.stored.width,
                                         int64_t{first_pixel_.height} * stated.stored.height);
    }
  } else {
    first_pixel_ = PixelAspect(first, stated);
    if (!first_pixel_.square()) info->aspect_from = GeometryFrom::kFile;
  }
  info->pixel_aspect = first_pixel_;
  first_ = stated;
  frame_ = wanted_.frame.value_or(first_orientation_.Upright(SquarePixelSize(stated.stored, first_pixel_)));
  info->width = frame_.width;
  info->height = frame_.height;
  info->geometry_notes = Notes();
  return Status();
}

PictureLayout FrameFitter::Lay(const AVFrame& picture, const Stated& stated) {
  pixel_ = PixelAspect(picture, stated);
  PictureLayout layout;
  layout.orientation = TurnOf(stated);
  const cv::Size square = SquarePixelSize(stated.stored, pixel_);
  const cv::Size upright = layout.orientation.Upright(square);
  if (Area(upright) > Area(largest_)) largest_ = upright;
  layout.square = Fitted(square, layout.orientation, frame_);
  layout.frame = frame_;
  layout.grey_turn = layout.orientation.RelativeTo(first_orientation_);
  layout.grey_orientation = first_orientation_;
  return layout;
}

const PictureLayout& FrameFitter::Fit(const AVFrame& picture, int64_t time_us) {
  const Stated stated = Read(picture);
  if (current_ && stated == *current_) return layout_;
  current_ = stated;
  layout_ = Lay(picture, stated);
  NoteVariant(stated, time_us);
  return layout_;
}

std::optional<cv::Size> FrameFitter::outgrown() const {
  return Area(largest_) > Area(frame_) ? std::optional(largest_) : std::nullopt;
}

void FrameFitter::NoteVariant(const Stated& stated, int64_t time_us) {
  std::string text = fmt::format("{}x{}", stated.stored.width, stated.stored.height);
  if (layout_.orientation.mirrored) text += " mirrored";
  if (layout_.orientation.clockwise != 0) text += fmt::format(" rotated {}", layout_.orientation.clockwise);
  if (!pixel_.square()) text += " with pixels of " + pixel_.ToString();
  const bool known = std::any_of(variants_.begin(), variants_.end(),
                                 [&](const Variant& variant) { return variant.text == text; });
  if (known) return;
  if (variants_.size() < kMostVariants) {
    variants_.push_back({std::move(text), time_us});
  } else {
    ++further_variants_;
  }
}

std::string FrameFitter::Notes() const {
  std::string notes;
  for (const std::string& aspect : passed_over_) {
    notes += fmt::format("{}pixel aspect {} (file) not obeyed: it would stretch pictures beyond belief",
                         notes.empty() ? "" : "; ", aspect);
  }
  if (variants_.size() < 2) return notes;
  notes += notes.empty() ? "" : "; ";
  for (const Variant& variant : variants_) {
    if (&variant == &variants_.front()) {
      notes += "pictures change: " + variant.text;
    } else {
      notes += fmt::format(", from {} {}", Timecode((variant.begin_us + 500) / 1000), variant.text);
    }
  }
  if (further_variants_ > 0) notes += fmt::format(", and {} more changes", further_variants_);
  return notes + fmt::format("; each scaled by its own shape into {}x{}", frame_.width, frame_.height);
}

}  // namespace crossface
