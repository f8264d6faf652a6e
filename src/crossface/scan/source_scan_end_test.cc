#include <gtest/gtest.h>

#include "crossface/scan/source_scanner.h"

namespace crossface {
namespace {

class BlackPicture : public Picture {
 public:
  Result<cv::Mat> Luma(int longest_side) const override {
    return cv::Mat(longest_side / 2, longest_side, CV_8UC1, cv::Scalar(0));
  }
  Result<cv::Mat> Bgr() const override {
    return Status(StatusCode::kInternal, "nobody looks at black pictures");
  }
  Result<uint64_t> Digest() const override { return uint64_t{0}; }
};

// A second of black pictures, with an end of one's choice.
class BlackFilm : public FrameReader {
 public:
  explicit BlackFilm(Status damage) : damage_(std::move(damage)) {}
  const SourceInfo& info() const override { return info_; }
  Result<std::optional<Frame>> Next() override {
    if (next_ == 25) return std::optional<Frame>();
    Frame frame{.index = next_, .pts = next_, .time_us = next_ * 40'000, .duration_us = 40'000};
    frame.picture = std::make_shared<BlackPicture>();
    ++next_;
    return std::optional(frame);
  }
  Status damage() const override { return next_ == 25 ? damage_ : Status(); }

 private:
  SourceInfo info_;
  Status damage_;
  int64_t next_ = 0;
};

class SourceScanEndTest : public ::testing::Test {
 protected:
  Result<ScanOutcome> Scan(Status damage) {
    BlackFilm film(std::move(damage));
    ThreadPool pool(1);
    ScanCallbacks callbacks;
    callbacks.chunk = [this](const ScanChunk& chunk) {
      reached_ = chunk.checkpoint.next_frame;
      return Status();
    };
    return ScanSource(film, {}, {}, {}, pool, callbacks);
  }
  int64_t reached_ = 0;
};

TEST_F(SourceScanEndTest, DamageIsPartOfTheOutcome) {
  const auto outcome = Scan(Status(StatusCode::kCorrupt, "cut off"));
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  EXPECT_EQ(outcome->damage.code(), StatusCode::kCorrupt);
  EXPECT_EQ(outcome->counts.decoded, 25);
  EXPECT_EQ(reached_, 25);
}

TEST_F(SourceScanEndTest, WhatCouldNotBeReadThisTimeIsNoEndAndLeavesTheShotOpen) {
  const auto outcome = Scan(Status(StatusCode::kIo, "the disk did not answer"));
  EXPECT_EQ(outcome.status().code(), StatusCode::kIo);
  EXPECT_EQ(reached_, 0) << "the next scan goes on before the shot that was cut in two";
}

}  // namespace
}  // namespace crossface
