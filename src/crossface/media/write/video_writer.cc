#include "crossface/media/write/video_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include "crossface/media/file/input_file.h"
#include "crossface/media/file/libav.h"
#include "crossface/media/file/opened_part.h"
#include "crossface/media/read/libav_picture.h"
#include "crossface/media/write/output_file.h"
#include "crossface/media/write/video_copy_facts.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavcodec/bsf.h>
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
}

namespace crossface {
namespace {

constexpr char kEncoder[] = "libx264";
// x264's scale of quality: 18 is taken as visually lossless, 23 is its default.
constexpr char kQuality[] = "18", kPreset[] = "medium";
constexpr char kBrowserQuality[] = "25", kBrowserPreset[] = "superfast";

struct OutputDeleter {
  void operator()(AVFormatContext* format) const { avformat_free_context(format); }
};
struct FilterDeleter {
  void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
};

// Sound in an MP4 file.
bool BrowsersPlay(AVCodecID codec) {
  return codec == AV_CODEC_ID_AAC || codec == AV_CODEC_ID_MP3 || codec == AV_CODEC_ID_OPUS ||
         codec == AV_CODEC_ID_FLAC;
}

class LibavWriter final : public VideoWriter {
 public:
  LibavWriter(std::filesystem::path source, const SourceInfo& info, std::filesystem::path output,
              VideoWriterOptions options)
      : source_path_(std::move(source)),
        output_path_(std::move(output)),
        info_(info),
        options_(std::move(options)),
        packet_(av_packet_alloc()) {
    if (!packet_) throw std::bad_alloc();
  }

  Status Open() {
    const char* const container = ContainerOf(output_path_);
    if (container == nullptr) {
      return Status(StatusCode::kInvalidArgument,
                    DisplayPath(output_path_) + ": the copy of a video is called .mp4, .m4v, .mov or .mkv");
    }
    CROSSFACE_RETURN_IF_ERROR(OpenSourceStreams());
    CROSSFACE_ASSIGN_OR_RETURN(file_, OutputFile::Create(output_path_));
    AVFormatContext* format = nullptr;
    const int error = avformat_alloc_output_context2(&format, nullptr, container, nullptr);
    if (error < 0) return Failure(error, "its container cannot be written");
    output_.reset(format);
    output_->pb = file_->context();
    output_->opaque = &log_;
    if (options_.strip_metadata) output_->flags |= AVFMT_FLAG_BITEXACT;
    CROSSFACE_RETURN_IF_ERROR(OpenEncoder());
    CROSSFACE_RETURN_IF_ERROR(AddSound());
    if (!options_.strip_metadata) {
      CopyTags(source_->metadata, &output_->metadata);
      CROSSFACE_RETURN_IF_ERROR(CopyChapters());
    }
    return WriteHeader();
  }

  Status Write(const cv::Mat& bgr, int64_t pts, int64_t duration) override {
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    auto frame = NewFrame(AV_PIX_FMT_YUV420P, encoder_->width, encoder_->height);
    frame->colorspace = encoder_->colorspace;
    frame->color_range = encoder_->color_range;
    frame->color_primaries = encoder_->color_primaries;
    frame->color_trc = encoder_->color_trc;
    CROSSFACE_RETURN_IF_ERROR(FillFromBgr(bgr, frame.get()));
    if (last_pts_ && pts <= *last_pts_) pts = *last_pts_ + 1;
    last_pts_ = pts;
    frame->pts = pts;
    durations_[pts] = duration;
    return Encode(frame.get());
  }

  Result<std::string> Finish() override {
    CROSSFACE_RETURN_IF_ERROR(Encode(nullptr));
    CROSSFACE_RETURN_IF_ERROR(CopySoundUntil(std::nullopt));
    const int error = av_write_trailer(output_.get());
    avio_flush(file_->context());
    CROSSFACE_RETURN_IF_ERROR(file_->status());
    if (error < 0) return Failure(error, "cannot be finished");
    CROSSFACE_ASSIGN_OR_RETURN(std::string sha256, file_->FlushAndHash());
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    CROSSFACE_RETURN_IF_ERROR(file_->Commit());
    return sha256;
  }

  std::string encoder() const override {
    return fmt::format("{} crf={} preset={} yuv420p, libavcodec {}", kEncoder, Quality(), Preset(),
                       AV_STRINGIFY(LIBAVCODEC_VERSION));
  }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  const char* Quality() const { return options_.for_browsers ? kBrowserQuality : kQuality; }
  const char* Preset() const { return options_.for_browsers ? kBrowserPreset : kPreset; }

  Status OpenSourceStreams() {
    CROSSFACE_ASSIGN_OR_RETURN(OpenedPart opened, OpenPart(source_path_, info_.part, options_.stop));
    source_file_ = std::move(opened.file);
    const MediaType& type = opened.type;
    int error = OpenLibavInput(*source_file_, log_, type.format, &source_);
    if (error < 0) return SourceFailure(error);
    error = avformat_find_stream_info(source_.get(), nullptr);
    if (error < 0) return SourceFailure(error);
    if (info_.stream_index >= static_cast<int>(source_->nb_streams))
      return SourceFailure(AVERROR_INVALIDDATA);
    picture_ = source_->streams[info_.stream_index];
    return Status();
  }

  Status OpenEncoder() {
    const AVCodec* const codec = avcodec_find_encoder_by_name(kEncoder);
    if (codec == nullptr) {
      return Status(StatusCode::kUnsupported,
                    fmt::format("libavcodec was built without {}: install Debian's libavcodec", kEncoder));
    }
    encoder_.reset(avcodec_alloc_context3(codec));
    if (!encoder_) throw std::bad_alloc();
    const Colours colours = ColoursOf(*picture_->codecpar);
    encoder_->opaque = &log_;
    encoder_->width = (info_.width + 1) / 2 * 2;
    encoder_->height = (info_.height + 1) / 2 * 2;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->color_primaries = colours.primaries;
    encoder_->color_trc = colours.transfer;
    encoder_->colorspace = colours.matrix;
    encoder_->color_range = colours.range;
    encoder_->chroma_sample_location = AVCHROMA_LOC_LEFT;
    encoder_->time_base = {info_.time_base_num, info_.time_base_den};
    encoder_->framerate = picture_->avg_frame_rate;
    encoder_->sample_aspect_ratio = UprightAspect();
    encoder_->thread_count = options_.threads;
    if ((output_->oformat->flags & AVFMT_GLOBALHEADER) != 0) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVDictionary* settings = nullptr;
    av_dict_set(&settings, "crf", Quality(), 0);
    av_dict_set(&settings, "preset", Preset(), 0);
    const int error = avcodec_open2(encoder_.get(), codec, &settings);
    av_dict_free(&settings);
    if (error < 0) return Failure(error, "the encoder cannot be started");

    video_ = avformat_new_stream(output_.get(), nullptr);
    if (video_ == nullptr) throw std::bad_alloc();
    avcodec_parameters_from_context(video_->codecpar, encoder_.get());
    video_->time_base = encoder_->time_base;
    video_->avg_frame_rate = picture_->avg_frame_rate;
    video_->sample_aspect_ratio = encoder_->sample_aspect_ratio;
    video_->disposition = AV_DISPOSITION_DEFAULT;
    if (!options_.strip_metadata) {
      CopyTags(picture_->metadata, &video_->metadata);
      // The pictures are upright; some containers also say the turn in a tag.
      av_dict_set(&video_->metadata, "rotate", nullptr, 0);
    } else {
      CROSSFACE_RETURN_IF_ERROR(OpenHintFilter());
    }
    return NotePadding();
  }

  Status NotePadding() {
    if (encoder_->width == info_.width && encoder_->height == info_.height) return Status();
    notes_.push_back(fmt::format("pictures are {}x{} instead of {}x{}: H.264 for players needs even sides",
                                 encoder_->width, encoder_->height, info_.width, info_.height));
    return Status();
  }

  // x264 names itself and its settings in supplemental information (NAL unit type 6).
  Status OpenHintFilter() {
    AVBSFContext* filter = nullptr;
    const AVBitStreamFilter* const type = av_bsf_get_by_name("filter_units");
    if (type == nullptr || av_bsf_alloc(type, &filter) < 0)
      return Failure(AVERROR_BSF_NOT_FOUND, "the encoder's name cannot be removed");
    filter_.reset(filter);
    avcodec_parameters_copy(filter_->par_in, video_->codecpar);
    filter_->time_base_in = encoder_->time_base;
    av_opt_set(filter_->priv_data, "remove_types", "6", 0);
    const int error = av_bsf_init(filter_.get());
    if (error < 0) return Failure(error, "the encoder's name cannot be removed");
    avcodec_parameters_copy(video_->codecpar, filter_->par_out);
    return Status();
  }

  // Pictures come with square pixels, but from cases that were scanned before the sample aspect ratio was
  // obeyed.
  AVRational UprightAspect() const {
    if (info_.aspect_from != GeometryFrom::kNobody) return {1, 1};
    AVRational aspect = av_guess_sample_aspect_ratio(source_.get(), picture_, nullptr);
    const auto stated = MakeAspect(aspect.num, aspect.den);
    if (stated && !IsPlausiblePixelAspect(*stated)) return {1, 1};
    if (info_.rotation % 180 != 0 && aspect.num > 0) std::swap(aspect.num, aspect.den);
    return aspect;
  }

  Status AddSound() {
    sound_of_.assign(source_->nb_streams, nullptr);
    std::map<std::string, int> left_out;
    for (unsigned i = 0; i < source_->nb_streams; ++i) {
      AVStream* const stream = source_->streams[i];
      stream->discard = AVDISCARD_ALL;
      if (stream == picture_) continue;
      if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) {
        const char* const kind = av_get_media_type_string(stream->codecpar->codec_type);
        ++left_out[stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? "further picture"
                                                                      : (kind ? kind : "unknown")];
        continue;
      }
      if (options_.for_browsers && !BrowsersPlay(stream->codecpar->codec_id)) {
        ++left_out["sound"];
        continue;
      }
      CROSSFACE_RETURN_IF_ERROR(AddSoundStream(i));
    }
    for (const auto& [kind, count] : left_out)
      notes_.push_back(fmt::format("{} {} track{} of the source {} not in the copy", count, kind,
                                   count == 1 ? "" : "s", count == 1 ? "is" : "are"));
    return Status();
  }

  Status AddSoundStream(unsigned index) {
    AVStream* const from = source_->streams[index];
    const AVCodecID codec = from->codecpar->codec_id;
    if (avformat_query_codec(output_->oformat, codec, FF_COMPLIANCE_NORMAL) != 1) {
      return Status(StatusCode::kUnsupported,
                    fmt::format("{}: its sound ({}) cannot be copied into {}; call the copy .mkv",
                                DisplayPath(source_path_), avcodec_get_name(codec), output_->oformat->name));
    }
    from->discard = AVDISCARD_DEFAULT;
    AVStream* const to = avformat_new_stream(output_.get(), nullptr);
    if (to == nullptr) throw std::bad_alloc();
    avcodec_parameters_copy(to->codecpar, from->codecpar);
    to->codecpar->codec_tag = 0;
    to->time_base = from->time_base;
    to->disposition = from->disposition;
    if (!options_.strip_metadata) CopyTags(from->metadata, &to->metadata);
    sound_of_[index] = to;
    has_sound_ = true;
    return Status();
  }

  Status CopyChapters() {
    if (source_->nb_chapters == 0) return Status();
    auto* const chapters = static_cast<AVChapter**>(av_calloc(source_->nb_chapters, sizeof(AVChapter*)));
    if (chapters == nullptr) throw std::bad_alloc();
    output_->chapters = chapters;
    for (unsigned i = 0; i < source_->nb_chapters; ++i) {
      const AVChapter& from = *source_->chapters[i];
      auto* const to = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
      if (to == nullptr) throw std::bad_alloc();
      to->id = from.id;
      to->time_base = from.time_base;
      to->start = from.start;
      to->end = from.end;
      av_dict_copy(&to->metadata, from.metadata, 0);
      chapters[output_->nb_chapters++] = to;
    }
    return Status();
  }

  Status WriteHeader() {
    AVDictionary* settings = nullptr;
    // Else only the few tags that iTunes knows are written.
    if (!options_.strip_metadata) av_dict_set(&settings, "movflags", "use_metadata_tags", 0);
    const int error = avformat_write_header(output_.get(), &settings);
    av_dict_free(&settings);
    CROSSFACE_RETURN_IF_ERROR(file_->status());
    if (error < 0) return Failure(error, "cannot be begun");
    return Status();
  }

  Status FillFromBgr(const cv::Mat& bgr, AVFrame* frame) {
    cv::Mat padded = bgr;
    if (bgr.size() != cv::Size(frame->width, frame->height)) {
      padded.create(frame->height, frame->width, CV_8UC3);
      bgr.copyTo(padded(cv::Rect({}, bgr.size())));
      if (frame->width > bgr.cols) padded.col(bgr.cols - 1).copyTo(padded.col(bgr.cols));
      if (frame->height > bgr.rows) padded.row(bgr.rows - 1).copyTo(padded.row(bgr.rows));
    }
    return ConvertFromBgr(padded, frame);
  }

  Status Encode(AVFrame* frame) {
    int error = avcodec_send_frame(encoder_.get(), frame);
    if (error < 0) return Failure(error, "a picture cannot be encoded");
    while (true) {
      error = avcodec_receive_packet(encoder_.get(), packet_.get());
      if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return Status();
      if (error < 0) return Failure(error, "a picture cannot be encoded");
      CROSSFACE_RETURN_IF_ERROR(MuxPicture());
    }
  }

  Status MuxPicture() {
    if (const auto known = durations_.find(packet_->pts); known != durations_.end()) {
      packet_->duration = known->second;
      durations_.erase(known);
    }
    if (filter_) {
      int error = av_bsf_send_packet(filter_.get(), packet_.get());
      if (error >= 0) error = av_bsf_receive_packet(filter_.get(), packet_.get());
      if (error < 0) return Failure(error, "the encoder's name cannot be removed");
    }
    CROSSFACE_RETURN_IF_ERROR(
        CopySoundUntil(av_rescale_q(packet_->dts, encoder_->time_base, AV_TIME_BASE_Q)));
    packet_->stream_index = video_->index;
    av_packet_rescale_ts(packet_.get(), encoder_->time_base, video_->time_base);
    return Mux(packet_.get());
  }

  // Up to this time in microseconds; all that is left when there is none.
  Status CopySoundUntil(std::optional<int64_t> time_us) {
    int failures = 0;
    while (has_sound_ && !sound_ended_ && (!time_us || sound_us_ <= *time_us)) {
      CROSSFACE_RETURN_IF_ERROR(CheckGoing());
      LibavPtr<AVPacket> packet(av_packet_alloc());
      if (!packet) throw std::bad_alloc();
      const int error = av_read_frame(source_.get(), packet.get());
      if (error < 0) {
        CROSSFACE_RETURN_IF_ERROR(CheckGoing());
        // Damaged parts are passed over, as by the reader of the pictures.
        sound_ended_ = error == AVERROR_EOF || !source_file_->failure().ok() || ++failures > 1000;
        continue;
      }
      AVStream* const to = sound_of_[static_cast<size_t>(packet->stream_index)];
      if (to == nullptr) continue;
      const AVStream& from = *source_->streams[packet->stream_index];
      const int64_t stamp = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
      if (stamp != AV_NOPTS_VALUE) sound_us_ = av_rescale_q(stamp, from.time_base, AV_TIME_BASE_Q);
      av_packet_rescale_ts(packet.get(), from.time_base, to->time_base);
      packet->stream_index = to->index;
      packet->pos = -1;
      CROSSFACE_RETURN_IF_ERROR(Mux(packet.get()));
    }
    return Status();
  }

  Status Mux(AVPacket* packet) {
    const int error = av_interleaved_write_frame(output_.get(), packet);
    CROSSFACE_RETURN_IF_ERROR(file_->status());
    if (error < 0) return Failure(error, "cannot be written");
    return Status();
  }

  Status CheckGoing() const {
    if (!options_.stop.stop_requested()) return Status();
    return Status(StatusCode::kInterrupted, DisplayPath(output_path_) + ": writing was interrupted");
  }

  Status Failure(int error, std::string_view what) const {
    const std::string cause = log_.errors().last;
    return Status(error == AVERROR(ENOMEM) ? StatusCode::kOutOfResources : StatusCode::kInternal,
                  fmt::format("{}: {}: {}", DisplayPath(output_path_), what,
                              cause.empty() ? LibavErrorText(error) : cause));
  }
  Status SourceFailure(int error) const {
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
    return Status(StatusCode::kCorrupt, fmt::format("{}: cannot be opened for its sound and tags: {}",
                                                    DisplayPath(source_path_), LibavErrorText(error)));
  }

  const std::filesystem::path source_path_, output_path_;
  const SourceInfo info_;
  const VideoWriterOptions options_;
  // libav's contexts point to the files and the log: these come first, to go last.
  LibavLog log_;
  std::unique_ptr<InputFile> source_file_;
  std::unique_ptr<OutputFile> file_;
  LibavPtr<AVFormatContext> source_;
  std::unique_ptr<AVFormatContext, OutputDeleter> output_;
  LibavPtr<AVCodecContext> encoder_;
  std::unique_ptr<AVBSFContext, FilterDeleter> filter_;
  LibavPtr<AVPacket> packet_;
  AVStream* picture_ = nullptr;      // of the source
  AVStream* video_ = nullptr;        // of the copy
  std::vector<AVStream*> sound_of_;  // per stream of the source: the copy's, null for what is not copied
  bool has_sound_ = false, sound_ended_ = false;
  int64_t sound_us_ = INT64_MIN;  // how far the sound is copied
  std::optional<int64_t> last_pts_;
  std::map<int64_t, int64_t> durations_;  // of pictures in the encoder, by time stamp
  std::vector<std::string> notes_;
};

}  // namespace

Result<std::unique_ptr<VideoWriter>> VideoWriter::Create(const std::filesystem::path& source,
                                                         const SourceInfo& info,
                                                         const std::filesystem::path& output,
                                                         const VideoWriterOptions& options) {
  auto writer = std::make_unique<LibavWriter>(source, info, output, options);
  CROSSFACE_RETURN_IF_ERROR(writer->Open());
  return std::unique_ptr<VideoWriter>(std::move(writer));
}

}  // namespace crossface
