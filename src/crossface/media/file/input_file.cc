#include "crossface/media/file/input_file.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "crossface/io/store.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavformat/avio.h>
#include <libavutil/mem.h>
}

namespace crossface {
namespace {

constexpr int kBufferBytes = 1 << 16;

}  // namespace

Result<std::unique_ptr<InputFile>> InputFile::Open(const std::filesystem::path& path, std::stop_token stop) {
  CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<io::ByteSource> source,
                             io::Open(path, io::Links::kFollow, stop));
  return std::unique_ptr<InputFile>(new InputFile(path, std::move(source), std::move(stop)));
}

InputFile::InputFile(std::filesystem::path path, std::unique_ptr<io::ByteSource> source, std::stop_token stop)
    : path_(std::move(path)), source_(std::move(source)), size_(source_->size()), stop_(std::move(stop)) {
  auto* const buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  if (buffer != nullptr) context_ = avio_alloc_context(buffer, kBufferBytes, 0, this, &Read, nullptr, &Seek);
  if (context_ == nullptr) {
    av_free(buffer);
    throw std::bad_alloc();
  }
}

InputFile::~InputFile() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
}

void InputFile::LimitTo(int64_t begin, int64_t end) {
  begin_ += begin;
  size_ = end - begin;
}

Result<std::string> InputFile::ReadAt(int64_t offset, size_t count) const {
  if (stop_.stop_requested())
    return Status(StatusCode::kInterrupted, DisplayPath(path_) + ": reading was interrupted");
  std::string bytes(std::min(count, static_cast<size_t>(std::max<int64_t>(size_ - offset, 0))), '\0');
  CROSSFACE_ASSIGN_OR_RETURN(const size_t got, Fill(offset, std::as_writable_bytes(std::span(bytes))));
  bytes.resize(got);
  return bytes;
}

Result<size_t> InputFile::Fill(int64_t offset, std::span<std::byte> buffer) const {
  Result<size_t> got = io::ReadFully(*source_, begin_ + offset, buffer);
  if (got.status().code() == StatusCode::kInterrupted) interrupted_ = true;
  if (!got.ok() && !interrupted_ && failure_.ok()) failure_ = Status(StatusCode::kIo, got.status().message());
  return got;
}

int InputFile::Read(void* self, uint8_t* buffer, int size) {
  auto& file = *static_cast<InputFile*>(self);
  if (file.stop_.stop_requested()) {
    file.interrupted_ = true;
    return AVERROR_EXIT;
  }
  // A file that has grown since it was opened is read to the end that it had.
  const int64_t count = std::clamp<int64_t>(file.size_ - file.position_, 0, size);
  const Result<size_t> got =
      file.Fill(file.position_, {reinterpret_cast<std::byte*>(buffer), static_cast<size_t>(count)});
  if (file.interrupted_) return AVERROR_EXIT;
  if (!got.ok()) return AVERROR(EIO);
  if (*got == 0) return AVERROR_EOF;
  file.position_ += static_cast<int64_t>(*got);
  return static_cast<int>(*got);
}

int64_t InputFile::Seek(void* self, int64_t offset, int whence) {
  auto& file = *static_cast<InputFile*>(self);
  int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return file.size_;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      base = file.position_;
      break;
    case SEEK_END:
      base = file.size_;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (offset > INT64_MAX - base || base + offset < 0) return AVERROR(EINVAL);
  return file.position_ = base + offset;
}

}  // namespace crossface
