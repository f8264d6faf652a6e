#include "crossface/media/write/segment_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <utility>
#include <vector>

#include "crossface/util/hash.h"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
}

namespace crossface {
namespace {

constexpr int kBufferBytes = 1 << 16;
// A cluster is written once it is complete: what a kill costs at most.
constexpr char kClusterMs[] = "1000";
constexpr int64_t kUsualFrameUs = 40'000;

bool IsTaken(const AVOutputFormat& container, const AVCodecParameters& stream) {
  const bool shown = stream.codec_type == AVMEDIA_TYPE_VIDEO || stream.codec_type == AVMEDIA_TYPE_AUDIO;
  return shown && avformat_query_codec(&container, stream.codec_id, FF_COMPLIANCE_NORMAL) == 1;
}

}  // namespace

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::Begin(FileDescriptor file, std::string name,
                                                            const AVFormatContext& input, int pictures,
                                                            const std::string& created) {
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(file), std::move(name)));
  CROSSFACE_RETURN_IF_ERROR(writer->Open(input, pictures, created));
  return writer;
}

SegmentWriter::~SegmentWriter() {
  if (format_ != nullptr) {
    format_->pb = nullptr;
    avformat_free_context(format_);
  }
  if (context_ != nullptr) {
    av_freep(&context_->buffer);
    avio_context_free(&context_);
  }
}

Status SegmentWriter::Open(const AVFormatContext& input, int pictures, const std::string& created) {
  auto* const buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  if (buffer != nullptr)
    context_ = avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, &WriteForLibav, &Seek);
  if (context_ == nullptr) {
    av_free(buffer);
    throw std::bad_alloc();
  }
  if (avformat_alloc_output_context2(&format_, nullptr, "matroska", nullptr) < 0) throw std::bad_alloc();
  format_->opaque = &log_;
  format_->pb = context_;
  format_->flags |= AVFMT_FLAG_FLUSH_PACKETS | AVFMT_FLAG_CUSTOM_IO;
  pictures_ = pictures;
  for (unsigned i = 0; i < input.nb_streams; ++i) {
    const AVStream& from = *input.streams[i];
    const bool other_pictures =
        from.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && static_cast<int>(i) != pictures;
    if (other_pictures || !IsTaken(*format_->oformat, *from.codecpar)) continue;
    AVStream* const to = avformat_new_stream(format_, nullptr);
    if (to == nullptr || avcodec_parameters_copy(to->codecpar, from.codecpar) < 0) throw std::bad_alloc();
    to->codecpar->codec_tag = 0;
    to->time_base = from.time_base;
    to->avg_frame_rate = from.avg_frame_rate;
    to->sample_aspect_ratio = from.sample_aspect_ratio;
    streams_[static_cast<int>(i)] = {.from = from.time_base, .index = to->index};
  }
  if (!streams_.contains(pictures))
    return Status(StatusCode::kUnsupported, name_ + ": Matroska does not take this video format");
  av_dict_set(&format_->metadata, "creation_time", created.c_str(), 0);
  AVDictionary* settings = nullptr;
  av_dict_set(&settings, "cluster_time_limit", kClusterMs, 0);
  const int error = avformat_write_header(format_, &settings);
  av_dict_free(&settings);
  header_written_ = error >= 0;
  return error < 0 ? Problem(error, "cannot be begun") : Status();
}

Status SegmentWriter::Write(const AVPacket& packet) {
  const auto found = streams_.find(packet.stream_index);
  if (found == streams_.end()) return Status();
  Stream& stream = found->second;
  const AVRational microseconds = {1, 1'000'000};
  const int64_t stamp = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
  const bool picture = packet.stream_index == pictures_;
  if (!first_us_ && !picture) return Status();
  // What comes without stamps comes before what has some.
  if (!first_us_ && stamp != AV_NOPTS_VALUE)
    first_us_ = av_rescale_q(stamp, stream.from, microseconds) - packets_ * kUsualFrameUs;
  LibavPtr<AVPacket> copy(av_packet_clone(&packet));
  if (!copy) throw std::bad_alloc();
  AVStream& to = *format_->streams[stream.index];
  const int64_t first = av_rescale_q(first_us_.value_or(0), microseconds, stream.from);
  for (int64_t* const time : {&copy->pts, &copy->dts})
    if (*time != AV_NOPTS_VALUE) *time -= first;
  av_packet_rescale_ts(copy.get(), stream.from, to.time_base);
  copy->stream_index = stream.index;
  copy->pos = -1;
  // The container refuses what goes back, which a packet or two do that a network brings late.
  if (copy->dts == AV_NOPTS_VALUE) copy->dts = copy->pts;
  if (copy->dts == AV_NOPTS_VALUE)
    copy->dts = first_us_ ? std::max<int64_t>(0, stream.last + 1)
                          : av_rescale_q(packets_ * kUsualFrameUs, microseconds, to.time_base);
  if (stream.last != INT64_MIN) copy->dts = std::max(copy->dts, stream.last + 1);
  if (copy->pts == AV_NOPTS_VALUE || copy->pts < copy->dts) copy->pts = copy->dts;
  // Sound from before the first picture.
  if (copy->dts < 0 && !picture) return Status();
  stream.last = copy->dts;
  if (const int error = av_write_frame(format_, copy.get()); error < 0)
    return Problem(error, "cannot be written");
  if (error_ != 0) return Problem(AVERROR(error_), "cannot be written");
  packets_ += picture;
  return Status();
}

Result<SegmentWriter::Finished> SegmentWriter::Finish() {
  if (header_written_ && error_ == 0) {
    const int error = av_write_trailer(format_);
    if (error < 0) return Problem(error, "cannot be ended");
    avio_flush(context_);
  }
  if (error_ == 0 && ::fsync(file_.get()) != 0) error_ = errno;
  if (error_ != 0) return Problem(AVERROR(error_), "cannot be ended");
  return HashOpenFile(file_.get(), name_);
}

Status SegmentWriter::Problem(int error, std::string_view what) const {
  const std::string told = name_ + ": " + std::string(what);
  if (error_ != 0) return ErrnoStatus(error_, told);
  return Status(StatusCode::kIo, told + ": " + LibavErrorText(error));
}

int SegmentWriter::WriteForLibav(void* self, uint8_t* buffer, int size) {
  auto& writer = *static_cast<SegmentWriter*>(self);
  for (int done = 0; done < size;) {
    const ssize_t written =
        ::pwrite(writer.file_.get(), buffer + done, static_cast<size_t>(size - done), writer.position_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      if (writer.error_ == 0) writer.error_ = errno;
      return AVERROR(writer.error_);
    }
    done += static_cast<int>(written);
    writer.position_ += written;
    writer.size_ = std::max(writer.size_, writer.position_);
  }
  return size;
}

int64_t SegmentWriter::Seek(void* self, int64_t offset, int whence) {
  auto& writer = *static_cast<SegmentWriter*>(self);
  if ((whence & ~AVSEEK_FORCE) == AVSEEK_SIZE) return writer.size_;
  const int64_t base = whence == SEEK_CUR ? writer.position_ : whence == SEEK_END ? writer.size_ : 0;
  if (offset > INT64_MAX - base || base + offset < 0) return AVERROR(EINVAL);
  return writer.position_ = base + offset;
}

Result<SegmentWriter::Finished> HashOpenFile(int fd, const std::string& name) {
  Sha256 hash;
  SegmentWriter::Finished finished;
  std::vector<std::byte> block(1 << 20);
  while (true) {
    const ssize_t count = ::pread(fd, block.data(), block.size(), finished.bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno, name + ": cannot be read");
    if (count == 0) break;
    hash.Update(std::span(block.data(), static_cast<size_t>(count)));
    finished.bytes += count;
  }
  finished.sha256 = hash.HexDigest();
  return finished;
}

}  // namespace crossface
