// Single frames of a source, found by their time stamps.
#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "crossface/app/source_gone.h"
#include "crossface/app/source_media.h"
#include "crossface/io/store.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/media/write/png.h"
#include "crossface/scan/track_builder.h"
#include "crossface/util/jpeg.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr int kJpegQuality = 92;
// A container's index may name a place a little after the one that was asked for; and a frame that is not
// found by then is not found by its time stamp at all.
constexpr int64_t kMarginUs = 2'000'000;
// The pictures of one face, encoded by the same program; another one's decoder may round otherwise.
constexpr double kSameDifference = 2;

struct FoundFrame {
  Frame frame;
  std::optional<int64_t> previous_us, next_us;  // of its neighbours, where reading came past them
};

// Finds frames of one source.
class FrameFinder {
 public:
  FrameFinder(const SourceRecord& source, const std::stop_token& stop)
      : source_(source),
        stop_(stop),
        tick_num_(Wide{std::max(1, source.info.time_base_num)} * 1'000'000),
        tick_den_(std::max(1, source.info.time_base_den)) {}

  Result<std::optional<FoundFrame>> Find(const FrameRequest& request) {
    CROSSFACE_RETURN_IF_ERROR(FindFirst());
    if (request.pts) return ByPts(*request.pts, request.time_us);
    const int64_t time_us = request.time_us.value_or(0);
    const int64_t pts = LastPtsUntil(time_us);
    auto near = Near(pts);
    if (!near.ok() || *near) return near;
    return ReadOn({}, [&](const Frame& frame) { return frame.time_us > time_us; });
  }

  // Since the first frame, rounded as a scan rounds it.
  int64_t TimeOf(int64_t pts) const {
    const Wide twice = 2 * Wide{pts - first_pts_} * tick_num_;
    return static_cast<int64_t>((twice + (twice < 0 ? -tick_den_ : tick_den_)) / (2 * tick_den_));
  }

 private:
  __extension__ using Wide = __int128;  // ticks of a microsecond of a day would overflow 64 bits

  Status FindFirst() {
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, Open({}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
    if (!frame) return Status(StatusCode::kNotFound, source_.name + ": there is no frame");
    first_pts_ = frame->pts;
    return Status();
  }

  // Of this time stamp, at this time where one is given: where a clock was set back a stamp comes twice.
  Result<std::optional<FoundFrame>> ByPts(int64_t pts, std::optional<int64_t> time_us) {
    if (!time_us || *time_us == TimeOf(pts)) {
      auto near = Near(pts);
      if (!near.ok() || (*near && (*near)->frame.pts == pts)) return near;
    }
    // Where the container cannot say where to begin, or the clock has moved stamps that strayed.
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, Open({}));
    while (true) {
      CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader->Next());
      if (!frame) return std::optional<FoundFrame>();
      if (frame->pts == pts && (!time_us || frame->time_us == *time_us))
        return std::optional(FoundFrame{.frame = *std::move(frame)});
    }
  }

  // The last stamp whose TimeOf is not after this.
  int64_t LastPtsUntil(int64_t time_us) const {
    return first_pts_ + static_cast<int64_t>(((2 * Wide{time_us} + 1) * tick_den_ - 1) / (2 * tick_num_));
  }

  Result<std::unique_ptr<FrameReader>> Open(std::optional<int64_t> from_pts) {
    ReaderOptions options{.geometry = GeometryAsIn(source_.info), .part = source_.info.part};
    options.from_pts = from_pts;
    options.stop = stop_;
    return OpenSource(source_.path, options);
  }

  // The last frame up to the time stamp, when reading can begin before it; nothing when it cannot.
  Result<std::optional<FoundFrame>> Near(int64_t pts) {
    const auto margin = static_cast<int64_t>(Wide{kMarginUs} * tick_den_ / tick_num_);
    const int64_t from = pts - margin;
    return ReadOn(from > first_pts_ ? std::optional(from) : std::nullopt,
                  [pts](const Frame& frame) { return frame.pts > pts; });
  }

  // The last frame before the first that is too late, reading from there.
  template <typename IsTooLate>
  Result<std::optional<FoundFrame>> ReadOn(std::optional<int64_t> from_pts, const IsTooLate& is_too_late) {
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, Open(from_pts));
    std::optional<FoundFrame> last;
    while (true) {
      CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader->Next());
      const bool is_end = !frame || is_too_late(*frame);
      if (is_end && frame && last) last->next_us = TimeOf(frame->pts);
      if (is_end) return last;
      const auto previous = last ? std::optional(TimeOf(last->frame.pts)) : std::nullopt;
      last.emplace(FoundFrame{.frame = *std::move(frame), .previous_us = previous});
    }
  }

  const SourceRecord& source_;
  const std::stop_token stop_;
  const Wide tick_num_, tick_den_;  // a tick lasts tick_num_ / tick_den_ microseconds
  int64_t first_pts_ = 0;
};

Result<std::string> Encode(const cv::Mat& bgr, const FrameRequest& request) {
  cv::Mat shown = bgr;
  if (request.most_width > 0 && bgr.cols > request.most_width) {
    const double scale = static_cast<double>(request.most_width) / bgr.cols;
    cv::resize(bgr, shown, cv::Size(request.most_width, std::max(1, cvRound(bgr.rows * scale))), 0, 0,
               cv::INTER_AREA);
  }
  if (request.png) return EncodePng(shown);
  return EncodeJpeg(shown, kJpegQuality);
}

// Mean over all values; nothing for pictures of different sizes.
std::optional<double> Difference(const std::string& jpeg, const std::string& other) {
  if (jpeg == other) return 0;
  const cv::Mat a = DecodeJpeg(jpeg), b = DecodeJpeg(other);
  if (a.empty() || a.size() != b.size()) return std::nullopt;
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
}

// Where the stored picture was cut from: where it says, as long as the face is there. Those of older programs
// say nothing: the box then, though it may have been measured again after the cut.
Result<cv::Rect> AreaOf(const std::string& stored, const cv::Rect2f& box, const cv::Size& frame) {
  const auto said = AreaOfPicture(stored);
  if (!said) return PictureArea(box, frame);
  const bool is_there = !said->empty() && (*said & cv::Rect({}, frame)) == *said &&
                        cv::Rect2f(*said).contains((box.tl() + box.br()) * 0.5f);
  if (is_there) return *said;
  return Status(StatusCode::kMismatch, "the stored picture says that it was cut where the face is not");
}

Status CompareFrame(const SourceRecord& source, const FaceRecord& face, const std::string& stored,
                    const std::stop_token& stop, FaceVerifiedAnswer* answer) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto found,
                             FrameFinder(source, stop).Find({.pts = face.pts, .time_us = face.time_us}));
  answer->frame_found = found.has_value();
  if (!found) {
    answer->told.push_back(fmt::format("there is no frame with the time stamp {}", face.pts));
    return Status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, found->frame.picture->Bgr());
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Rect area, AreaOf(stored, face.detection.box, bgr.size()));
  const std::string again = CutPicture(bgr, area);
  answer->difference = Difference(stored, again);
  if (!answer->difference) {
    answer->told.push_back("the picture at this place has another size than the one that is stored");
  } else if (*answer->difference > kSameDifference) {
    answer->told.push_back("the picture at this place is another one than the one that is stored");
  } else {
    answer->told.push_back(
        *answer->difference == 0
            ? "the picture that was cut out of the frame again is the stored one, byte by byte"
            : "the picture that was cut out of the frame again shows the same");
  }
  return Status();
}

}  // namespace

Result<FrameAnswer> ReadFrame(const SourceRecord& source, const FrameRequest& request,
                              const std::stop_token& stop) {
  FrameFinder finder(source, stop);
  CROSSFACE_ASSIGN_OR_RETURN(const auto found, finder.Find(request));
  if (!found) return Status(StatusCode::kNotFound, source.name + ": there is no such frame");
  const Frame& frame = found->frame;
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame.picture->Bgr());
  FrameAnswer answer{.pts = frame.pts,
                     .time_us = request.pts && request.time_us ? *request.time_us : finder.TimeOf(frame.pts),
                     .previous_us = found->previous_us,
                     .next_us = found->next_us};
  CROSSFACE_ASSIGN_OR_RETURN(answer.picture, Encode(bgr, request));
  return answer;
}

Result<FaceVerifiedAnswer> VerifyFace(const CaseBrowser& browser, int64_t id, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const FaceEvidenceAnswer evidence, browser.Face(id));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string stored, browser.FacePicture(id));
  FaceVerifiedAnswer answer;
  const auto sha256 = io::HashOf(evidence.source.path, stop);
  if (!sha256.ok()) {
    if (sha256.status().code() == StatusCode::kInterrupted) return sha256.status();
    answer.told.push_back(WhyGone(browser.case_folder(), evidence.source, sha256.status()).message());
    return answer;
  }
  answer.source_is_the_same = *sha256 == evidence.source.sha256;
  answer.told.push_back(answer.source_is_the_same ? "the file has the SHA-256 that it was scanned with"
                                                  : fmt::format("the file's SHA-256 is {}, it was {}",
                                                                *sha256, evidence.source.sha256));
  const Status compared = CompareFrame(evidence.source, evidence.face.listed.face, stored, stop, &answer);
  if (compared.code() == StatusCode::kInterrupted) return compared;
  if (!compared.ok()) answer.told.push_back(compared.message());
  answer.same = answer.source_is_the_same && answer.difference && *answer.difference <= kSameDifference;
  return answer;
}

}  // namespace crossface
