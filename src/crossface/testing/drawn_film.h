// Films that are drawn instead of shot: coloured faces that a fake detector finds and a fake embedder knows
// (fake_models.h), before moving grey things. Deterministic. Values; thread-safe to read.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

namespace crossface::testing {

// Each person's colour, BGR. Nothing else in a film has a colour.
inline const std::array<cv::Vec3b, 6> kPersonColours = {
    {{40, 40, 230}, {40, 200, 40}, {230, 60, 40}, {30, 210, 210}, {210, 40, 210}, {210, 200, 30}}};

struct DrawnFace {
  int person = 0;                 // into kPersonColours
  cv::Point2f at;                 // the box's corner in the shot's first frame, pixels
  cv::Point2f step = {};          // pixels a frame
  float height = 64;              // three quarters as wide
  int first = 0, last = 1 << 20;  // frames of the shot that show it
};

struct DrawnShot {
  int frames = 10;
  std::vector<DrawnFace> faces = {};
};

struct ShownFace {
  int person = 0;
  cv::Rect2f box;
};

struct DrawnFilm {
  std::vector<DrawnShot> shots;
  int scene = 0;  // films of one scene have the same background, shot by shot
  cv::Size size = {320, 240};
  int fps = 10;
  bool still = false;  // nothing moves but faces

  int frames() const {
    int sum = 0;
    for (const DrawnShot& shot : shots) sum += shot.frames;
    return sum;
  }

  // The shot that shows a frame, and which of its frames that is.
  std::pair<size_t, int> ShotOf(int frame) const {
    size_t shot = 0;
    while (frame >= shots.at(shot).frames) frame -= shots[shot++].frames;
    return {shot, frame};
  }

  std::vector<ShownFace> FacesAt(int frame) const {
    const auto [shot, in_shot] = ShotOf(frame);
    std::vector<ShownFace> shown;
    for (const DrawnFace& face : shots[shot].faces) {
      if (in_shot < face.first || in_shot > face.last) continue;
      const cv::Point2f at = face.at + face.step * static_cast<float>(in_shot);
      shown.push_back({face.person, cv::Rect2f(at, cv::Size2f(face.height * 0.75f, face.height))});
    }
    return shown;
  }

  // CV_8UC3, BGR.
  cv::Mat Draw(int frame) const {
    const auto [shot, in_shot] = ShotOf(frame);
    cv::Mat picture = Background(static_cast<int>(shot), still ? 0 : in_shot);
    for (const ShownFace& face : FacesAt(frame)) DrawFace(face, &picture);
    return picture;
  }

  // The whole film in a container that every reader takes and that keeps it as it is but for its colours'
  // resolution.
  std::string AsYuv4Mpeg() const {
    std::string film =
        fmt::format("YUV4MPEG2 W{} H{} F{}:1 Ip A1:1 C420mpeg2\n", size.width, size.height, fps);
    for (int frame = 0; frame < frames(); ++frame) {
      cv::Mat planes;
      cv::cvtColor(Draw(frame), planes, cv::COLOR_BGR2YUV_I420);
      film += "FRAME\n";
      film.append(reinterpret_cast<const char*>(planes.data), planes.total());
    }
    return film;
  }

 private:
  cv::Mat Background(int shot, int in_shot) const {
    cv::RNG random(static_cast<uint64_t>(scene * 1000 + shot * 17 + 5));
    cv::Mat coarse(6, 8, CV_8UC1), grey, picture;
    random.fill(coarse, cv::RNG::UNIFORM, 60, 200);
    cv::resize(coarse, grey, size, 0, 0, cv::INTER_CUBIC);
    for (int i = 0; i < 10; ++i) {
      const float x = random.uniform(0.0f, 1.0f), y = random.uniform(0.0f, 1.0f);
      const float speed = random.uniform(0.05f, 0.3f), turn = random.uniform(0.0f, 6.28f);
      const float around = turn + speed * static_cast<float>(in_shot);
      const cv::Point2f at(x + 0.12f * std::cos(around), y + 0.12f * std::sin(1.3f * around));
      const cv::Point place(cvRound(at.x * static_cast<float>(size.width)),
                            cvRound(at.y * static_cast<float>(size.height)));
      cv::circle(grey, place, random.uniform(size.width / 30, size.width / 12),
                 cv::Scalar(random.uniform(30, 225)), cv::FILLED);
    }
    cv::cvtColor(grey, picture, cv::COLOR_GRAY2BGR);
    return picture;
  }

  static void DrawFace(const ShownFace& face, cv::Mat* picture) {
    const cv::Vec3b& colour = kPersonColours.at(static_cast<size_t>(face.person));
    cv::rectangle(*picture, face.box, cv::Scalar(colour[0], colour[1], colour[2]), cv::FILLED);
    const auto at = [&](float x, float y) {
      return cv::Point(cvRound(face.box.x + x * face.box.width), cvRound(face.box.y + y * face.box.height));
    };
    const int small = std::max(1, cvRound(face.box.height / 16));
    for (const float x : {0.25f, 0.75f})
      cv::circle(*picture, at(x, 0.35f), small, cv::Scalar::all(20), cv::FILLED);
    cv::rectangle(*picture, at(0.25f, 0.72f), at(0.75f, 0.78f), cv::Scalar::all(240), cv::FILLED);
  }
};

}  // namespace crossface::testing
