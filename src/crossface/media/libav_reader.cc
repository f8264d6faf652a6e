#include "crossface/media/libav_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "crossface/media/cut_off_still.h"
#include "crossface/media/libav_picture.h"
#include "crossface/media/text.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

// A container whose reader fails this often without giving a packet gives nothing more.
constexpr int kMaxFailedReads = 1000;

// More packets without a single picture than nine hours of video have; the file is built to keep its reader
// busy.
constexpr int64_t kMaxFruitlessPackets = 1'000'000;

}  // namespace

Status LibavReader::DecodeFirst() {
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> decoded, Decode());
  if (!decoded) return NothingDecoded();
  size_ = cv::Size(decoded->width, decoded->height);
  const cv::Size upright = orientation_.Upright(size_);
  info_.width = upright.width;
  info_.height = upright.height;
  info_.rotation = orientation_.clockwise;
  first_ = MakeFrame(std::move(decoded));
  return Status();
}

Status LibavReader::NothingDecoded() const {
  const std::string name = DisplayPath(file_->path());
  if (damage_.packets == 0 && damage_.promised_frames > 0) {
    return Status(
        StatusCode::kCorrupt,
        fmt::format("{}: none of its {} frames is in the file: it was cut off, or they are in other files",
                    name, damage_.promised_frames));
  }
  if (damage_.packets == 0 && damage_.container_errors == 0) {
    return Status(StatusCode::kNoVideo, name + ": holds not a single picture");
  }
  const LibavLog::Errors errors = log_.errors();
  if (!errors.refused_size.empty()) return RefusedSize(errors.refused_size);
  if (!oversize_.empty()) return RefusedSize(oversize_);
  const std::string& cause = errors.last;
  return Status(StatusCode::kCorrupt,
                fmt::format("{}: not a single picture could be decoded{}; get another copy of the file", name,
                            cause.empty() ? "" : " (" + cause + ")"));
}

Result<std::optional<Frame>> LibavReader::Next() {
  if (first_) return std::exchange(first_, std::nullopt);
  if (ended_ || (type_.still && damage_.frames > 0)) return std::optional<Frame>();
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> decoded, Decode());
  if (!decoded) return std::optional<Frame>();
  return std::optional<Frame>(MakeFrame(std::move(decoded)));
}

Result<LibavPtr<AVFrame>> LibavReader::Decode() {
  LibavPtr<AVFrame> frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  while (!ended_) {
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    const int error = avcodec_receive_frame(decoder_.get(), frame.get());
    if (error == 0) {
      fruitless_packets_ = 0;
      return frame;
    }
    if (error == AVERROR_EOF) {
      ended_ = true;
    } else if (error == AVERROR(EAGAIN)) {
      CROSSFACE_RETURN_IF_ERROR(Feed());
    } else if (error == AVERROR(ENOMEM)) {
      return Failure(error, "cannot be decoded");
    } else {
      ++damage_.undecodable;
      // The decoder may fail for ever once it is drained; before that, every packet is one step to the end.
      if (draining_ && ++failed_reads_ > kMaxFailedReads) ended_ = true;
    }
  }
  return LibavPtr<AVFrame>();
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
    failed_reads_ = 0;
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
  const bool own_count = stream_->duration != AV_NOPTS_VALUE;
  if (packet_->pts == AV_NOPTS_VALUE || (own_count && &stream != stream_)) return;
  const int64_t begin = own_count && stream.start_time != AV_NOPTS_VALUE ? stream.start_time : 0;
  const int64_t end = av_sat_add64(packet_->pts, std::max<int64_t>(packet_->duration, 0));
  const int64_t reach = av_rescale_q(av_sat_sub64(end, begin), stream.time_base, {1, 1'000'000});
  damage_.reached_us = std::max(damage_.reached_us, reach);
}

// Puts a complete PNG in the place of one that was cut off.
Status LibavReader::RepairStill() {
  std::string content(reinterpret_cast<const char*>(packet_->data), static_cast<size_t>(packet_->size));
  if (!CloseCutOffPng(content)) return Status();
  damage_.cut_off = true;
  av_packet_unref(packet_.get());
  const int error = av_new_packet(packet_.get(), static_cast<int>(content.size()));
  if (error < 0) return Failure(error, "cannot be decoded");
  std::memcpy(packet_->data, content.data(), content.size());
  return Status();
}

Status LibavReader::SendPacket() {
  ++damage_.packets;
  if (type_.still && decoder_->codec_id == AV_CODEC_ID_PNG) CROSSFACE_RETURN_IF_ERROR(RepairStill());
  if (++fruitless_packets_ > kMaxFruitlessPackets) {
    damage_.stopped = fmt::format("reading stopped after {} packets without a picture", kMaxFruitlessPackets);
    draining_ = true;
  }
  const int error = avcodec_send_packet(decoder_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (error == AVERROR(ENOMEM)) return Failure(error, "cannot be decoded");
  if (error < 0 && error != AVERROR(EAGAIN) && error != AVERROR_EOF) ++damage_.undecodable;
  if (draining_) avcodec_send_packet(decoder_.get(), nullptr);
  return Status();
}

// After a failed av_read_frame: goes on where a later packet may still be sound.
Status LibavReader::EndOfReading(int error) {
  CROSSFACE_RETURN_IF_ERROR(CheckGoing());
  if (error == AVERROR(ENOMEM)) return Failure(error, "cannot be read");
  if (error == AVERROR_EOF) {
    draining_ = true;
  } else if (file_->read_error() != 0) {
    damage_.stopped = fmt::format("reading failed: {}", std::strerror(file_->read_error()));
    draining_ = true;
  } else {
    ++damage_.container_errors;
    draining_ = ++failed_reads_ > kMaxFailedReads;
    if (draining_) failed_reads_ = 0;
  }
  return Status();
}

Frame LibavReader::MakeFrame(LibavPtr<AVFrame> decoded) {
  if (decoded->decode_error_flags != 0 || (decoded->flags & AV_FRAME_FLAG_CORRUPT) != 0) ++damage_.patched;
  Frame frame;
  frame.index = damage_.frames++;
  if (!type_.still) {
    const int64_t pts = decoded->best_effort_timestamp;
    const FrameClock::Stamp stamp = clock_->Next(pts == AV_NOPTS_VALUE ? std::nullopt : std::optional(pts));
    frame.pts = stamp.pts;
    frame.time_us = stamp.time_us;
    frame.duration_us = decoded->pkt_duration > 0
                            ? av_rescale_q(decoded->pkt_duration, stream_->time_base, {1, 1'000'000})
                            : frame_us_;
  }
  frame.picture = std::make_shared<LibavPicture>(std::move(decoded), size_, orientation_);
  return frame;
}

Status LibavReader::damage() const {
  Damage damage = damage_;
  const LibavLog::Errors errors = log_.errors();
  damage.clock_set_back = clock_->set_back();
  damage.container_errors += errors.container;
  damage.last_error = errors.last;
  if (type_.still) damage.patched = std::max<int64_t>(damage.patched, errors.decoder > 0 ? 1 : 0);
  return damage.Report(file_->path());
}

Status LibavReader::CheckGoing() const {
  if (!file_->interrupted() && (!options_.keep_going || options_.keep_going())) return Status();
  return Status(StatusCode::kInterrupted, DisplayPath(file_->path()) + ": reading was interrupted");
}

Status LibavReader::Failure(int error, std::string_view what) const {
  CROSSFACE_RETURN_IF_ERROR(CheckGoing());
  const std::string name = DisplayPath(file_->path());
  if (error == AVERROR(ENOMEM))
    return Status(StatusCode::kOutOfResources, fmt::format("{}: {}: not enough memory", name, what));
  if (file_->read_error() != 0)
    return ErrnoStatus(file_->read_error(), fmt::format("{}: cannot be read", name));
  if (!oversize_.empty()) return RefusedSize(oversize_);
  const std::string cause = log_.errors().last;
  const bool unsupported = error == AVERROR_PATCHWELCOME || error == AVERROR(ENOSYS);
  return Status(unsupported ? StatusCode::kUnsupported : StatusCode::kCorrupt,
                fmt::format("{}: {}: {}; it is damaged or incomplete: get another copy, or repair it", name,
                            what, cause.empty() ? LibavErrorText(error) : cause));
}

Status LibavReader::RefusedSize(std::string_view size) const {
  return Status(
      StatusCode::kUnsupported,
      fmt::format(
          "{}: its pictures are larger than the {} pixels that are allowed, or of an impossible size: {}",
          DisplayPath(file_->path()), options_.max_pixels, size));
}

}  // namespace crossface
