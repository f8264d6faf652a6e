#include "crossface/io/byte_source.h"

#include <algorithm>
#include <vector>

#include "crossface/util/hash.h"

namespace crossface::io {

Result<size_t> ReadFully(const ByteSource& source, int64_t offset, std::span<std::byte> buffer) {
  size_t done = 0;
  while (done < buffer.size()) {
    CROSSFACE_ASSIGN_OR_RETURN(const size_t got,
                               source.ReadAt(offset + static_cast<int64_t>(done), buffer.subspan(done)));
    if (got == 0) break;
    done += got;
  }
  return done;
}

Result<std::string> HashOf(const ByteSource& source, const std::stop_token& stop) {
  constexpr int64_t kBlock = 1 << 20;
  Sha256 hash;
  std::vector<std::byte> block(kBlock);
  for (int64_t at = 0; at < source.size();) {
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped while it was read");
    const auto wanted = static_cast<size_t>(std::min(kBlock, source.size() - at));
    CROSSFACE_ASSIGN_OR_RETURN(const size_t got, source.ReadAt(at, {block.data(), wanted}));
    if (got == 0) break;
    hash.Update(std::span<const std::byte>(block.data(), got));
    at += static_cast<int64_t>(got);
  }
  return hash.HexDigest();
}

}  // namespace crossface::io
