// The processor takes over from a card: what comes out has no seam.
#include "crossface/media/read/card_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crossface {
namespace {

using ::testing::HasSubstr;

class Pixel final : public Picture {
 public:
  explicit Pixel(uint64_t digest) : digest_(digest) {}
  Result<cv::Mat> Luma(int) const override { return cv::Mat(1, 1, CV_8UC1); }
  Result<cv::Mat> Bgr() const override { return cv::Mat(1, 1, CV_8UC3); }
  Result<uint64_t> Digest() const override { return digest_; }

 private:
  const uint64_t digest_;
};

// So many frames, then an end of this kind. From `other` on they are other pictures.
class ShortReader final : public FrameReader {
 public:
  ShortReader(int64_t frames, Status end, int64_t pts_step, bool card, int64_t other)
      : frames_(frames), end_(std::move(end)), step_(pts_step), card_(card), other_(other) {}
  const SourceInfo& info() const override { return info_; }
  Result<std::optional<Frame>> Next() override {
    if (next_ == frames_) return end_.ok() ? Result<std::optional<Frame>>(std::optional<Frame>()) : end_;
    Frame frame;
    frame.index = next_++;
    frame.pts = frame.index * step_;
    frame.picture = std::make_shared<Pixel>(frame.index >= other_ ? 999 : frame.index);
    return std::optional(frame);
  }
  Status damage() const override { return Status(); }
  std::optional<CardUse> card_use() const override {
    return card_ ? std::optional(CardUse{.card_frames = next_}) : std::nullopt;
  }

 private:
  const int64_t frames_;
  const Status end_;
  const int64_t step_;
  const bool card_;
  const int64_t other_;
  int64_t next_ = 0;
  SourceInfo info_;
};

Status NoCard() { return Status(StatusCode::kDeviceUnavailable, "out of sessions"); }

struct Film {
  int64_t by_card = 0;  // frames, then this end; -1: it does not open
  Status end = NoCard();
  int64_t by_processor = 40, pts_step = 40;
  int64_t other = 1000;  // picture of the card
};

CardReader::Opener OpenerOf(const Film& film) {
  return [film](const ReaderOptions& options,
                std::vector<std::string>* parts) -> Result<std::unique_ptr<FrameReader>> {
    *parts = {"stream=1"};
    if (options.card && film.by_card < 0) return film.end;
    if (options.card)
      return std::unique_ptr<FrameReader>(
          std::make_unique<ShortReader>(film.by_card, film.end, 40, true, film.other));
    return std::unique_ptr<FrameReader>(
        std::make_unique<ShortReader>(film.by_processor, Status(), film.pts_step, false, 1000));
  };
}

// The numbers of the frames, or the error.
std::string Read(const Film& film) {
  std::vector<std::string> parts;
  const auto reader = CardReader::Open("film.mp4", OpenerOf(film), {.card = 0}, &parts);
  if (!reader.ok()) return reader.status().message();
  EXPECT_EQ(parts, std::vector<std::string>{"stream=1"});
  std::string text;
  while (true) {
    const auto frame = (*reader)->Next();
    if (!frame.ok()) return frame.status().message();
    if (!*frame) break;
    text += std::to_string((*frame)->index) + " ";
  }
  EXPECT_TRUE((*reader)->damage().ok());
  return text;
}

std::string All() {
  std::string all;
  for (int i = 0; i < 40; ++i) all += std::to_string(i) + " ";
  return all;
}

TEST(CardReader, NobodySeesWhereTheProcessorTakesOver) {
  EXPECT_EQ(Read({.by_card = 40, .end = Status()}), All());
  for (int64_t by_card = -1; by_card <= 40; ++by_card)
    EXPECT_EQ(Read({.by_card = by_card}), All()) << by_card;
}

CardUse UseAfter(const Film& film, int frames) {
  std::vector<std::string> parts;
  const auto reader = CardReader::Open("film.mp4", OpenerOf(film), {.card = 0}, &parts);
  EXPECT_TRUE(reader.ok());
  for (int i = 0; i < frames; ++i) EXPECT_TRUE((*reader)->Next().ok());
  return (*reader)->card_use().value_or(CardUse());
}

TEST(CardReader, CountsWhoDecodedWhat) {
  for (const int64_t by_card : {4, 24}) {
    const CardUse use = UseAfter({.by_card = by_card}, 30);
    EXPECT_EQ(use.card_frames, by_card);
    EXPECT_EQ(use.processor_frames, 30 - by_card);
    EXPECT_EQ(use.why_not, "out of sessions");
  }
  EXPECT_EQ(UseAfter({.by_card = 40, .end = Status()}, 30).processor_frames, 0);
  EXPECT_EQ(UseAfter({.by_card = -1}, 30).card_frames, 0);
}

TEST(CardReader, ACardThatGivesOtherPicturesIsNotBelieved) {
  for (const int64_t other : {0, 1, 15}) {
    const Film film = {.by_card = 40, .end = Status(), .other = other};
    EXPECT_EQ(Read(film), All());
    EXPECT_EQ(UseAfter(film, 30).card_frames, other);
    EXPECT_THAT(UseAfter(film, 30).why_not, HasSubstr("other pictures"));
  }
}

TEST(CardReader, OtherErrorsAreTheFilms) {
  EXPECT_EQ(Read({.by_card = -1, .end = Status(StatusCode::kCorrupt, "damaged")}), "damaged");
  EXPECT_EQ(Read({.by_card = 30, .end = Status(StatusCode::kInterrupted, "stopped")}), "stopped");
}

// Better no film than one of two.
TEST(CardReader, FramesThatTheProcessorDoesNotGiveAreAnError) {
  EXPECT_THAT(Read({.by_card = 26, .by_processor = 25}), HasSubstr("film.mp4: the card gave other frames"));
  Film film = {.by_card = 26};
  film.by_processor = 20;
  EXPECT_THAT(Read(film), HasSubstr("film.mp4: the card gave other frames"));
}

}  // namespace
}  // namespace crossface
