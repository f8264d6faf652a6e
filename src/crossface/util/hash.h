// SHA-256 of bytes and files (OpenSSL). Thread-safe: no shared state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

// Feeds bytes, then gives 64 lower-case hexadecimal digits. Not thread-safe; one object per digest.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Update(std::span<const std::byte> bytes);
  void Update(std::string_view text);
  // Call once.
  std::string HexDigest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string Sha256Hex(std::string_view text);

// Reads the file once, in 1 MiB blocks. A stop is looked for between blocks and gives
// kInterrupted. Errors: kNotFound, kPermissionDenied, kUnsupported (no regular file; it is refused, not
// waited for), kIo.
Result<std::string> Sha256OfFile(const std::filesystem::path& path, const std::stop_token& stop = {});

}  // namespace crossface
