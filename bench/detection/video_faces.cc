#include "detection/video_faces.h"

#include <cmath>

#include "crossface/detect/fusion.h"
#include "crossface/media/read/frame_reader.h"

namespace crossface::bench {

Result<VideoFaces> CountFaces(const FaceFinder& finder, const std::filesystem::path& video,
                              double frames_per_second) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto reader, OpenSource(video));
  VideoFaces count;
  double next_s = 0;
  while (true) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
    if (!frame) return count;
    const double time_s = static_cast<double>(frame->time_us) / 1e6;
    if (time_s < next_s) continue;
    next_s = time_s + 1 / frames_per_second - 1e-3;
    CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame->picture->Bgr());
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> faces, finder.Find(bgr, false));
    int confirmed = 0;
    for (const Detection& face : faces) {
      CROSSFACE_ASSIGN_OR_RETURN(const Detection settled, finder.Confirm(bgr, face));
      confirmed += IsConfirmed(settled);
    }
    ++count.frames;
    count.found += static_cast<int>(faces.size());
    count.confirmed += confirmed;
    count.frames_with_face += !faces.empty();
    count.frames_confirmed += confirmed > 0;
  }
}

}  // namespace crossface::bench
