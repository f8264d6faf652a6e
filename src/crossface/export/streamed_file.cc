#include "crossface/export/streamed_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace crossface {
namespace {

constexpr size_t kBlock = 1 << 18;

// As many bytes as there are, up to the block's size.
Result<size_t> ReadBlock(int file, std::string* block, const std::string& name) {
  size_t filled = 0;
  while (filled < block->size()) {
    const ssize_t read = ::read(file, block->data() + filled, block->size() - filled);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return ErrnoStatus(errno, fmt::format("cannot read {}", name));
    if (read == 0) break;
    filled += static_cast<size_t>(read);
  }
  return filled;
}

}  // namespace

StreamedFile::StreamedFile(const Directory& folder, std::string path)
    : folder_(folder), path_(std::move(path)) {
  if (auto there = folder_.OpenFile(path_); there.ok()) there_ = *std::move(there);
}

StreamedFile::~StreamedFile() {
  if (made_) folder_.RemoveFile(made_->path).ok();
}

Status StreamedFile::Append(std::string_view text) {
  waiting_ += text;
  return waiting_.size() < kBlock ? Status() : Flush();
}

Status StreamedFile::Flush() {
  const std::string name = (folder_.path() / path_).string();
  hash_.Update(waiting_);
  if (there_) {
    std::string block(waiting_.size(), '\0');
    CROSSFACE_ASSIGN_OR_RETURN(const size_t read, ReadBlock(there_->get(), &block, name));
    if (read == block.size() && block == waiting_) {
      alike_ += static_cast<int64_t>(read);
      waiting_.clear();
      return Status();
    }
  }
  CROSSFACE_RETURN_IF_ERROR(Part());
  CROSSFACE_RETURN_IF_ERROR(WriteAll(made_->file.get(), waiting_, name));
  waiting_.clear();
  return Status();
}

Status StreamedFile::Part() {
  if (made_) return Status();
  const size_t slash = path_.rfind('/');
  CROSSFACE_ASSIGN_OR_RETURN(
      made_, folder_.CreateTemporary(slash == std::string::npos ? "" : path_.substr(0, slash)));
  const std::string name = (folder_.path() / path_).string();
  if (there_ && ::lseek(there_->get(), 0, SEEK_SET) != 0)
    return ErrnoStatus(errno, fmt::format("cannot read {}", name));
  std::string block;
  for (int64_t left = alike_; left > 0; left -= static_cast<int64_t>(block.size())) {
    block.resize(static_cast<size_t>(std::min<int64_t>(left, kBlock)));
    CROSSFACE_ASSIGN_OR_RETURN(const size_t read, ReadBlock(there_->get(), &block, name));
    if (read != block.size())
      return Status(StatusCode::kIo, fmt::format("{} was changed while it was read", name));
    CROSSFACE_RETURN_IF_ERROR(WriteAll(made_->file.get(), block, name));
  }
  there_.reset();
  return Status();
}

Result<bool> StreamedFile::Finish() {
  CROSSFACE_RETURN_IF_ERROR(Flush());
  const std::string name = (folder_.path() / path_).string();
  if (there_) {
    std::string more(1, '\0');
    CROSSFACE_ASSIGN_OR_RETURN(const size_t read, ReadBlock(there_->get(), &more, name));
    if (read == 0) return false;
  }
  CROSSFACE_RETURN_IF_ERROR(Part());
  if (!made_->file.Close()) return ErrnoStatus(errno, fmt::format("cannot write {}", name));
  CROSSFACE_RETURN_IF_ERROR(folder_.Rename(made_->path, path_));
  made_.reset();
  return true;
}

}  // namespace crossface
