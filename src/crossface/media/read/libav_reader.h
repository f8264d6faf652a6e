// The FrameReader over FFmpeg's libav*, for videos and still images alike.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/media/file/input_file.h"
#include "crossface/media/file/libav.h"
#include "crossface/media/file/media_type.h"
#include "crossface/media/file/source_part.h"
#include "crossface/media/read/card_decoder.h"
#include "crossface/media/read/damage.h"
#include "crossface/media/read/frame_clock.h"
#include "crossface/media/read/frame_fitter.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/media/read/picture_decoder.h"

namespace crossface {

class LibavReader final : public FrameReader {
 public:
  // Opens the container and decodes as far as the first picture, so that a reader that opens has one. `part`
  // lies in what `file` is limited to. The further streams or pages, where `part` names none, are put in
  // front of `others`. With a card in the options, here and from Next(): kDeviceUnavailable where the card,
  // or the film, is not in order; frames so far are sound, the processor has to decode the rest.
  static Result<std::unique_ptr<FrameReader>> Open(std::unique_ptr<InputFile> file, const MediaType& type,
                                                   const ReaderOptions& options, const SourcePart& part,
                                                   std::vector<std::string>* others);

  const SourceInfo& info() const override { return info_; }
  Result<std::optional<Frame>> Next() override;
  Status damage() const override;
  std::vector<std::string> notes() const override;
  std::optional<cv::Size> outgrown() const override { return outgrown_; }
  std::optional<CardUse> card_use() const override;

 private:
  LibavReader(std::unique_ptr<InputFile> file, const MediaType& type, const ReaderOptions& options,
              const SourcePart& part);

  // libav_reader_open.cc
  Status OpenFirstPicture(std::vector<std::string>* others);
  Status OpenContainer();
  Status OpenStream(std::vector<std::string>* others);
  Status OpenOtherDecoder(std::vector<std::string>* others);
  void AddPages(int count, std::vector<std::string>* others) const;
  Status ChooseStream(std::vector<std::string>* others);
  Status NoPictureStream() const;
  Status OpenDecoder();
  void ChooseCard();
  Status UnknownFormat(std::string_view codec) const;
  Status Encrypted() const;
  void DescribeVideo();
  Status DescribeStill();
  Status SettleGeometry(const AVFrame& first);

  // libav_reader.cc
  Status DecodeFirst();

  Result<LibavPtr<AVFrame>> Decode();  // null at the end
  Status CheckCard() const;
  Result<LibavPtr<AVFrame>> FromCard(const AVFrame& decoded);
  Status Feed();
  void NoteReach();
  Status RepairStill();
  Status SendPacket();
  void NoteUndecodable(int error);
  Status EndOfReading(int error);
  void Queue(LibavPtr<AVFrame> decoded);
  Result<std::optional<Frame>> MakeFrame(const FrameClock::Stamp& stamp);
  Status MeasureRest();
  Status OutgrownStatus() const;
  int64_t EmptyFrames() const;
  Status NothingDecoded() const;
  Status CheckGoing() const;
  Status Failure(int error, std::string_view what) const;
  Status RefusedSize(uint64_t pixels) const;
  bool IsTooLarge(uint64_t pixels) const;

  // libav's contexts point to the file and the log: these come first, to go last.
  const std::unique_ptr<InputFile> file_;
  LibavLog log_;
  const MediaType type_;
  const ReaderOptions options_;
  const SourcePart part_;

  std::unique_ptr<CardDecoder> card_;  // null: the processor decodes
  std::string no_card_;                // why, where a card was asked for
  bool cut_packet_ = false;            // of whose end the container says that it is missing

  LibavPtr<AVFormatContext> format_;
  LibavPtr<AVCodecContext> decoder_;
  LibavPtr<AVPacket> packet_;
  std::unique_ptr<PictureDecoder> pictures_;  // in place of the four above, where libav cannot read them
  AVStream* stream_ = nullptr;
  uint64_t oversize_ = 0;  // a number of pixels past max_pixels that the container announces
  SourceInfo info_;
  std::optional<FrameFitter> fitter_;
  std::optional<cv::Size> outgrown_;
  std::optional<FrameClock> clock_;
  std::optional<StampChooser> stamps_;
  int64_t frame_us_ = 0;                   // usual distance of frames
  std::deque<LibavPtr<AVFrame>> waiting_;  // decoded; until the clock knows their times

  bool unsupported_ = false;  // the decoder said that the pictures are sound and beyond it
  bool draining_ = false, ended_ = false;
  int failures_ = 0;               // of the container's reader or the decoder, since the last packet
  int64_t fruitless_packets_ = 0;  // since the last frame
  Damage damage_;
  int64_t read_until_us_ = 0;  // end of the last frame
  mutable std::optional<int64_t> empty_frames_;
};

}  // namespace crossface
