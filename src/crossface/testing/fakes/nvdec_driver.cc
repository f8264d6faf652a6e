// Stands in for the part of NVIDIA's driver that decodes films (libnvcuvid.so.1), beside cuda_driver.cc: all
// that libav does with a card is done, only the card's pictures are those of libav's own decoder.
//
// FAKE_NVDEC_FILMS names the films that it can decode, with colons between. A picture that it is to decode is
// found again in them by the bytes of its first slice. As on a card nothing is told of damage.
// FAKE_CUDA=pixels: one of them is another one.
#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_cuviddec.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
bool FakeCudaFails(const char* function);
}

namespace {

constexpr int kInvalid = 1, kOutOfMemory = 2, kUnknown = 999;
constexpr unsigned kSmallest = 48, kLargest = 4096;

using Picture = std::shared_ptr<AVFrame>;

struct Packet {
  std::string bytes;
  Picture picture;  // that begins with it; null: the decoder gives none
};

void Take(AVCodecContext* decoder, std::vector<Packet>* packets, size_t first) {
  while (true) {
    Picture picture(av_frame_alloc(), [](AVFrame* frame) { av_frame_free(&frame); });
    if (avcodec_receive_frame(decoder, picture.get()) < 0) return;
    const size_t at = first + static_cast<size_t>(picture->reordered_opaque);
    if (at < packets->size()) (*packets)[at].picture = picture;
  }
}

// The pictures of one stream, uncropped.
void ReadStream(AVFormatContext* film, const AVStream& stream, std::vector<Packet>* packets) {
  const AVCodec* const codec = avcodec_find_decoder(stream.codecpar->codec_id);
  AVCodecContext* decoder = avcodec_alloc_context3(codec);
  avcodec_parameters_to_context(decoder, stream.codecpar);
  decoder->thread_count = 1;
  decoder->apply_cropping = 0;
  const size_t first = packets->size();
  if (avcodec_open2(decoder, codec, nullptr) == 0) {
    AVPacket* packet = av_packet_alloc();
    while (av_read_frame(film, packet) >= 0) {
      if (packet->stream_index == stream.index) {
        decoder->reordered_opaque = static_cast<int64_t>(packets->size() - first);
        packets->push_back(
            {{reinterpret_cast<const char*>(packet->data), static_cast<size_t>(packet->size)}, {}});
        avcodec_send_packet(decoder, packet);
        Take(decoder, packets, first);
      }
      av_packet_unref(packet);
    }
    avcodec_send_packet(decoder, nullptr);
    Take(decoder, packets, first);
    av_packet_free(&packet);
  }
  avcodec_free_context(&decoder);
}

std::vector<Packet> ReadFilms(const std::string& names) {
  std::vector<Packet> packets;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ':');) {
    AVFormatContext* film = nullptr;
    if (avformat_open_input(&film, name.c_str(), nullptr, nullptr) < 0) continue;
    avformat_find_stream_info(film, nullptr);
    const int stream = av_find_best_stream(film, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (stream >= 0) ReadStream(film, *film->streams[stream], &packets);
    avformat_close_input(&film);
  }
  return packets;
}

std::shared_ptr<const std::vector<Packet>> Films() {
  static std::map<std::string, std::shared_ptr<const std::vector<Packet>>> read;
  const char* const names = std::getenv("FAKE_NVDEC_FILMS");
  auto& films = read[names == nullptr ? "" : names];
  if (films == nullptr)
    films = std::make_shared<const std::vector<Packet>>(ReadFilms(names == nullptr ? "" : names));
  return films;
}

struct Surface {
  std::vector<unsigned char> bytes;
};

struct Decoder {
  CUVIDDECODECREATEINFO info;
  std::shared_ptr<const std::vector<Packet>> packets;
  size_t next = 0;  // packet; pictures of equal bytes are told by their order
  std::vector<Surface> surfaces;
  std::map<CUdeviceptr, std::unique_ptr<Surface>> mapped;

  size_t sample() const { return info.bitDepthMinus8 > 0 ? 2 : 1; }
  size_t pitch() const { return (info.ulTargetWidth * sample() + 511) / 256 * 256; }
};

std::mutex mutex;
std::atomic<int> decoders = 0;

// Luma, and below it both colours side by side; samples of more than eight bits in the upper bits.
template <typename Sample>
void Lay(const AVFrame& from, const Decoder& decoder, int shift, Surface* to) {
  const size_t width = decoder.info.ulTargetWidth, height = decoder.info.ulTargetHeight;
  const auto at = [&](int plane, size_t x, size_t y) {
    const auto* const row =
        reinterpret_cast<const Sample*>(from.data[plane] + static_cast<ptrdiff_t>(y) * from.linesize[plane]);
    return static_cast<Sample>(row[x] << shift);
  };
  const auto row = [&](size_t y) {
    return reinterpret_cast<Sample*>(to->bytes.data() + y * decoder.pitch());
  };
  const size_t columns = std::min(width, static_cast<size_t>(from.width));
  const size_t rows = std::min(height, static_cast<size_t>(from.height));
  for (size_t y = 0; y < rows; ++y)
    for (size_t x = 0; x < columns; ++x) row(y)[x] = at(0, x, y);
  for (size_t y = 0; y < (rows + 1) / 2; ++y)
    for (size_t x = 0; x < (columns + 1) / 2; ++x) {
      row(height + y)[2 * x] = at(1, x, y);
      row(height + y)[2 * x + 1] = at(2, x, y);
    }
}

const Packet* Find(Decoder* decoder, std::string_view slice) {
  const auto& packets = *decoder->packets;
  for (size_t i = 0; i < packets.size(); ++i) {
    const size_t at = (decoder->next + i) % packets.size();
    if (packets[at].bytes.find(slice) == std::string::npos) continue;
    decoder->next = at + 1;
    return &packets[at];
  }
  return nullptr;
}

}  // namespace

extern "C" {
// Of the fake alone: decoders that were not given back, and their pictures.
int FakeNvdecHeld() { return decoders; }

int cuvidGetDecoderCaps(CUVIDDECODECAPS* caps) {
  caps->bIsSupported = FakeCudaFails("cuvidGetDecoderCaps") ? 0 : 1;
  caps->nMinWidth = caps->nMinHeight = kSmallest;
  caps->nMaxWidth = caps->nMaxHeight = kLargest;
  caps->nMaxMBCount = kLargest * kLargest / 256;
  caps->nOutputFormatMask = 3;
  return 0;
}

int cuvidCreateDecoder(CUvideodecoder* made, CUVIDDECODECREATEINFO* info) {
  if (FakeCudaFails("cuvidCreateDecoder")) return kOutOfMemory;
  const std::lock_guard lock(mutex);
  auto* const decoder = new Decoder{.info = *info, .packets = Films()};
  decoder->surfaces.resize(info->ulNumDecodeSurfaces);
  *made = reinterpret_cast<CUvideodecoder>(decoder);
  ++decoders;
  return 0;
}

int cuvidDestroyDecoder(CUvideodecoder given) {
  auto* const decoder = reinterpret_cast<Decoder*>(given);
  decoders -= 1 + static_cast<int>(decoder->mapped.size());
  delete decoder;
  return 0;
}

int cuvidDecodePicture(CUvideodecoder given, CUVIDPICPARAMS* picture) {
  if (FakeCudaFails("cuvidDecodePicture")) return kUnknown;
  const std::lock_guard lock(mutex);
  auto* const decoder = reinterpret_cast<Decoder*>(given);
  const auto index = static_cast<size_t>(picture->CurrPicIdx);
  if (index >= decoder->surfaces.size() || picture->nNumSlices == 0) return kInvalid;
  const unsigned begin = picture->pSliceDataOffsets[0];
  const unsigned end = picture->nNumSlices > 1 ? picture->pSliceDataOffsets[1] : picture->nBitstreamDataLen;
  const std::string_view slice(reinterpret_cast<const char*>(picture->pBitstreamData) + begin, end - begin);
  constexpr std::string_view kStartCode("\0\0\1", 3);
  if (!slice.starts_with(kStartCode)) return kInvalid;
  const Packet* const packet = Find(decoder, slice.substr(kStartCode.size()));
  if (packet == nullptr) return kUnknown;
  // The second field of a picture that is there as a whole, or what no decoder makes a picture of.
  if (packet->picture == nullptr) return 0;
  Surface& surface = decoder->surfaces[index];
  // What a card leaves beyond the picture is anything.
  surface.bytes.assign(decoder->pitch() * decoder->info.ulTargetHeight * 3 / 2, 0x5a);
  if (decoder->sample() == 1) {
    Lay<uint8_t>(*packet->picture, *decoder, 0, &surface);
  } else {
    Lay<uint16_t>(*packet->picture, *decoder, 8 - static_cast<int>(decoder->info.bitDepthMinus8), &surface);
  }
  if (FakeCudaFails("pixels")) surface.bytes[decoder->pitch() * 7 + 9] ^= 1;
  return 0;
}

int cuvidMapVideoFrame64(CUvideodecoder given, int index, CUdeviceptr* address, unsigned* pitch, void*) {
  if (FakeCudaFails("cuvidMapVideoFrame64")) return kOutOfMemory;
  const std::lock_guard lock(mutex);
  auto* const decoder = reinterpret_cast<Decoder*>(given);
  if (decoder->mapped.size() >= decoder->info.ulNumOutputSurfaces) return kOutOfMemory;
  auto copy = std::make_unique<Surface>(decoder->surfaces.at(static_cast<size_t>(index)));
  copy->bytes.resize(decoder->pitch() * decoder->info.ulTargetHeight * 3 / 2, 0x5a);
  *address = reinterpret_cast<CUdeviceptr>(copy->bytes.data());
  *pitch = static_cast<unsigned>(decoder->pitch());
  decoder->mapped[*address] = std::move(copy);
  ++decoders;
  return 0;
}

int cuvidUnmapVideoFrame64(CUvideodecoder given, CUdeviceptr address) {
  const std::lock_guard lock(mutex);
  auto* const decoder = reinterpret_cast<Decoder*>(given);
  if (decoder->mapped.erase(address) == 0) return kInvalid;
  --decoders;
  return 0;
}

// libav looks for these too, and does not call them.
#define NOT_THERE(function) \
  int function() { return kInvalid; }
NOT_THERE(cuvidGetDecodeStatus)
NOT_THERE(cuvidReconfigureDecoder)
NOT_THERE(cuvidCtxLockCreate)
NOT_THERE(cuvidCtxLockDestroy)
NOT_THERE(cuvidCtxLock)
NOT_THERE(cuvidCtxUnlock)
NOT_THERE(cuvidCreateVideoSource)
NOT_THERE(cuvidCreateVideoSourceW)
NOT_THERE(cuvidDestroyVideoSource)
NOT_THERE(cuvidSetVideoSourceState)
NOT_THERE(cuvidGetVideoSourceState)
NOT_THERE(cuvidGetSourceVideoFormat)
NOT_THERE(cuvidGetSourceAudioFormat)
NOT_THERE(cuvidCreateVideoParser)
NOT_THERE(cuvidParseVideoData)
NOT_THERE(cuvidDestroyVideoParser)
#undef NOT_THERE
}
