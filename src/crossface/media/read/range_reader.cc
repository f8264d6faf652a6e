#include "crossface/media/read/range_reader.h"

#include <fmt/format.h>

#include <utility>

#include "crossface/util/text.h"

extern "C" {
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

// Reading begins so long before the range: containers find key frames by the time of decoding, which is a few
// frames before that of showing, and what a decoder gives first may refer to what it has not seen.
constexpr int64_t kLeadInUs = 2'000'000;

constexpr AVRational kMicroseconds = {1, 1'000'000};

int64_t TimeOf(int64_t pts, const TimeBase& base) {
  return av_rescale_q(av_sat_sub64(pts, base.first_pts), {base.tick_num, base.tick_den}, kMicroseconds);
}

class RangeReader final : public FrameReader {
 public:
  RangeReader(std::string name, const FrameRange& range) : name_(std::move(name)), range_(range) {}

  Status Open(const std::filesystem::path& path, ReaderOptions options) {
    if (range_.seeks && range_.marks.empty()) return Otherwise("it has no marks");
    const TimeBase& base = range_.times;
    if (base.tick_num <= 0 || base.tick_den <= 0) return Otherwise("its time stamps say nothing");
    if (range_.seeks) {
      options.from_pts = av_sat_sub64(range_.marks.front().pts,
                                      av_rescale_q(kLeadInUs, kMicroseconds, {base.tick_num, base.tick_den}));
    }
    CROSSFACE_ASSIGN_OR_RETURN(reader_, OpenSource(path, options));
    const SourceInfo& info = reader_->info();
    const bool same = info.time_base_num == base.tick_num && info.time_base_den == base.tick_den;
    return same ? Status() : Otherwise("its time stamps count otherwise");
  }

  const SourceInfo& info() const override { return reader_->info(); }

  Result<std::optional<Frame>> Next() override {
    if (!at_) return Begin();
    if (*at_ + 1 >= range_.end) return std::optional<Frame>();
    CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader_->Next());
    if (!frame) return Otherwise(fmt::format("it ends after frame {}", *at_));
    return Given(*std::move(frame), *at_ + 1);
  }

  Status damage() const override {
    Status damage = reader_->damage();
    return damage.code() == StatusCode::kIo ? damage : Status();
  }

  std::optional<CardUse> card_use() const override { return reader_->card_use(); }

 private:
  Result<std::optional<Frame>> Begin() {
    while (true) {
      CROSSFACE_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader_->Next());
      if (!frame) return Otherwise("it ends before");
      if (!range_.seeks && frame->index < range_.begin) continue;
      if (range_.seeks && frame->pts < range_.marks.front().pts) continue;
      return Given(*std::move(frame), range_.begin);
    }
  }

  Result<std::optional<Frame>> Given(Frame frame, int64_t index) {
    at_ = frame.index = index;
    frame.time_us = TimeOf(frame.pts, range_.times);
    if (next_mark_ < range_.marks.size() && index >= range_.marks[next_mark_].frame) {
      CROSSFACE_ASSIGN_OR_RETURN(const FrameMark mark, MarkOf(frame));
      if (mark != range_.marks[next_mark_++]) return Otherwise(fmt::format("frame {} is another one", index));
    }
    return std::optional(std::move(frame));
  }

  Status Otherwise(const std::string& how) const {
    return Status(StatusCode::kMismatch,
                  fmt::format("{}: from frame {} on it does not read as it did as a whole: {}", name_,
                              range_.begin, how));
  }

  const std::string name_;
  const FrameRange range_;
  std::unique_ptr<FrameReader> reader_;
  std::optional<int64_t> at_;  // the last frame given out
  size_t next_mark_ = 0;
};

}  // namespace

Result<FrameMark> MarkOf(const Frame& frame) {
  CROSSFACE_ASSIGN_OR_RETURN(const uint64_t digest, frame.picture->Digest());
  return FrameMark{frame.index, frame.pts, frame.duration_us, digest};
}

bool TimeFollows(const Frame& frame, const TimeBase& base) {
  return frame.time_us == TimeOf(frame.pts, base);
}

Result<std::unique_ptr<FrameReader>> OpenRange(const std::filesystem::path& path, ReaderOptions options,
                                               const FrameRange& range) {
  auto reader = std::make_unique<RangeReader>(DisplayPath(path), range);
  CROSSFACE_RETURN_IF_ERROR(reader->Open(path, std::move(options)));
  return std::unique_ptr<FrameReader>(std::move(reader));
}

}  // namespace crossface
