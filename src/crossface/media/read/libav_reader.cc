#include "crossface/media/read/libav_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "crossface/media/metadata/metadata.h"
#include "crossface/media/metadata/metadata_pieces.h"
#include "crossface/media/read/avi_empty_frames.h"
#include "crossface/media/read/cut_off_still.h"
#include "crossface/media/read/encryption.h"
#include "crossface/media/read/libav_picture.h"
#include "crossface/media/read/picture_limits.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

// A container's reader or a decoder that fails this often without another packet gives nothing more.
constexpr int kMaxFailures = 1000;

// More packets without a single picture than nine hours of video have; the file is built to keep its reader
// busy.
constexpr int64_t kMaxFruitlessPackets = 1'000'000;

constexpr int64_t kFarPastEndUs = 60'000'000;

// Decoded pictures wait for those after them where time stamps jump: 16 of full HD, 5 of 4K.
constexpr int64_t kMostWaitingBytes = 64 << 20;

}  // namespace

Status LibavReader::DecodeFirst() {
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> decoded, Decode());
  if (!decoded) return NothingDecoded();
  CROSSFACE_RETURN_IF_ERROR(SettleGeometry(*decoded));
  ReadPictureTags(*decoded, info_);
  if (!type_.still) ReadMediaInfo(*file_, info_);
  Queue(std::move(decoded));
  return Status();
}

Status LibavReader::NothingDecoded() const {
  const std::string name = DisplayPath(file_->path());
  const LibavLog::Errors errors = log_.errors();
  if (damage_.packets == 0 && (damage_.promised_frames > 0 || damage_.promised_us > 0)) {
    return Status(
        StatusCode::kCorrupt,
        name + ": none of the frames that it lists is in it: it was cut off, or they are in other files");
  }
  if (damage_.encrypted > 0 || (!type_.still && format_ && SaysEncrypted(*format_, *stream_, *file_)))
    return Encrypted();
  if (damage_.packets == 0 && damage_.container_errors + errors.container == 0) {
    return Status(StatusCode::kNoVideo, name + ": holds not a single picture");
  }
  if (IsTooLarge(errors.refused_pixels)) return RefusedSize(errors.refused_pixels);
  if (oversize_ > 0) return RefusedSize(oversize_);
  if (unsupported_) {
    return Status(
        StatusCode::kUnsupported,
        fmt::format("{}: its video format is a variant of {} that cannot be decoded{}; convert it to a "
                    "common one such as H.264 in MP4",
                    name, info_.codec, errors.last.empty() ? "" : " (" + errors.last + ")"));
  }
  return Status(StatusCode::kCorrupt,
                fmt::format("{}: not a single picture could be decoded{}; get another copy of the file", name,
                            errors.last.empty() ? "" : " (" + errors.last + ")"));
}

Result<std::optional<Frame>> LibavReader::Next() {
  while (true) {
    if (outgrown_) return OutgrownStatus();
    if (const auto stamp = clock_->Pop()) return MakeFrame(*stamp);
    if (waiting_.empty() && (ended_ || type_.still)) {
      // The container's length comes from the stamps that were wrong.
      if (clock_->moved_any()) info_.duration_ms = read_until_us_ / 1000;
      return std::optional<Frame>();
    }
    if (ended_ || type_.still) {
      clock_->Finish();
      continue;
    }
    CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> decoded, Decode());
    if (decoded) Queue(std::move(decoded));
  }
}

// A decoded picture waits until the clock can tell its time.
void LibavReader::Queue(LibavPtr<AVFrame> decoded) {
  const auto known = [](int64_t stamp) {
    return stamp == AV_NOPTS_VALUE ? std::nullopt : std::optional(stamp);
  };
  const int bytes = av_image_get_buffer_size(static_cast<AVPixelFormat>(decoded->format), decoded->width,
                                             decoded->height, 1);
  clock_->set_most_waiting(static_cast<size_t>(kMostWaitingBytes / std::max(bytes, 1)));
  const auto stamp = stamps_->Choose(known(decoded->pts), known(decoded->pkt_dts));
  waiting_.push_back(std::move(decoded));
  clock_->Push(stamp);
}

Result<LibavPtr<AVFrame>> LibavReader::Decode() {
  if (pictures_) {
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    Result<LibavPtr<AVFrame>> picture = pictures_->Next();
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    ended_ = !picture.ok() || *picture == nullptr;
    damage_.packets += !ended_;
    return picture;
  }
  LibavPtr<AVFrame> frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  while (!ended_) {
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    const int error = avcodec_receive_frame(decoder_.get(), frame.get());
    CROSSFACE_RETURN_IF_ERROR(CheckCard());
    if (error == 0) {
      fruitless_packets_ = 0;
      return card_ ? FromCard(*frame) : Result<LibavPtr<AVFrame>>(std::move(frame));
    }
    if (error == AVERROR_EOF) {
      ended_ = true;
    } else if (error == AVERROR(EAGAIN)) {
      CROSSFACE_RETURN_IF_ERROR(Feed());
    } else {
      NoteUndecodable(error);
      ended_ = ++failures_ > kMaxFailures;
    }
  }
  return LibavPtr<AVFrame>();
}

// A card says nothing of what it has patched. So whatever libav finds amiss, in the film or with the card,
// leaves the film to the processor.
Status LibavReader::CheckCard() const {
  if (!card_) return Status();
  const LibavLog::Errors errors = log_.errors();
  if (errors.decoder + damage_.undecodable + damage_.container_errors == 0 && !cut_packet_) return Status();
  return Status(StatusCode::kDeviceUnavailable,
                errors.first_of_decoder.empty() ? "the film is damaged" : errors.first_of_decoder);
}

Result<LibavPtr<AVFrame>> LibavReader::FromCard(const AVFrame& decoded) {
  if (decoded.decode_error_flags != 0 || (decoded.flags & AV_FRAME_FLAG_CORRUPT) != 0)
    return Status(StatusCode::kDeviceUnavailable, "the film is damaged");
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> frame, card_->Fetch(decoded, log_));
  CROSSFACE_RETURN_IF_ERROR(CheckCard());
  return frame;
}

std::optional<CardUse> LibavReader::card_use() const {
  if (!options_.card || type_.still) return std::nullopt;
  CardUse use{.why_not = no_card_};
  (card_ ? use.card_frames : use.processor_frames) = damage_.frames;
  return use;
}

// Gives the decoder one more packet of the stream, or tells it that there are no more.
Status LibavReader::Feed() {
  while (!draining_) {
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    const int error = av_read_frame(format_.get(), packet_.get());
    if (error < 0) {
      CROSSFACE_RETURN_IF_ERROR(EndOfReading(error));
      continue;
    }
    failures_ = 0;
    NoteReach();
    if (packet_->stream_index == stream_->index) return SendPacket();
    av_packet_unref(packet_.get());
  }
  avcodec_send_packet(decoder_.get(), nullptr);
  return Status();
}

// Follows how far the file goes, in the count that its promise is in: the picture stream's, else the whole
// file's.
void LibavReader::NoteReach() {
  const AVStream& stream = *format_->streams[packet_->stream_index];
  // Of H.264 an AVI file says only when to decode.
  const int64_t stamp = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
  const bool own_count = stream_->duration != AV_NOPTS_VALUE;
  if (stamp == AV_NOPTS_VALUE || (own_count && &stream != stream_)) return;
  const int64_t begin = own_count && stream.start_time != AV_NOPTS_VALUE ? stream.start_time : 0;
  const int64_t end = av_sat_add64(stamp, std::max<int64_t>(packet_->duration, 0));
  const int64_t reach = av_rescale_q(av_sat_sub64(end, begin), stream.time_base, {1, 1'000'000});
  // Far past the promised end is a stray time stamp.
  if (damage_.promised_us > 0 && reach - damage_.promised_us > kFarPastEndUs) return;
  damage_.reached_us = std::max(damage_.reached_us, reach);
}

// Puts what the decoder takes without complaint in the place of a picture that was cut off or carries
// metadata.
Status LibavReader::RepairStill() {
  std::string content(reinterpret_cast<const char*>(packet_->data), static_cast<size_t>(packet_->size));
  const bool closed = CloseCutOffPng(content), dropped = DropMetadata(content);
  damage_.cut_off = damage_.cut_off || closed;
  if (!closed && !dropped) return Status();
  av_packet_unref(packet_.get());
  const int error = av_new_packet(packet_.get(), static_cast<int>(content.size()));
  if (error < 0) return Failure(error, "cannot be decoded");
  std::memcpy(packet_->data, content.data(), content.size());
  return Status();
}

void LibavReader::NoteUndecodable(int error) {
  ++damage_.undecodable;
  unsupported_ = unsupported_ || error == AVERROR_PATCHWELCOME || error == AVERROR(ENOSYS);
}

Status LibavReader::SendPacket() {
  ++damage_.packets;
  // To a decoder it would be damage.
  if (IsEncrypted(*packet_)) {
    ++damage_.encrypted;
    av_packet_unref(packet_.get());
    return Status();
  }
  if (type_.still) CROSSFACE_RETURN_IF_ERROR(RepairStill());
  if (++fruitless_packets_ > kMaxFruitlessPackets) {
    damage_.stopped = fmt::format("reading stopped after {} packets without a picture", kMaxFruitlessPackets);
    draining_ = true;
  }
  cut_packet_ = cut_packet_ || (packet_->flags & AV_PKT_FLAG_CORRUPT) != 0;
  const int error = avcodec_send_packet(decoder_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (error < 0 && error != AVERROR(EAGAIN) && error != AVERROR_EOF) NoteUndecodable(error);
  if (draining_) avcodec_send_packet(decoder_.get(), nullptr);
  return Status();
}

// After a failed av_read_frame: goes on where a later packet may still be sound. Running out of memory is no
// exception: it is damaged sizes that ask for too much.
Status LibavReader::EndOfReading(int error) {
  CROSSFACE_RETURN_IF_ERROR(CheckGoing());
  // What a camera sends over HTTP has no end of its own.
  const bool endless = std::string_view(format_->iformat->name) == "mpjpeg";
  if (error == AVERROR_EOF || (endless && avio_feof(format_->pb) != 0)) {
    draining_ = true;
  } else if (!file_->failure().ok()) {
    damage_.stopped = "reading failed";
    draining_ = true;
  } else {
    ++damage_.container_errors;
    draining_ = ++failures_ > kMaxFailures;
    if (draining_) failures_ = 0;
  }
  return Status();
}

Result<std::optional<Frame>> LibavReader::MakeFrame(const FrameClock::Stamp& stamp) {
  LibavPtr<AVFrame> decoded = std::move(waiting_.front());
  waiting_.pop_front();
  const PictureLayout layout = fitter_->Fit(*decoded, stamp.time_us);
  if (options_.stop_at_larger && fitter_->outgrown()) {
    CROSSFACE_RETURN_IF_ERROR(MeasureRest());
    return OutgrownStatus();
  }
  info_.geometry_notes = fitter_->Notes();
  if (decoded->decode_error_flags != 0 || (decoded->flags & AV_FRAME_FLAG_CORRUPT) != 0) ++damage_.patched;
  Frame frame;
  frame.index = damage_.frames++;
  if (!type_.still) {
    frame.pts = stamp.pts;
    frame.time_us = stamp.time_us;
    frame.duration_us =
        decoded->pkt_duration > 0
            ? av_rescale_q(decoded->pkt_duration, {info_.time_base_num, info_.time_base_den}, {1, 1'000'000})
            : frame_us_;
    read_until_us_ = frame.time_us + frame.duration_us;
  }
  frame.picture = std::make_shared<LibavPicture>(std::move(decoded), layout);
  return std::optional(std::move(frame));
}

// Looks at the sizes of all pictures that are left.
Status LibavReader::MeasureRest() {
  for (const LibavPtr<AVFrame>& picture : waiting_) fitter_->Fit(*picture, 0);
  waiting_.clear();
  while (!ended_) {
    CROSSFACE_ASSIGN_OR_RETURN(const LibavPtr<AVFrame> picture, Decode());
    if (picture) fitter_->Fit(*picture, 0);
  }
  outgrown_ = fitter_->outgrown();
  return Status();
}

Status LibavReader::OutgrownStatus() const {
  return Status(StatusCode::kMismatch,
                fmt::format("{}: a later picture is larger ({}x{}) than {}x{}", DisplayPath(file_->path()),
                            outgrown_->width, outgrown_->height, info_.width, info_.height));
}

std::vector<std::string> LibavReader::notes() const {
  std::vector<std::string> notes = clock_->Notes();
  if (const int64_t empty = EmptyFrames(); empty > 0 && empty <= damage_.promised_frames) {
    notes.push_back(
        fmt::format("{} of {} frames are empty: the picture before stays", empty, damage_.promised_frames));
  }
  return notes;
}

// Of an AVI file that promises more frames than were read.
int64_t LibavReader::EmptyFrames() const {
  const bool avi = format_ && std::string_view(format_->iformat->name) == "avi";
  if (!avi || damage_.promised_frames <= damage_.packets) return 0;
  if (!empty_frames_) empty_frames_ = CountEmptyAviFrames(*file_, stream_->index);
  return *empty_frames_;
}

Status LibavReader::damage() const {
  Damage damage = damage_;
  const LibavLog::Errors errors = log_.errors();
  damage.empty_frames = EmptyFrames();
  damage.container_errors += errors.container;
  damage.last_error = errors.last;
  if (pictures_ && !pictures_->complaint().empty()) {
    damage.patched = std::max<int64_t>(damage.patched, type_.still ? 1 : 0);
    damage.last_error = pictures_->complaint();
    if (!type_.still) damage.stopped = "it ends early";
  }
  if (type_.still) damage.patched = std::max<int64_t>(damage.patched, errors.decoder > 0 ? 1 : 0);
  Status report = damage.Report(file_->path());
  // What could not be read this time may be sound.
  const Status& failure = file_->failure();
  if (failure.ok()) return report;
  return report.ok() ? failure : Status(failure.code(), report.message() + "; " + failure.message());
}

Status LibavReader::CheckGoing() const {
  if (!file_->interrupted() && (!options_.stop.stop_requested())) return Status();
  return Status(StatusCode::kInterrupted, DisplayPath(file_->path()) + ": reading was interrupted");
}

Status LibavReader::Failure(int error, std::string_view what) const {
  CROSSFACE_RETURN_IF_ERROR(CheckGoing());
  const std::string name = DisplayPath(file_->path());
  if (oversize_ > 0) return RefusedSize(oversize_);
  const std::string cause = log_.errors().last;
  const bool unsupported = error == AVERROR_PATCHWELCOME || error == AVERROR(ENOSYS);
  return Status(unsupported ? StatusCode::kUnsupported : StatusCode::kCorrupt,
                fmt::format("{}: {}: {}; it is damaged or incomplete: get another copy, or repair it", name,
                            what, cause.empty() ? LibavErrorText(error) : cause));
}

Status LibavReader::RefusedSize(uint64_t pixels) const {
  return TooManyPixels(DisplayPath(file_->path()), pixels, options_.max_pixels);
}

}  // namespace crossface
