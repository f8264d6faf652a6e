#include "crossface/media/read/card_reader.h"

#include <utility>

#include "crossface/media/read/range_reader.h"

namespace crossface {
namespace {

// Whether both gave the same frame, the same error, or both are at the end.
bool Same(const Result<std::optional<Frame>>& a, const Result<std::optional<Frame>>& b) {
  if (!a.ok() || !b.ok()) return a.status().code() == b.status().code();
  if (!*a || !*b) return a->has_value() == b->has_value();
  const auto mark = MarkOf(**a), other = MarkOf(**b);
  return mark.ok() && other.ok() && *mark == *other;
}

}  // namespace

Result<std::unique_ptr<FrameReader>> CardReader::Open(std::string name, Opener open,
                                                      const ReaderOptions& options,
                                                      std::vector<std::string>* parts) {
  std::unique_ptr<CardReader> reader(new CardReader(std::move(name), std::move(open), options));
  CROSSFACE_RETURN_IF_ERROR(reader->Begin(parts));
  return std::unique_ptr<FrameReader>(std::move(reader));
}

Status CardReader::Begin(std::vector<std::string>* parts) {
  auto opened = open_(options_, parts);
  if (opened.status().code() == StatusCode::kDeviceUnavailable)
    return TakeOver(opened.status().message(), parts);
  CROSSFACE_ASSIGN_OR_RETURN(reader_, std::move(opened));
  const auto use = reader_->card_use();
  if (!use || !use->why_not.empty()) return Status();  // nothing that a card decodes
  ReaderOptions by_processor = options_;
  by_processor.card.reset();
  std::vector<std::string> known;
  CROSSFACE_ASSIGN_OR_RETURN(processor_, open_(by_processor, &known));
  return Status();
}

Result<std::optional<Frame>> CardReader::Next() {
  auto frame = options_.card ? NextOfCard() : reader_->Next();
  if (frame.ok() && *frame) {
    ++given_;
    if (options_.card) ++given_by_card_;
    last_pts_ = (*frame)->pts;
  }
  return frame;
}

Result<std::optional<Frame>> CardReader::NextOfCard() {
  auto frame = reader_->Next();
  if (frame.status().code() == StatusCode::kDeviceUnavailable) {
    std::vector<std::string> known;
    CROSSFACE_RETURN_IF_ERROR(TakeOver(frame.status().message(), &known));
    return reader_->Next();
  }
  return processor_ ? Compared(std::move(frame)) : std::move(frame);
}

Result<std::optional<Frame>> CardReader::Compared(Result<std::optional<Frame>> of_card) {
  auto expected = processor_->Next();
  if (Same(of_card, expected)) {
    if (given_ + 1 >= kCompared) processor_.reset();
    return of_card;
  }
  why_not_ = "the card gives other pictures than the processor";
  options_.card.reset();
  reader_ = std::move(processor_);
  return expected;
}

// The processor's reader, at the frame that comes next.
Status CardReader::TakeOver(std::string why, std::vector<std::string>* parts) {
  why_not_ = std::move(why);
  options_.card.reset();
  if (processor_) {
    reader_ = std::move(processor_);
    return Status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(reader_, open_(options_, parts));
  int64_t pts = 0;
  for (int64_t i = 0; i < given_; ++i) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader_->Next());
    if (!frame) return Otherwise();
    pts = frame->pts;
  }
  return given_ == 0 || pts == last_pts_ ? Status() : Otherwise();
}

Status CardReader::Otherwise() const {
  return Status(StatusCode::kInternal,
                name_ + ": the card gave other frames than the processor; let the processor decode it");
}

std::optional<CardUse> CardReader::card_use() const {
  if (options_.card) return reader_->card_use();
  return CardUse{
      .card_frames = given_by_card_, .processor_frames = given_ - given_by_card_, .why_not = why_not_};
}

}  // namespace crossface
