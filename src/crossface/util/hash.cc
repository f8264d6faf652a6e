#include "crossface/util/hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace crossface {

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  if (context_->evp == nullptr || EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL offers no SHA-256");
  }
}

Sha256::~Sha256() = default;

void Sha256::Update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size());
}

void Sha256::Update(std::string_view text) { EVP_DigestUpdate(context_->evp, text.data(), text.size()); }

std::string Sha256::HexDigest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_->evp, digest.data(), &size);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string Sha256Hex(std::string_view text) {
  Sha256 hash;
  hash.Update(text);
  return hash.HexDigest();
}

namespace {

// Never waits for a writer, as opening a pipe would.
Result<int> OpenRegularFile(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
  struct stat facts {};
  if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) return fd;
  ::close(fd);
  return Status(
      StatusCode::kUnsupported,
      fmt::format("cannot read {}: it is a folder, pipe, socket or device, not a file", path.string()));
}

}  // namespace

Result<std::string> Sha256OfFile(const std::filesystem::path& path, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const int fd, OpenRegularFile(path));
  const std::unique_ptr<const int, void (*)(const int*)> closer(&fd, [](const int* open) { ::close(*open); });
  Sha256 hash;
  std::vector<std::byte> block(1 << 20);
  while (true) {
    if (stop.stop_requested())
      return Status(StatusCode::kInterrupted, "stopped while reading " + path.string());
    const ssize_t count = ::read(fd, block.data(), block.size());
    if (count == 0) return hash.HexDigest();
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
    hash.Update(std::span<const std::byte>(block.data(), static_cast<size_t>(count)));
    // The end as it is now: a file that is being written to may never give nothing.
    if (static_cast<size_t>(count) < block.size()) return hash.HexDigest();
  }
}

}  // namespace crossface
