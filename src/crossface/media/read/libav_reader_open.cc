#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "crossface/media/metadata/metadata.h"
#include "crossface/media/read/animated_webp.h"
#include "crossface/media/read/cut_off_still.h"
#include "crossface/media/read/developed_copy.h"
#include "crossface/media/read/encryption.h"
#include "crossface/media/read/heif_picture.h"
#include "crossface/media/read/libav_reader.h"
#include "crossface/media/read/picture_limits.h"
#include "crossface/media/read/tiff_page.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

constexpr int64_t kMaxBytesPerPage = 64 << 20;

constexpr std::string_view kRaw = "raw";

// Distance of frames in streams that state no rate: 25 a second, as libav takes raw streams.
constexpr int64_t kDefaultFrameUs = 40'000;

uint64_t Pixels(const AVCodecParameters& codec) {
  return static_cast<uint64_t>(std::max(codec.width, 0)) * static_cast<uint64_t>(std::max(codec.height, 0));
}

// Formats of single pictures, in which covers are stored, not always marked as such.
bool IsPictureFormat(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_MJPEG:
    case AV_CODEC_ID_PNG:
    case AV_CODEC_ID_BMP:
    case AV_CODEC_ID_GIF:
    case AV_CODEC_ID_TIFF:
    case AV_CODEC_ID_WEBP:
      return true;
    default:
      return false;
  }
}

// Which picture stream comes first: one that can be decoded, a film before what may be a cover, the one
// marked as default, the largest.
auto Preference(const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  return std::make_tuple(avcodec_find_decoder(codec.codec_id) != nullptr, !IsPictureFormat(codec.codec_id),
                         (stream.disposition & AV_DISPOSITION_DEFAULT) != 0, Pixels(codec));
}

bool IsPictureStream(const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
         (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) == 0;
}

}  // namespace

LibavReader::LibavReader(std::unique_ptr<InputFile> file, const MediaType& type, const ReaderOptions& options,
                         const SourcePart& part)
    : file_(std::move(file)), type_(type), options_(options), part_(part), packet_(av_packet_alloc()) {
  if (!packet_) throw std::bad_alloc();
}

Result<std::unique_ptr<FrameReader>> LibavReader::Open(std::unique_ptr<InputFile> file, const MediaType& type,
                                                       const ReaderOptions& options, const SourcePart& part,
                                                       std::vector<std::string>* others) {
  std::unique_ptr<LibavReader> reader(new LibavReader(std::move(file), type, options, part));
  reader->info_.part = options.part;
  const Status opened = reader->OpenFirstPicture(others);
  // Whatever was made of bytes that did not come is not the file's fault.
  if (!opened.ok() && opened.code() != StatusCode::kInterrupted)
    CROSSFACE_RETURN_IF_ERROR(reader->file_->failure());
  CROSSFACE_RETURN_IF_ERROR(opened);
  reader->info_.parts = 1 + static_cast<int>(others->size());
  return std::unique_ptr<FrameReader>(std::move(reader));
}

Status LibavReader::OpenFirstPicture(std::vector<std::string>* others) {
  Status opened = Status(StatusCode::kUnsupported, "");
  if (type_.tiff || type_.heif || type_.camera_raw || type_.animated_webp) {
    opened = OpenOtherDecoder(others);
    CROSSFACE_RETURN_IF_ERROR(CheckGoing());
  }
  // libav reads some of the raw pictures of cameras that libtiff does not.
  const bool for_libav =
      !pictures_ && type_.format != nullptr && (!type_.tiff || info_.codec == kRaw) && !type_.animated_webp;
  Status refused = opened;
  if (for_libav) opened = OpenStream(others);
  CROSSFACE_RETURN_IF_ERROR(opened);
  opened = DecodeFirst();
  if (!opened.ok() && type_.tiff && for_libav && opened.code() != StatusCode::kInterrupted) return refused;
  return opened;
}

Status LibavReader::OpenStream(std::vector<std::string>* others) {
  CROSSFACE_RETURN_IF_ERROR(OpenContainer());
  CROSSFACE_RETURN_IF_ERROR(ChooseStream(others));
  CROSSFACE_RETURN_IF_ERROR(OpenDecoder());
  fitter_.emplace(options_.geometry, options_.max_pixels, format_.get(), stream_);
  if (type_.still) return DescribeStill();
  DescribeVideo();
  // One that cannot seek is read from its beginning.
  if (options_.from_pts)
    av_seek_frame(format_.get(), stream_->index, *options_.from_pts, AVSEEK_FLAG_BACKWARD);
  return Status();
}

Status LibavReader::OpenOtherDecoder(std::vector<std::string>* others) {
  fitter_.emplace(options_.geometry, options_.max_pixels, nullptr, nullptr);
  if (type_.animated_webp) {
    CROSSFACE_ASSIGN_OR_RETURN(pictures_, OpenAnimatedWebp(*file_, options_.max_pixels));
    info_.codec = "webp";
    damage_.promised_frames = pictures_->promised_frames();
    info_.duration_ms = pictures_->duration_ms();
    if (info_.duration_ms > 0)
      info_.fps = 1e3 * static_cast<double>(damage_.promised_frames) / static_cast<double>(info_.duration_ms);
    return DescribeStill();
  }
  if (type_.heif) {
    HeifFacts facts;
    auto picture = OpenHeifPicture(*file_, part_.page, options_.max_pixels, &facts);
    info_.codec = facts.avif ? "avif" : "heif";
    AddPages(facts.pictures, others);
    if (!picture.ok()) return picture.status();
    pictures_ = std::move(*picture);
    return DescribeStill();
  }
  if (type_.camera_raw) {
    CROSSFACE_ASSIGN_OR_RETURN(pictures_, OpenDevelopedCopy(*file_, options_.max_pixels));
    info_.codec = kRaw;
    return DescribeStill();
  }
  TiffFacts facts;
  auto page = OpenTiffPage(*file_, part_.page, options_.max_pixels, &facts);
  info_.codec = facts.raw ? kRaw : "tiff";
  AddPages(facts.pages, others);
  if (!page.ok()) return page.status();
  pictures_ = std::move(*page);
  info_.codec = "tiff";
  CROSSFACE_RETURN_IF_ERROR(DescribeStill());
  if (part_.page > 1) fitter_->set_turn(OrientationFromExif(facts.orientation));
  return Status();
}

// In front of what is appended to the file.
void LibavReader::AddPages(int count, std::vector<std::string>* others) const {
  std::vector<std::string> pages;
  for (int i = 2; part_.page == 1 && i <= count; ++i)
    pages.push_back(SourcePart{.byte = part_.byte, .page = i}.ToString());
  others->insert(others->begin(), pages.begin(), pages.end());
}

Status LibavReader::OpenContainer() {
  const int error = OpenLibavInput(*file_, log_, type_.format, &format_);
  if (error < 0) return Failure(error, "cannot be opened");

  // A still's only packet says all there is to know.
  if (type_.still) return Status();
  // Where the next step cannot decode a picture of the size that is announced, it forgets the size.
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const AVStream& stream = *format_->streams[i];
    if (IsPictureStream(stream) && IsTooLarge(Pixels(*stream.codecpar))) oversize_ = Pixels(*stream.codecpar);
  }
  std::vector<AVDictionary*> limits(format_->nb_streams, nullptr);
  for (AVDictionary*& limit : limits) av_dict_set_int(&limit, "max_pixels", options_.max_pixels, 0);
  // What it cannot find out the decoder may still see.
  avformat_find_stream_info(format_.get(), limits.data());
  for (AVDictionary*& limit : limits) av_dict_free(&limit);
  return CheckGoing();
}

Status LibavReader::ChooseStream(std::vector<std::string>* others) {
  const std::span<AVStream*> streams(format_->streams, format_->nb_streams);
  for (AVStream* const stream : streams) {
    if (part_.stream >= 0 ? stream->index != part_.stream : !IsPictureStream(*stream)) continue;
    if (stream_ == nullptr || Preference(*stream) > Preference(*stream_)) stream_ = stream;
  }
  if (stream_ == nullptr && part_.stream >= 0) {
    return Status(StatusCode::kNotFound,
                  fmt::format("{}: has no stream {} any more", DisplayPath(file_->path()), part_.stream));
  }
  if (stream_ == nullptr) return NoPictureStream();
  std::vector<std::string> further;
  for (const AVStream* const stream : streams) {
    if (part_.stream < 0 && stream != stream_ && IsPictureStream(*stream))
      further.push_back(SourcePart{.byte = part_.byte, .stream = stream->index}.ToString());
  }
  others->insert(others->begin(), further.begin(), further.end());
  if (IsTooLarge(Pixels(*stream_->codecpar))) return RefusedSize(Pixels(*stream_->codecpar));
  // Sound is read only where its time stamps are needed to know how far the file goes.
  const bool own_promise = stream_->nb_frames > 0 || stream_->duration != AV_NOPTS_VALUE;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* const stream = format_->streams[i];
    if (stream != stream_ && own_promise) stream->discard = AVDISCARD_ALL;
  }
  return Status();
}

Status LibavReader::NoPictureStream() const {
  const std::string name = DisplayPath(file_->path());
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const AVMediaType type = format_->streams[i]->codecpar->codec_type;
    if (type == AVMEDIA_TYPE_AUDIO || type == AVMEDIA_TYPE_SUBTITLE) {
      return Status(StatusCode::kNoVideo, name + ": holds no video, only sound or text");
    }
  }
  return Failure(AVERROR_INVALIDDATA, "holds neither video nor sound");
}

Status LibavReader::OpenDecoder() {
  const AVCodecParameters& codec = *stream_->codecpar;
  const AVCodec* const decoder = avcodec_find_decoder(codec.codec_id);
  const std::string codec_name = avcodec_get_name(codec.codec_id);
  if (!type_.still && IsLocked(*format_, *stream_, *file_)) return Encrypted();
  if (codec.codec_type != AVMEDIA_TYPE_VIDEO || decoder == nullptr) return UnknownFormat(codec_name);
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
  if (options_.card && !type_.still) ChooseCard();
  if (const int error = avcodec_open2(decoder_.get(), decoder, nullptr); error < 0) {
    return Failure(error, fmt::format("the {} decoder cannot be started", codec_name));
  }
  info_.codec = type_.still && codec.codec_id == AV_CODEC_ID_MJPEG ? "jpeg" : codec_name;
  return Status();
}

void LibavReader::ChooseCard() {
  auto card = CardDecoder::For(*stream_->codecpar, *options_.card);
  if (!card.ok()) {
    no_card_ = card.status().message();
    return;
  }
  card_ = *std::move(card);
  card_->Attach(decoder_.get());
}

Status LibavReader::UnknownFormat(std::string_view codec) const {
  const AVCodecParameters& stated = *stream_->codecpar;
  const std::string_view container = format_->iformat->name;
  // Matroska's names of formats libav does not give away.
  const bool stated_by_name = container.starts_with("matroska");
  if (stated.codec_id == AV_CODEC_ID_NONE && stated.codec_tag == 0 && !stated_by_name)
    return Failure(AVERROR_INVALIDDATA, "its video format is not stated");
  std::string format(codec);
  if (stated.codec_id == AV_CODEC_ID_NONE && stated.codec_tag != 0) {
    char text[AV_FOURCC_MAX_STRING_SIZE] = {};
    format = fmt::format("'{}'", EscapeInvalidUtf8(av_fourcc_make_string(text, stated.codec_tag)));
  } else if (stated.codec_id == AV_CODEC_ID_NONE) {
    format = "(one that this program does not know)";
  }
  return Status(
      StatusCode::kUnsupported,
      fmt::format("{}: no decoder for its video format {}; convert it to a common one such as H.264 in MP4",
                  DisplayPath(file_->path()), format));
}

Status LibavReader::Encrypted() const {
  return Status(
      StatusCode::kUnsupported,
      DisplayPath(file_->path()) +
          ": is encrypted (copy protection): its pictures cannot be read without the key; get a copy "
          "without protection");
}

void LibavReader::DescribeVideo() {
  info_.bytes = file_->file_size();
  info_.stream_index = stream_->index;
  info_.time_base_num = stream_->time_base.num;
  info_.time_base_den = stream_->time_base.den;
  const AVRational rate = stream_->avg_frame_rate.num > 0 ? stream_->avg_frame_rate : stream_->r_frame_rate;
  if (rate.num > 0 && rate.den > 0) info_.fps = av_q2d(rate);
  frame_us_ = info_.fps > 0 ? static_cast<int64_t>(1e6 / info_.fps) : kDefaultFrameUs;
  const bool wraps = stream_->pts_wrap_bits > 0 && stream_->pts_wrap_bits < 62;
  clock_.emplace(info_.time_base_num, info_.time_base_den, frame_us_,
                 wraps ? int64_t{1} << stream_->pts_wrap_bits : 0);
  stamps_.emplace(std::max<int64_t>(1, info_.time_base_den / info_.time_base_num));

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
    damage_.promised_us = std::max<int64_t>(
        known ? av_rescale_q(stream_->duration, stream_->time_base, microseconds) : format_->duration, 0);
  }

  size_t bytes = 0;
  const uint8_t* const matrix = av_stream_get_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
  if (matrix != nullptr && bytes >= 9 * sizeof(int32_t)) {
    int32_t numbers[9];
    std::memcpy(numbers, matrix, sizeof numbers);
    fitter_->set_turn(OrientationFromMatrix(numbers));
  }
  ReadContainerTags(*format_, *stream_, info_);
  ReadIsoBoxes(*file_, info_);
}

bool LibavReader::IsTooLarge(uint64_t pixels) const {
  return pixels > static_cast<uint64_t>(options_.max_pixels);
}

Status LibavReader::DescribeStill() {
  info_.bytes = file_->file_size();
  clock_.emplace(info_.time_base_num, info_.time_base_den, kDefaultFrameUs);
  stamps_.emplace(info_.time_base_den);
  // Hundreds of pages of a large file would have it read as often.
  if (part_.page > 1 && file_->size() > kMaxBytesPerPage) return CheckPictureBytes(*file_, "an image");
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content, ReadPictureFile(*file_, "an image"));
  const Orientation turn = ReadExif(content, info_);
  if (!type_.heif) fitter_->set_turn(turn);
  damage_.cut_off = info_.codec == "jpeg" && JpegIsCutOff(content);
  return Status();
}

// What the file states, in so far as nothing else is wanted.
Status LibavReader::SettleGeometry(const AVFrame& first) {
  return fitter_->Begin(first, &info_).Annotate(DisplayPath(file_->path()));
}

}  // namespace crossface
