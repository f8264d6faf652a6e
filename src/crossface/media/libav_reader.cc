#include "crossface/media/libav_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "crossface/media/cut_off_still.h"
#include "crossface/media/encryption.h"
#include "crossface/media/libav_picture.h"
#include "crossface/media/metadata.h"
#include "crossface/media/text.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

// A container's reader or a decoder that fails this often without another packet gives nothing more.
constexpr int kMaxFailures = 1000;

// More packets without a single picture than nine hours of video have; the file is built to keep its reader
// busy.
constexpr int64_t kMaxFruitlessPackets = 1'000'000;

}  // namespace

Status LibavReader::DecodeFirst() {
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> decoded, Decode());
  if (!decoded) return NothingDecoded();
  CROSSFACE_RETURN_IF_ERROR(SettleGeometry(decoded.get()));
  ReadPictureTags(*decoded, info_);
  if (!type_.still) ReadMediaInfo(*file_, info_);
  first_ = MakeFrame(std::move(decoded));
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
  if (first_) return std::exchange(first_, std::nullopt);
  if (ended_ || (type_.still && damage_.frames > 0)) return std::optional<Frame>();
  CROSSFACE_ASSIGN_OR_RETURN(LibavPtr<AVFrame> decoded, Decode());
  if (!decoded) return std::optional<Frame>();
  return std::optional<Frame>(MakeFrame(std::move(decoded)));
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
    if (error == 0) {
      fruitless_packets_ = 0;
      return frame;
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
  if (type_.still && decoder_->codec_id == AV_CODEC_ID_PNG) CROSSFACE_RETURN_IF_ERROR(RepairStill());
  if (++fruitless_packets_ > kMaxFruitlessPackets) {
    damage_.stopped = fmt::format("reading stopped after {} packets without a picture", kMaxFruitlessPackets);
    draining_ = true;
  }
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
  if (error == AVERROR_EOF) {
    draining_ = true;
  } else if (file_->read_error() != 0) {
    damage_.stopped = fmt::format("reading failed: {}", std::strerror(file_->read_error()));
    draining_ = true;
  } else {
    ++damage_.container_errors;
    draining_ = ++failures_ > kMaxFailures;
    if (draining_) failures_ = 0;
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
    frame.duration_us =
        decoded->pkt_duration > 0
            ? av_rescale_q(decoded->pkt_duration, {info_.time_base_num, info_.time_base_den}, {1, 1'000'000})
            : frame_us_;
  }
  frame.picture = std::make_shared<LibavPicture>(std::move(decoded), size_, square_, orientation_);
  return frame;
}

Status LibavReader::damage() const {
  Damage damage = damage_;
  const LibavLog::Errors errors = log_.errors();
  damage.clock_set_back = clock_->set_back();
  damage.container_errors += errors.container;
  damage.last_error = errors.last;
  if (pictures_ && !pictures_->complaint().empty()) {
    damage.patched = std::max<int64_t>(damage.patched, type_.still ? 1 : 0);
    damage.last_error = pictures_->complaint();
    if (!type_.still) damage.stopped = "it ends early";
  }
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
  if (file_->read_error() != 0)
    return ErrnoStatus(file_->read_error(), fmt::format("{}: cannot be read", name));
  if (oversize_ > 0) return RefusedSize(oversize_);
  const std::string cause = log_.errors().last;
  const bool unsupported = error == AVERROR_PATCHWELCOME || error == AVERROR(ENOSYS);
  return Status(unsupported ? StatusCode::kUnsupported : StatusCode::kCorrupt,
                fmt::format("{}: {}: {}; it is damaged or incomplete: get another copy, or repair it", name,
                            what, cause.empty() ? LibavErrorText(error) : cause));
}

Status LibavReader::RefusedSize(uint64_t pixels) const {
  return Status(StatusCode::kUnsupported,
                fmt::format("{}: its pictures have {} pixels, {} are allowed", DisplayPath(file_->path()),
                            pixels, options_.max_pixels));
}

}  // namespace crossface
