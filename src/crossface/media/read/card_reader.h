// The reader of a film that a card decodes as long as that goes well, and the processor from then on: what
// comes out is what the processor alone would give. The first frames are decoded by both and compared, down
// to their pixels. Where the card stops later, the film is opened anew without it, and read up to the frame
// that was given last: seeking there is not exact in every container.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crossface/media/read/frame_reader.h"

namespace crossface {

class CardReader final : public FrameReader {
 public:
  // So many frames are compared: pictures of all kinds, and a fraction of a second's work.
  static constexpr int64_t kCompared = 16;

  // Opens the film with such options, and fills in the further parts. With a card in the options,
  // kDeviceUnavailable at any time means that the processor has to take over.
  using Opener = std::function<Result<std::unique_ptr<FrameReader>>(const ReaderOptions& options,
                                                                    std::vector<std::string>* parts)>;

  // Errors: the opener's, without a card in the options.
  // `name`: the film's, for messages.
  static Result<std::unique_ptr<FrameReader>> Open(std::string name, Opener open,
                                                   const ReaderOptions& options,
                                                   std::vector<std::string>* parts);

  const SourceInfo& info() const override { return reader_->info(); }
  // Besides: kInternal where the processor gives other frames than the card has given.
  Result<std::optional<Frame>> Next() override;
  Status damage() const override { return reader_->damage(); }
  std::vector<std::string> notes() const override { return reader_->notes(); }
  std::optional<cv::Size> outgrown() const override { return reader_->outgrown(); }
  std::optional<CardUse> card_use() const override;

 private:
  CardReader(std::string name, Opener open, const ReaderOptions& options)
      : name_(std::move(name)), open_(std::move(open)), options_(options) {}
  Status Begin(std::vector<std::string>* parts);
  Result<std::optional<Frame>> NextOfCard();
  Result<std::optional<Frame>> Compared(Result<std::optional<Frame>> of_card);
  Status TakeOver(std::string why, std::vector<std::string>* parts);
  Status Otherwise() const;

  const std::string name_;
  const Opener open_;
  ReaderOptions options_;  // without a card from where the processor decodes
  std::unique_ptr<FrameReader> reader_;
  std::unique_ptr<FrameReader> processor_;  // at the same frame, as long as frames are compared
  int64_t given_ = 0, given_by_card_ = 0;
  int64_t last_pts_ = 0;  // of the frame that was given last
  std::string why_not_;
};

}  // namespace crossface
