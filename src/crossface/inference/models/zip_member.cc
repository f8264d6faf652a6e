#include "crossface/inference/models/zip_member.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <vector>

namespace crossface {
namespace {

constexpr size_t kBlock = 1 << 16;

struct Close {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

class ZipReader {
 public:
  explicit ZipReader(const std::filesystem::path& path) : path_(path), reader_(archive_read_new()) {
    archive_read_support_format_zip_seekable(reader_.get());
  }

  Status Open() {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path_, error))
      return Status(StatusCode::kNotFound, path_.string() + " is not there");
    if (archive_read_open_filename(reader_.get(), path_.c_str(), kBlock) != ARCHIVE_OK) return Damaged();
    return Status();
  }

  // Stands at the next file called `name`; false when there is none.
  Result<bool> Next(const std::string& name) {
    archive_entry* entry = nullptr;
    int answer = ARCHIVE_OK;
    while ((answer = archive_read_next_header(reader_.get(), &entry)) == ARCHIVE_OK) {
      const char* path = archive_entry_pathname_utf8(entry);
      if (path == nullptr || archive_entry_filetype(entry) != AE_IFREG) continue;
      if (std::filesystem::path(path).filename() == name) return true;
    }
    if (answer != ARCHIVE_EOF) return Damaged();
    return false;
  }

  // The number of bytes read; 0 at the file's end.
  Result<size_t> Read(std::vector<char>* block) {
    const la_ssize_t size = archive_read_data(reader_.get(), block->data(), block->size());
    if (size < 0) return Damaged();
    return static_cast<size_t>(size);
  }

 private:
  Status Damaged() const {
    const char* reason = archive_error_string(reader_.get());
    return Status(StatusCode::kCorrupt, fmt::format("{} cannot be unpacked: {}", path_.string(),
                                                    reason == nullptr ? "it is damaged" : reason));
  }
  const std::filesystem::path path_;
  const std::unique_ptr<archive, Close> reader_;
};

Status Unpack(ZipReader* reader, const std::string& name, const std::filesystem::path& to, int64_t most_bytes,
              const std::stop_token& stop) {
  std::ofstream file(to, std::ios::binary | std::ios::trunc);
  std::vector<char> block(kBlock);
  for (int64_t written = 0;;) {
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped while unpacking");
    CROSSFACE_ASSIGN_OR_RETURN(const size_t size, reader->Read(&block));
    if (size == 0) break;
    written += static_cast<int64_t>(size);
    if (written > most_bytes)
      return Status(StatusCode::kCorrupt,
                    fmt::format("{} has more than the {} bytes that are taken", name, most_bytes));
    errno = 0;
    if (!file.write(block.data(), static_cast<std::streamsize>(size)))
      return ErrnoStatus(errno, "cannot write " + to.string());
  }
  errno = 0;
  file.close();
  return file ? Status() : ErrnoStatus(errno, "cannot write " + to.string());
}

}  // namespace

Status TakeFromZip(const std::filesystem::path& archive, const std::string& name,
                   const std::filesystem::path& to, int64_t most_bytes, const std::stop_token& stop) {
  ZipReader reader(archive);
  CROSSFACE_RETURN_IF_ERROR(reader.Open());
  CROSSFACE_ASSIGN_OR_RETURN(const bool found, reader.Next(name));
  if (!found) return Status(StatusCode::kNotFound, fmt::format("{} holds no {}", archive.string(), name));
  Status status = Unpack(&reader, name, to, most_bytes, stop);
  if (status.ok()) {
    const Result<bool> another = reader.Next(name);
    if (!another.ok()) status = another.status();
    if (another.ok() && *another)
      status =
          Status(StatusCode::kCorrupt, fmt::format("{} holds two files called {}", archive.string(), name));
  }
  std::error_code ignored;
  if (!status.ok()) std::filesystem::remove(to, ignored);
  return status;
}

}  // namespace crossface
