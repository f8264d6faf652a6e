// A stream made of a file, as fast as it can be read, which breaks as a test likes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "crossface/media/file/input_file.h"
#include "crossface/media/read/live_input.h"
#include "crossface/testing/testing.h"

namespace crossface::testing {

// Some seconds of moving pictures, a key frame every half second; 25 a second.
inline std::filesystem::path MakeTransportStream(const std::filesystem::path& folder, int seconds,
                                                 const std::string& size = "320x240") {
  auto path = folder / ("made-" + size + "-" + std::to_string(seconds) + ".ts");
  RunCommand("ffmpeg -nostdin -v error -f lavfi -i testsrc=s=" + size + ":r=25 -f lavfi -i sine -t " +
             std::to_string(seconds) +
             " -c:v libx264 -preset ultrafast -g 12 -tune zerolatency -pix_fmt yuv420p -c:a aac -f mpegts '" +
             path.string() + "'");
  return path;
}

struct FileInputBends {
  int64_t fail_after = INT64_MAX;  // packets; then kIo
  // May change a packet: its number among all, and itself.
  std::function<void(int64_t, AVPacket*)> bend;
};

class FileInput final : public LiveInput {
 public:
  FileInput(const std::filesystem::path& path, FileInputBends bends) : bends_(std::move(bends)) {
    file_ = std::move(*InputFile::Open(path));
    if (OpenLibavInput(*file_, log_, nullptr, &format_) < 0 ||
        avformat_find_stream_info(format_.get(), nullptr) < 0)
      throw std::runtime_error("cannot open " + path.string());
    pictures_ = format_->streams[av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0)];
  }
  AVFormatContext& format() override { return *format_; }
  AVStream& pictures() override { return *pictures_; }
  Result<bool> Read(AVPacket* packet) override {
    if (read_ >= bends_.fail_after) return Status(StatusCode::kIo, "the line is dead");
    if (av_read_frame(format_.get(), packet) < 0) return false;
    if (bends_.bend) bends_.bend(read_, packet);
    ++read_;
    return true;
  }

 private:
  const FileInputBends bends_;
  LibavLog log_;
  std::unique_ptr<InputFile> file_;
  LibavPtr<AVFormatContext> format_;
  AVStream* pictures_ = nullptr;
  int64_t read_ = 0;
};

// The packets of pictures that a file holds, as digests of their bytes, in order; and how many of its
// pictures can be decoded.
struct FileContent {
  std::vector<std::string> packets;
  int64_t decoded = 0;
};
inline FileContent ReadContent(const std::filesystem::path& path) {
  FileContent content;
  FileInput input(path, {});
  LibavPtr<AVPacket> packet(av_packet_alloc());
  const AVCodec* const codec = avcodec_find_decoder(input.pictures().codecpar->codec_id);
  LibavPtr<AVCodecContext> decoder(avcodec_alloc_context3(codec));
  avcodec_parameters_to_context(decoder.get(), input.pictures().codecpar);
  decoder->err_recognition = AV_EF_EXPLODE;
  avcodec_open2(decoder.get(), codec, nullptr);
  LibavPtr<AVFrame> frame(av_frame_alloc());
  const auto drain = [&] {
    while (avcodec_receive_frame(decoder.get(), frame.get()) == 0) ++content.decoded;
  };
  while (*input.Read(packet.get())) {
    if (packet->stream_index == input.pictures().index) {
      content.packets.emplace_back(reinterpret_cast<const char*>(packet->data),
                                   static_cast<size_t>(packet->size));
      avcodec_send_packet(decoder.get(), packet.get());
      drain();
    }
    av_packet_unref(packet.get());
  }
  avcodec_send_packet(decoder.get(), nullptr);
  drain();
  return content;
}

}  // namespace crossface::testing
