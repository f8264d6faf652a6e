#include "crossface/util/hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "crossface/util/file_descriptor.h"

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

Result<std::string> Sha256OfFile(const std::filesystem::path& path, const std::function<bool()>& keep_going) {
  // O_NONBLOCK: a pipe must not keep the program waiting for somebody at its other end.
  FileDescriptor opened(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat facts {};
  if (!opened.ok() || ::fstat(opened.get(), &facts) != 0)
    return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
  if (!S_ISREG(facts.st_mode))
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("cannot read {}: it is not a file", path.string()));
  const std::unique_ptr<FILE, int (*)(FILE*)> file(::fdopen(opened.get(), "rb"), &std::fclose);
  if (!file) return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
  opened.Release();
  Sha256 hash;
  std::vector<std::byte> block(1 << 20);
  while (true) {
    if (keep_going && !keep_going())
      return Status(StatusCode::kInterrupted, "stopped while reading " + path.string());
    const size_t count = std::fread(block.data(), 1, block.size(), file.get());
    hash.Update(std::span<const std::byte>(block.data(), count));
    if (count < block.size()) break;
  }
  if (std::ferror(file.get())) return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
  return hash.HexDigest();
}

}  // namespace crossface
