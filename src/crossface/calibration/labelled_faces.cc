#include "crossface/calibration/labelled_faces.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>

#include "crossface/detect/fusion.h"
#include "crossface/inference/engine/session.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/util/text.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

constexpr float kLikelyAFace = 0.5f;
constexpr float kOneFace = 0.4f;  // intersection over union

float Overlap(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float common = (a & b).area();
  return common / std::max(a.area() + b.area() - common, 1e-6f);
}

Result<cv::Mat> ReadPhoto(const LabelledPhoto& photo, const std::stop_token& stop) {
  ReaderOptions options;
  options.stop = stop;
  CROSSFACE_ASSIGN_OR_RETURN(const auto reader, OpenSource(photo.path, options));
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
  if (!frame)
    return Status(StatusCode::kCorrupt, DisplayPath(photo.path) + " holds no picture that could be decoded");
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> further, reader->Next());
  if (further) return Status(StatusCode::kInvalidArgument, DisplayPath(photo.path) + " is a video");
  if (reader->damage().code() == StatusCode::kIo) return reader->damage();
  return frame->picture->Bgr();
}

// False when there is no face or a net has no vector for it.
Result<bool> Describe(const cv::Mat& bgr, const LabelledFaceTools& tools, LabelledFace* face, int* others) {
  CROSSFACE_ASSIGN_OR_RETURN(const Detection found, CentralFace(bgr, *tools.finder, others));
  if (found.score == 0) return false;
  face->quality = MeasureQuality(bgr, found);
  const FacePicture picture{bgr, found.box, found.landmarks};
  for (const auto& embedder : tools.embedders) {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Embedding> embeddings, embedder->Embed({&picture, 1}));
    if (embeddings[0].unit.empty()) return false;
    face->vectors.push_back(std::move(embeddings[0].unit));
  }
  return true;
}

// Of one photo. What is wrong with the photo is told in `unreadable`, what is wrong with the nets is an
// error.
struct PhotoFaces {
  std::vector<LabelledFace> faces;
  bool faceless = false, several = false;
  Status unreadable;
};

Result<PhotoFaces> FacesOf(const LabelledPhoto& photo, size_t number, const LabelledFaceTools& tools,
                           const LabelledFaceOptions& options) {
  PhotoFaces read;
  const Result<cv::Mat> bgr = ReadPhoto(photo, options.stop);
  if (bgr.status().code() == StatusCode::kInterrupted) return bgr.status();
  if (!bgr.ok()) {
    read.unreadable = bgr.status();
    return read;
  }
  for (int copy = 0; copy <= options.copies; ++copy) {
    LabelledFace face{.person = photo.person,
                      .photo = static_cast<int>(number),
                      .degraded = copy > 0,
                      .quality = {},
                      .vectors = {}};
    const cv::Mat picture = copy == 0 ? *bgr : options.degrade(*bgr, number * 16 + static_cast<size_t>(copy));
    int others = 0;
    CROSSFACE_ASSIGN_OR_RETURN(const bool usable, Describe(picture, tools, &face, &others));
    if (copy == 0) {
      read.faceless = !usable;
      read.several = usable && others > 0;
    }
    if (usable) read.faces.push_back(std::move(face));
  }
  return read;
}

}  // namespace

Result<Detection> CentralFace(const cv::Mat& bgr, const FaceFinder& finder, int* others) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> found, finder.Find(bgr, false));
  const cv::Point2f centre(static_cast<float>(bgr.cols) / 2, static_cast<float>(bgr.rows) / 2);
  Detection best;
  for (const Detection& face : found) {
    const cv::Point2f away = (face.box.tl() + face.box.br()) * 0.5f - centre;
    if (std::hypot(away.x, away.y) < face.box.width / 2 && face.score > best.score) best = face;
  }
  if (best.score == 0 && found.size() == 1) best = found.front();
  if (best.score == 0) return best;
  if (others != nullptr) {
    *others = static_cast<int>(std::count_if(found.begin(), found.end(), [&](const Detection& face) {
      return face.score >= kLikelyAFace && Overlap(face.box, best.box) < kOneFace;
    }));
  }
  CROSSFACE_ASSIGN_OR_RETURN(best, finder.Confirm(bgr, best));
  if (!IsConfirmed(best)) best.score = 0;
  return best;
}

Result<LabelledFaces> ReadLabelledFaces(const std::vector<LabelledPhoto>& photos,
                                        const LabelledFaceTools& tools, const LabelledFaceOptions& options) {
  const auto stopped = [&] { return options.stop.stop_requested(); };
  LabelledFaces read;
  RunStop stop;
  std::deque<std::future<Result<PhotoFaces>>> under_way;
  ThreadPool pool(options.threads);  // joined first: its tasks use what stands above
  const size_t ahead = static_cast<size_t>(options.threads) * 2;
  for (size_t done = 0, begun = 0; done < photos.size(); ++done) {
    for (; begun < photos.size() && begun < done + ahead; ++begun) {
      under_way.push_back(pool.Submit([&, begun] {
        const RunStop::Scope scope(stop);
        return FacesOf(photos[begun], begun, tools, options);
      }));
    }
    Result<PhotoFaces> photo = under_way.front().get();
    under_way.pop_front();
    if (stopped() || !photo.ok()) {
      stop.Stop();
      return stopped() ? Status(StatusCode::kInterrupted, "stopped") : photo.status();
    }
    if (!photo->unreadable.ok()) read.unreadable.emplace_back(done, photo->unreadable);
    if (photo->faceless) read.faceless.push_back(done);
    if (photo->several) read.several.push_back(done);
    std::move(photo->faces.begin(), photo->faces.end(), std::back_inserter(read.faces));
    if (options.progress)
      options.progress(static_cast<int64_t>(done) + 1, static_cast<int64_t>(photos.size()));
  }
  return read;
}

}  // namespace crossface
