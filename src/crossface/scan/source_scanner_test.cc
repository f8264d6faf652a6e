#include "crossface/scan/source_scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <opencv2/imgproc.hpp>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

constexpr int kWidth = 640, kHeight = 360;

// How many pictures there are at once, and were at most.
struct Living {
  std::atomic<int> now = 0, most = 0;
};

// Noise that moves on with every frame, so that frames are kept.
class MadePicture : public Picture {
 public:
  MadePicture(int number, Living& living, bool too_large)
      : number_(number), living_(living), too_large_(too_large) {
    const int now = ++living_.now;
    for (int most = living_.most; now > most && !living_.most.compare_exchange_weak(most, now);) {
    }
  }
  ~MadePicture() override { --living_.now; }
  Result<cv::Mat> Luma(int longest_side) const override {
    cv::Mat grey;
    cv::cvtColor(Draw(), grey, cv::COLOR_BGR2GRAY);
    const double scale = std::min(1.0, static_cast<double>(longest_side) / kWidth);
    cv::resize(grey, grey, {}, scale, scale, cv::INTER_AREA);
    return grey;
  }
  Result<cv::Mat> Bgr() const override {
    if (too_large_) throw std::bad_alloc();
    return Draw();
  }
  Result<uint64_t> Digest() const override { return static_cast<uint64_t>(number_); }

 private:
  cv::Mat Draw() const {
    cv::Mat picture(kHeight, kWidth, CV_8UC3, cv::Scalar(90, 120, 100));
    cv::RNG random(4);
    for (int i = 0; i < 60; ++i) {
      const cv::Point place(random.uniform(0, kWidth), random.uniform(0, kHeight));
      cv::circle(picture, place + cv::Point(number_ * 9 % 200, number_ * 5 % 90), random.uniform(5, 30),
                 cv::Scalar(random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)),
                 cv::FILLED);
    }
    return picture;
  }
  const int number_;
  Living& living_;
  const bool too_large_;
};

class MadeReader : public FrameReader {
 public:
  MadeReader(int frames, Living& living, int too_large = -1)
      : frames_(frames), living_(living), too_large_(too_large) {
    info_.width = kWidth;
    info_.height = kHeight;
    info_.fps = 5;
    info_.duration_ms = int64_t{frames} * 200;
  }
  const SourceInfo& info() const override { return info_; }
  Result<std::optional<Frame>> Next() override {
    if (next_ >= frames_) return std::optional<Frame>();
    if (next_ == before_) work_();
    Frame frame;
    frame.index = next_;
    frame.pts = next_;
    frame.time_us = int64_t{next_} * 200'000;
    frame.duration_us = 200'000;
    frame.picture = std::make_shared<MadePicture>(next_, living_, next_ >= too_large_ && too_large_ >= 0);
    ++next_;
    return std::optional(frame);
  }
  Status damage() const override { return Status(); }
  void before_frame(int frame, std::function<void()> work) {
    before_ = frame;
    work_ = std::move(work);
  }

 private:
  const int frames_;
  int before_ = -1;
  std::function<void()> work_;
  Living& living_;
  const int too_large_;
  int next_ = 0;
  SourceInfo info_;
};

class SourceScannerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    settings_.models = testing::Models().folder();
    settings_.threads = 8;
    auto models = ScanModels::Load(settings_);
    ASSERT_TRUE(models.ok()) << models.status().message();
    models_ = std::move(*models);
  }
  Result<ScanOutcome> Scan(FrameReader& reader, ByteBudget* budget, std::stop_token stop = {}) {
    ThreadPool pool(settings_.threads);
    ScanCallbacks callbacks;
    callbacks.chunk = [](const ScanChunk&) { return Status(); };
    callbacks.budget = budget;
    callbacks.stop = std::move(stop);
    return ScanSource(reader, {}, models_, settings_, pool, callbacks);
  }
  ScanSettings settings_;
  ScanModels models_;
  Living living_;
};

TEST_F(SourceScannerTest, FramesInMemoryAreBoundedByBytesWhateverTheThreads) {
  constexpr int kFrames = 60;
  MadeReader unbounded(kFrames, living_), bounded(kFrames, living_);
  const auto without = Scan(unbounded, nullptr);
  ASSERT_TRUE(without.ok()) << without.status().message();
  const int most_without = living_.most.exchange(0);
  EXPECT_GT(most_without, 12) << "the threads are kept busy";
  EXPECT_GT(without->counts.kept, 40);
  ByteBudget tiny(1);
  const auto with = Scan(bounded, &tiny);
  ASSERT_TRUE(with.ok()) << with.status().message();
  // One is searched; the selector looks back at a few.
  EXPECT_LE(living_.most, 6);
  EXPECT_EQ(with->counts, without->counts);
  EXPECT_EQ(with->fingerprint, without->fingerprint);
  EXPECT_EQ(tiny.held(), 0);
  EXPECT_EQ(living_.now, 0);
}

TEST_F(SourceScannerTest, SeveralScansShareOneBudgetAndAllEnd) {
  ByteBudget budget(40LL * kWidth * kHeight);
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        MadeReader reader(20, living_);
        done += Scan(reader, &budget).ok();
      });
    }
  }
  EXPECT_EQ(done, 4);
  EXPECT_EQ(budget.held(), 0);
}

TEST_F(SourceScannerTest, WhatOneFrameThrowsComesOutAndLeavesNothingBehind) {
  ByteBudget budget(int64_t{1} << 30);
  MadeReader reader(30, living_, 10);
  EXPECT_THROW((void)Scan(reader, &budget), std::bad_alloc);
  EXPECT_EQ(budget.held(), 0);
  EXPECT_EQ(living_.now, 0);
}

TEST_F(SourceScannerTest, AStoppedScanDoesNotSearchWhatIsQueued) {
  std::stop_source stop;
  MadeReader reader(60, living_);
  reader.before_frame(7, [&] { stop.request_stop(); });
  const auto stopped = Scan(reader, nullptr, stop.get_token());
  EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  EXPECT_EQ(living_.now, 0);
}

}  // namespace
}  // namespace crossface
