// Fingerprints of sources, and which sources are copies. Part of Gallery, whose rules for threads and errors
// apply.
#pragma once

#include <optional>
#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/records.h"

namespace crossface {

class CopyStore {
 public:
  explicit CopyStore(Connection& connection) : connection_(connection) {}

  Status WriteFingerprint(int64_t source_id, const std::string& sha256, const Fingerprint& fingerprint);
  Result<std::vector<FingerprintRecord>> ReadFingerprints();
  Result<std::optional<Fingerprint>> ReadFingerprint(int64_t source_id);
  Result<std::vector<CopyRecord>> Read();
  // REQUIRES: a transaction.
  void Replace(const std::vector<CopyRecord>& copies);

 private:
  // Of all sources, or of one.
  Result<std::vector<FingerprintRecord>> FingerprintsOf(std::optional<int64_t> source_id);

  Connection& connection_;
};

}  // namespace crossface
