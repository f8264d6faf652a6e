#include "crossface/media/libav_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <tuple>
#include <utility>
#include <vector>

#include "crossface/media/cut_off_still.h"
#include "crossface/media/libav_picture.h"
#include "crossface/media/metadata.h"
#include "crossface/media/text.h"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/opt.h>
}

namespace crossface {
namespace {

// A container whose reader fails this often without giving a packet gives nothing more.
constexpr int kMaxFailedReads = 1000;

// More packets without a single picture than nine hours of video have; the file is built to keep its reader
// busy.
constexpr int64_t kMaxFruitlessPackets = 1'000'000;

// Photographs and scans; whole files are held in memory for their EXIF data.
constexpr int64_t kMaxStillBytes = 1LL << 30;

// Any whole number of these is a plausible frame distance, for streams that say nothing.
constexpr int64_t kDefaultFrameUs = 40'000;

// No container here may open anything itself: playlists, external tracks, network addresses.
int RefuseToOpen(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EACCES);
}

// Which picture stream shows the scene: no cover art, one that can be decoded, the one marked as default, the
// largest.
auto Preference(const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  return std::make_tuple(avcodec_find_decoder(codec.codec_id) != nullptr,
                         (stream.disposition & AV_DISPOSITION_DEFAULT) != 0,
                         int64_t{codec.width} * codec.height);
}

bool IsPictureStream(const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
         (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) == 0;
}

}  // namespace

LibavReader::LibavReader(std::unique_ptr<InputFile> file, const MediaType& type, const ReaderOptions& options)
    : file_(std::move(file)), type_(type), options_(options), packet_(av_packet_alloc()) {
  if (!packet_) throw std::bad_alloc();
}

Result<std::unique_ptr<FrameReader>> LibavReader::Open(std::unique_ptr<InputFile> file, const MediaType& type,
                                                       const ReaderOptions& options) {
  std::unique_ptr<LibavReader> reader(new LibavReader(std::move(file), type, options));
  CROSSFACE_RETURN_IF_ERROR(reader->OpenContainer());
  CROSSFACE_RETURN_IF_ERROR(reader->ChooseStream());
  CROSSFACE_RETURN_IF_ERROR(reader->OpenDecoder());
  if (type.still) {
    CROSSFACE_RETURN_IF_ERROR(reader->DescribeStill());
  } else {
    reader->DescribeVideo();
  }
  CROSSFACE_RETURN_IF_ERROR(reader->DecodeFirst());
  return std::unique_ptr<FrameReader>(std::move(reader));
}

Status LibavReader::OpenContainer() {
  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) throw std::bad_alloc();
  format->pb = file_->context();
  format->opaque = &log_;
  format->io_open = &RefuseToOpen;
  AVDictionary* settings = nullptr;
  // Some readers open files without asking io_open; no protocol has this name.
  av_dict_set(&settings, "protocol_whitelist", "none", 0);
  const int error =
      avformat_open_input(&format, "", type_.format, &settings);  // frees the context when it fails
  av_dict_free(&settings);
  if (error < 0) return Failure(error, "cannot be opened");
  format_.reset(format);

  // A still's only packet says all there is to know.
  if (type_.still) return Status();
  std::vector<AVDictionary*> limits(format_->nb_streams, nullptr);
  for (AVDictionary*& limit : limits) av_dict_set_int(&limit, "max_pixels", options_.max_pixels, 0);
  const int found = avformat_find_stream_info(format_.get(), limits.data());
  for (AVDictionary*& limit : limits) av_dict_free(&limit);
  if (found == AVERROR_EXIT || found == AVERROR(ENOMEM)) return Failure(found, "cannot be opened");
  return CheckGoing();
}

Status LibavReader::ChooseStream() {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* const stream = format_->streams[i];
    if (IsPictureStream(*stream) && (stream_ == nullptr || Preference(*stream) > Preference(*stream_)))
      stream_ = stream;
  }
  const std::string name = DisplayPath(file_->path());
  if (stream_ == nullptr) {
    return Status(
        StatusCode::kNoVideo,
        name + (format_->nb_streams == 0 ? ": holds no streams" : ": holds no video, only sound or data"));
  }
  const AVCodecParameters& codec = *stream_->codecpar;
  if (int64_t{codec.width} * codec.height > options_.max_pixels) {
    return TooManyPixels().Annotate(fmt::format("{}x{}", codec.width, codec.height));
  }
  // Sound is read only where its time stamps are needed to know how far the file goes.
  const bool own_promise = stream_->nb_frames > 0 || stream_->duration != AV_NOPTS_VALUE;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* const stream = format_->streams[i];
    if (stream != stream_ && own_promise) stream->discard = AVDISCARD_ALL;
  }
  return Status();
}

Status LibavReader::OpenDecoder() {
  const AVCodecParameters& codec = *stream_->codecpar;
  const AVCodec* const decoder = avcodec_find_decoder(codec.codec_id);
  const std::string codec_name = avcodec_get_name(codec.codec_id);
  if (decoder == nullptr) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("{}: no decoder for {}; convert it to a common format such as H.264 in MP4",
                              DisplayPath(file_->path()),
                              codec.codec_id == AV_CODEC_ID_NONE ? "its unknown video format" : codec_name));
  }
  decoder_.reset(avcodec_alloc_context3(decoder));
  if (!decoder_) throw std::bad_alloc();
  if (const int error = avcodec_parameters_to_context(decoder_.get(), &codec); error < 0) {
    return Failure(error, "cannot be decoded");
  }
  decoder_->opaque = &log_;
  decoder_->pkt_timebase = stream_->time_base;
  decoder_->max_pixels = options_.max_pixels;
  decoder_->thread_count = std::max(1, options_.decoder_threads);
  // Slice threads would switch H.264's error concealment off, and damaged files would depend on the number of
  // threads.
  decoder_->thread_type = FF_THREAD_FRAME;
  if (const int error = avcodec_open2(decoder_.get(), decoder, nullptr); error < 0) {
    return Failure(error, fmt::format("the {} decoder cannot be started", codec_name));
  }
  info_.codec = type_.still && codec.codec_id == AV_CODEC_ID_MJPEG ? "jpeg" : codec_name;
  return Status();
}

void LibavReader::DescribeVideo() {
  info_.bytes = file_->size();
  info_.stream_index = stream_->index;
  info_.time_base_num = stream_->time_base.num;
  info_.time_base_den = stream_->time_base.den;
  const AVRational rate = stream_->avg_frame_rate.num > 0 ? stream_->avg_frame_rate : stream_->r_frame_rate;
  if (rate.num > 0 && rate.den > 0) info_.fps = av_q2d(rate);
  frame_us_ = info_.fps > 0 ? static_cast<int64_t>(1e6 / info_.fps) : kDefaultFrameUs;
  clock_.emplace(info_.time_base_num, info_.time_base_den, frame_us_);

  const AVRational milliseconds = {1, 1000}, microseconds = {1, 1'000'000};
  const bool known = stream_->duration != AV_NOPTS_VALUE;
  if (known) {
    info_.duration_ms = av_rescale_q(stream_->duration, stream_->time_base, milliseconds);
  } else if (format_->duration != AV_NOPTS_VALUE) {
    info_.duration_ms = av_rescale_q(format_->duration, AV_TIME_BASE_Q, milliseconds);
  }
  info_.duration_ms = std::max<int64_t>(info_.duration_ms, 0);
  damage_.promised_frames = std::max<int64_t>(stream_->nb_frames, 0);
  // A length that libav worked out from the time stamps that are there promises nothing.
  if (format_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM) {
    damage_.promised_us = known ? av_rescale_q(stream_->duration, stream_->time_base, microseconds)
                                : std::max<int64_t>(format_->duration, 0);
  }

  size_t bytes = 0;
  const uint8_t* const matrix = av_stream_get_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
  if (matrix != nullptr && bytes >= 9 * sizeof(int32_t)) {
    int32_t numbers[9];
    std::memcpy(numbers, matrix, sizeof numbers);
    orientation_ = OrientationFromMatrix(numbers);
  }
  ReadContainerTags(*format_, *stream_, info_);
}

Status LibavReader::DescribeStill() {
  info_.bytes = file_->size();
  clock_.emplace(info_.time_base_num, info_.time_base_den, kDefaultFrameUs);
  if (file_->size() > kMaxStillBytes) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("{}: an image of {} MiB is too large; the limit is {} MiB",
                              DisplayPath(file_->path()), file_->size() >> 20, kMaxStillBytes >> 20));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content, file_->ReadAt(0, static_cast<size_t>(file_->size())));
  orientation_ = ReadExif(content, info_);
  damage_.cut_off = info_.codec == "jpeg" && JpegIsCutOff(content);
  return Status();
}

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
  const std::string cause = log_.errors().last;
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
      if (log_.errors().too_many_pixels) return TooManyPixels();
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
  if (error < 0 && error != AVERROR(EAGAIN) && error != AVERROR_EOF) {
    if (log_.errors().too_many_pixels) return TooManyPixels();
    ++damage_.undecodable;
  }
  if (draining_) avcodec_send_packet(decoder_.get(), nullptr);
  return Status();
}

// After a failed av_read_frame: goes on where a later packet may still be sound.
Status LibavReader::EndOfReading(int error) {
  if (error == AVERROR_EXIT) return CheckGoing();
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
  if (!options_.keep_going || options_.keep_going()) return Status();
  return Status(StatusCode::kInterrupted, DisplayPath(file_->path()) + ": reading was interrupted");
}

Status LibavReader::Failure(int error, std::string_view what) const {
  if (error == AVERROR_EXIT) return CheckGoing();
  const std::string name = DisplayPath(file_->path());
  if (error == AVERROR(ENOMEM))
    return Status(StatusCode::kOutOfResources, fmt::format("{}: {}: not enough memory", name, what));
  if (file_->read_error() != 0)
    return ErrnoStatus(file_->read_error(), fmt::format("{}: cannot be read", name));
  const std::string cause = log_.errors().last;
  const bool unsupported = error == AVERROR_PATCHWELCOME || error == AVERROR(ENOSYS);
  return Status(unsupported ? StatusCode::kUnsupported : StatusCode::kCorrupt,
                fmt::format("{}: {}: {}; it is damaged or incomplete: get another copy, or repair it", name,
                            what, cause.empty() ? LibavErrorText(error) : cause));
}

Status LibavReader::TooManyPixels() const {
  return Status(StatusCode::kUnsupported,
                fmt::format("{}: its pictures have more than the {} pixels that are allowed",
                            DisplayPath(file_->path()), options_.max_pixels));
}

}  // namespace crossface
