// A frame reader over a drawn film, which ends as one likes. Not thread-safe, as readers are not.
#pragma once

#include <memory>
#include <utility>

#include "crossface/media/read/frame_reader.h"
#include "crossface/testing/drawn_film.h"

namespace crossface::testing {

class FakeReader final : public FrameReader {
 public:
  // `fail_at`: the frame in whose place kIo comes; -1: none.
  explicit FakeReader(DrawnFilm film, int fail_at = -1)
      : film_(std::make_shared<const DrawnFilm>(std::move(film))), fail_at_(fail_at) {
    info_.width = film_->size.width;
    info_.height = film_->size.height;
    info_.fps = film_->fps;
    info_.duration_ms = 1000 * film_->frames() / film_->fps;
    info_.codec = "drawn";
    info_.time_base_num = 1;
    info_.time_base_den = film_->fps;
  }

  const SourceInfo& info() const override { return info_; }
  Result<std::optional<Frame>> Next() override {
    if (next_ == fail_at_) return Status(StatusCode::kIo, "the disk did not answer");
    if (next_ >= film_->frames()) return std::optional<Frame>();
    const int64_t duration_us = 1'000'000 / film_->fps;
    Frame frame{.index = next_, .pts = next_, .time_us = next_ * duration_us, .duration_us = duration_us};
    frame.picture = std::make_shared<DrawnPicture>(film_, next_++);
    return std::optional(frame);
  }
  Status damage() const override { return Status(); }

  int given() const { return next_; }

 private:
  class DrawnPicture final : public Picture {
   public:
    DrawnPicture(std::shared_ptr<const DrawnFilm> film, int frame) : film_(std::move(film)), frame_(frame) {}
    Result<cv::Mat> Luma(int longest_side) const override {
      cv::Mat grey;
      cv::cvtColor(film_->Draw(frame_), grey, cv::COLOR_BGR2GRAY);
      const double scale = static_cast<double>(longest_side) / std::max(grey.cols, grey.rows);
      if (scale < 1) cv::resize(grey, grey, {}, scale, scale, cv::INTER_AREA);
      return grey;
    }
    Result<cv::Mat> Bgr() const override { return film_->Draw(frame_); }
    Result<uint64_t> Digest() const override { return static_cast<uint64_t>(frame_); }

   private:
    const std::shared_ptr<const DrawnFilm> film_;
    const int frame_;
  };

  const std::shared_ptr<const DrawnFilm> film_;
  const int fail_at_;
  SourceInfo info_;
  int next_ = 0;
};

}  // namespace crossface::testing
