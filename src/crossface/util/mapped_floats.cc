#include "crossface/util/mapped_floats.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace crossface {
namespace {

// Maps the file and closes it, whatever comes of it.
Result<std::span<float>> Map(int descriptor, size_t bytes, int protection, int flags,
                             const std::filesystem::path& path) {
  if (bytes == 0) {
    ::close(descriptor);
    return std::span<float>();
  }
  void* start = ::mmap(nullptr, bytes, protection, flags, descriptor, 0);
  const int error = errno;
  ::close(descriptor);
  if (start == MAP_FAILED) return ErrnoStatus(error, fmt::format("cannot map {}", path.string()));
  return std::span(static_cast<float*>(start), bytes / sizeof(float));
}

}  // namespace

Result<MappedFloats> MappedFloats::Open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return ErrnoStatus(errno, fmt::format("cannot read {}", file.string()));
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) {
    const int error = errno;
    ::close(descriptor);
    return ErrnoStatus(error, fmt::format("cannot read {}", file.string()));
  }
  CROSSFACE_ASSIGN_OR_RETURN(
      const std::span<float> numbers,
      Map(descriptor, static_cast<size_t>(facts.st_size), PROT_READ, MAP_PRIVATE, file));
  return MappedFloats(numbers);
}

Result<MappedFloats> MappedFloats::Create(const std::filesystem::path& folder, size_t count) {
  const size_t bytes = count * sizeof(float);
  std::string name = (folder / ".vectors-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0)
    return ErrnoStatus(errno, fmt::format("cannot make a temporary file in {}", folder.string()));
  ::unlink(name.c_str());
  const int error = bytes > 0 ? ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes)) : 0;
  if (error != 0) {
    ::close(descriptor);
    return ErrnoStatus(error, fmt::format("cannot take {} MiB of the disk for a temporary file in {}",
                                          bytes >> 20, folder.string()));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::span<float> numbers,
                             Map(descriptor, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, folder));
  return MappedFloats(numbers);
}

MappedFloats::~MappedFloats() {
  if (!numbers_.empty()) ::munmap(numbers_.data(), numbers_.size_bytes());
}

}  // namespace crossface
