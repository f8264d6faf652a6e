#include "labelled_faces.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "crossface/detect/fusion.h"
#include "degrade.h"

namespace crossface::bench {
namespace {

namespace fs = std::filesystem;

// Photos of LFW that show somebody else than their folder's name says, seen when the nets' worst mistakes
// were looked at: the first shows the man of Abdullah_Gul's folder, the second a man in Arab dress where the
// others show one in a suit.
constexpr std::array<const char*, 2> kMislabelled = {"Recep_Tayyip_Erdogan_0004.jpg",
                                                     "Mahmoud_Abbas_0012.jpg"};

std::vector<fs::path> Photos(const std::vector<fs::path>& roots) {
  std::vector<fs::path> photos;
  for (const fs::path& root : roots) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const std::string name = entry.path().filename().string();
      const bool wrong =
          std::any_of(kMislabelled.begin(), kMislabelled.end(), [&](const char* m) { return name == m; });
      if (entry.is_regular_file() && !wrong) photos.push_back(entry.path());
    }
  }
  std::sort(photos.begin(), photos.end());
  return photos;
}

// False when there is no face or a net has no vector for it.
Result<bool> Describe(const cv::Mat& bgr, const Tools& tools, LabelledFace* face) {
  CROSSFACE_ASSIGN_OR_RETURN(const Detection found, CentralFace(bgr, *tools.finder));
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

}  // namespace

Result<Detection> CentralFace(const cv::Mat& bgr, const FaceFinder& finder) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> found, finder.Find(bgr, false));
  const cv::Point2f centre(static_cast<float>(bgr.cols) / 2, static_cast<float>(bgr.rows) / 2);
  Detection best;
  for (const Detection& face : found) {
    const cv::Point2f away = (face.box.tl() + face.box.br()) * 0.5f - centre;
    if (std::hypot(away.x, away.y) < face.box.width / 2 && face.score > best.score) best = face;
  }
  if (best.score == 0) return best;
  CROSSFACE_ASSIGN_OR_RETURN(best, finder.Confirm(bgr, best));
  if (!IsConfirmed(best)) best.score = 0;
  return best;
}

Result<std::vector<LabelledFace>> ReadLabelledFaces(const std::vector<fs::path>& roots, int copies,
                                                    const Tools& tools) {
  const std::vector<fs::path> photos = Photos(roots);
  std::set<std::string> people;
  for (const fs::path& photo : photos) people.insert(photo.parent_path().filename().string());
  std::vector<LabelledFace> faces;
  int lost = 0;
  for (size_t i = 0; i < photos.size(); ++i) {
    const cv::Mat bgr = cv::imread(photos[i].string(), cv::IMREAD_COLOR);
    if (bgr.empty()) return Status(StatusCode::kCorrupt, photos[i].string() + " is no picture");
    const auto person = people.find(photos[i].parent_path().filename().string());
    for (int copy = 0; copy <= copies; ++copy) {
      LabelledFace face{.person = static_cast<int>(std::distance(people.begin(), person)),
                        .photo = static_cast<int>(i),
                        .degraded = copy > 0};
      const cv::Mat picture = copy == 0 ? bgr : Degrade(bgr, i * 16 + static_cast<size_t>(copy));
      CROSSFACE_ASSIGN_OR_RETURN(const bool usable, Describe(picture, tools, &face));
      if (usable) {
        faces.push_back(std::move(face));
      } else {
        ++lost;
      }
    }
    if (i % 50 == 0) fmt::print(stderr, "\r{} of {} photos", i, photos.size());
  }
  fmt::print(stderr, "\r{} photos of {} people: {} faces, {} not found or not believed\n", photos.size(),
             people.size(), faces.size(), lost);
  return faces;
}

}  // namespace crossface::bench
