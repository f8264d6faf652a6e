// Single frames of a source, found by their time stamps.
#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "crossface/app/source_media.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/media/write/png.h"
#include "crossface/scan/track_builder.h"
#include "crossface/util/hash.h"
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

// Finds frames of one source.
class FrameFinder {
 public:
  FrameFinder(const SourceRecord& source, const std::function<bool()>& keep_going)
      : source_(source), keep_going_(keep_going) {}

  // Of this time stamp; nothing where there is none.
  Result<std::optional<Frame>> ByPts(int64_t pts) {
    Result<std::optional<Frame>> near = Near(pts);
    if (!near.ok() || (*near && (*near)->pts == pts)) return near;
    // Where the container cannot say where to begin, or the clock has moved stamps that strayed.
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, Open({}));
    while (true) {
      CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader->Next());
      if (!frame || frame->pts == pts) return frame;
    }
  }

  // The last that is not after this time; the first where there is none.
  Result<std::optional<Frame>> ByTime(int64_t time_us) {
    const int64_t pts = first_pts_ + Ticks(time_us);
    Result<std::optional<Frame>> near = Near(pts);
    if (!near.ok() || *near) return near;
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, Open({}));
    std::optional<Frame> last;
    while (true) {
      CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader->Next());
      if (!frame || (last && frame->time_us > time_us)) return last;
      last = std::move(frame);
    }
  }

  Result<Frame> First() {
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, Open({}));
    CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader->Next());
    if (!frame) return Status(StatusCode::kNotFound, source_.name + ": there is no frame");
    first_pts_ = frame->pts;
    return *std::move(frame);
  }
  // Since the first frame.
  int64_t TimeOf(const Frame& frame) const {
    return (frame.pts - first_pts_) * source_.info.time_base_num * 1'000'000 / source_.info.time_base_den;
  }

 private:
  int64_t Ticks(int64_t microseconds) const {
    return static_cast<int64_t>(static_cast<double>(microseconds) * source_.info.time_base_den /
                                source_.info.time_base_num / 1e6);
  }

  Result<std::unique_ptr<FrameReader>> Open(std::optional<int64_t> from_pts) {
    ReaderOptions options{.geometry = GeometryAsIn(source_.info), .part = source_.info.part};
    options.from_pts = from_pts;
    options.keep_going = keep_going_;
    return OpenSource(source_.path, options);
  }

  // The last frame up to the time stamp, when reading can begin before it; nothing when it cannot.
  Result<std::optional<Frame>> Near(int64_t pts) {
    const int64_t from = pts - Ticks(kMarginUs);
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader,
                               Open(from > first_pts_ ? std::optional(from) : std::nullopt));
    std::optional<Frame> last;
    while (true) {
      CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader->Next());
      if (!frame || frame->pts > pts) return last;
      last = std::move(frame);
    }
  }

  const SourceRecord& source_;
  const std::function<bool()> keep_going_;
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

Result<std::optional<Frame>> Find(FrameFinder& finder, const FrameRequest& request) {
  CROSSFACE_ASSIGN_OR_RETURN(Frame first, finder.First());
  if (request.pts) {
    if (*request.pts == first.pts) return std::optional(std::move(first));
    return finder.ByPts(*request.pts);
  }
  if (request.time_us && *request.time_us > 0) return finder.ByTime(*request.time_us);
  return std::optional(std::move(first));
}

// Mean over all values; nothing for pictures of different sizes.
std::optional<double> Difference(const std::string& jpeg, const std::string& other) {
  if (jpeg == other) return 0;
  const cv::Mat a = DecodeJpeg(jpeg), b = DecodeJpeg(other);
  if (a.empty() || a.size() != b.size()) return std::nullopt;
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
}

Status CompareFrame(const SourceRecord& source, const FaceRecord& face, const std::string& stored,
                    const std::function<bool()>& keep_going, FaceVerifiedAnswer* answer) {
  FrameFinder finder(source, keep_going);
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, Find(finder, {.pts = face.pts}));
  answer->frame_found = frame.has_value();
  if (!frame) {
    answer->told.push_back(fmt::format("there is no frame with the time stamp {}", face.pts));
    return Status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame->picture->Bgr());
  const std::string again = DescribeFace(bgr, {.frame = *frame}, face.detection).record.jpeg;
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
                              const std::function<bool()>& keep_going) {
  FrameFinder finder(source, keep_going);
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, Find(finder, request));
  if (!frame) return Status(StatusCode::kNotFound, source.name + ": there is no such frame");
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame->picture->Bgr());
  FrameAnswer answer{.pts = frame->pts, .time_us = finder.TimeOf(*frame)};
  CROSSFACE_ASSIGN_OR_RETURN(answer.picture, Encode(bgr, request));
  return answer;
}

Result<FaceVerifiedAnswer> VerifyFace(const CaseBrowser& browser, int64_t id,
                                      const std::function<bool()>& keep_going) {
  CROSSFACE_ASSIGN_OR_RETURN(const FaceEvidenceAnswer evidence, browser.Face(id));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string stored, browser.FacePicture(id));
  FaceVerifiedAnswer answer;
  const auto sha256 = Sha256OfFile(evidence.source.path, keep_going);
  if (!sha256.ok()) {
    if (sha256.status().code() == StatusCode::kInterrupted) return sha256.status();
    answer.told.push_back(sha256.status().message());
    return answer;
  }
  answer.source_is_the_same = *sha256 == evidence.source.sha256;
  answer.told.push_back(answer.source_is_the_same ? "the file has the SHA-256 that it was scanned with"
                                                  : fmt::format("the file's SHA-256 is {}, it was {}",
                                                                *sha256, evidence.source.sha256));
  const Status compared =
      CompareFrame(evidence.source, evidence.face.listed.face, stored, keep_going, &answer);
  if (compared.code() == StatusCode::kInterrupted) return compared;
  if (!compared.ok()) answer.told.push_back(compared.message());
  answer.same = answer.source_is_the_same && answer.difference && *answer.difference <= kSameDifference;
  return answer;
}

}  // namespace crossface
