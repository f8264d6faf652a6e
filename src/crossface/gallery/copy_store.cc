#include "crossface/gallery/copy_store.h"

#include <fmt/format.h>

#include <array>

#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr std::array<std::string_view, 3> kKindNames = {"identical", "video", "still"};
constexpr std::array<std::string_view, 3> kCutOutNames = {"", "source", "other"};

template <typename Enum, size_t N>
Result<Enum> Parse(const std::array<std::string_view, N>& names, const std::string& name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return Status(StatusCode::kCorrupt, fmt::format("the gallery holds a copy of the unknown kind '{}'", name));
}

}  // namespace

std::string_view CopyKindName(CopyRecord::Kind kind) { return kKindNames.at(static_cast<size_t>(kind)); }

std::string_view CutOutName(CopyRecord::CutOut cut_out) {
  return kCutOutNames.at(static_cast<size_t>(cut_out));
}

Status CopyStore::WriteFingerprint(int64_t source_id, const std::string& sha256,
                                   const Fingerprint& fingerprint) {
  const std::string bytes = Serialise(fingerprint);
  return connection_.InTransaction([&] {
    connection_
        .Prepared("INSERT OR REPLACE INTO fingerprints(source_id, sha256, version, data) VALUES (?, ?, ?, ?)")
        .Bind(source_id, sha256, kFingerprintVersion,
              std::pair<const void*, size_t>(bytes.data(), bytes.size()))
        .Run();
    return Status();
  });
}

Result<std::optional<Fingerprint>> CopyStore::ReadFingerprint(int64_t source_id) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<FingerprintRecord> found, FingerprintsOf(source_id));
  if (found.empty()) return std::optional<Fingerprint>();
  return std::optional(std::move(found.front().fingerprint));
}

Result<std::vector<FingerprintRecord>> CopyStore::ReadFingerprints() { return FingerprintsOf(std::nullopt); }

Result<std::vector<FingerprintRecord>> CopyStore::FingerprintsOf(std::optional<int64_t> source_id) {
  return connection_.Guarded([&]() -> Result<std::vector<FingerprintRecord>> {
    std::vector<FingerprintRecord> fingerprints;
    Query query = connection_.Prepared(
        "SELECT source_id, data FROM fingerprints JOIN sources ON sources.id = source_id AND sources.sha256 "
        "= fingerprints.sha256 WHERE version = ?1 AND replaces IS NULL AND (?2 = 0 OR source_id = ?2) "
        "ORDER BY source_id");
    query.Bind(kFingerprintVersion, source_id.value_or(0));
    while (query.Step()) {
      const SQLite::Column data = query.Column(1);
      const std::string_view bytes(static_cast<const char*>(data.getBlob()),
                                   static_cast<size_t>(data.getBytes()));
      auto fingerprint = ParseFingerprint(bytes);
      if (!fingerprint.ok()) return fingerprint.status().Annotate(DisplayPath(connection_.path()));
      fingerprints.push_back({query.Integer(0), std::move(*fingerprint)});
    }
    return fingerprints;
  });
}

Result<std::vector<CopyRecord>> CopyStore::Read() {
  return connection_.Guarded([&]() -> Result<std::vector<CopyRecord>> {
    std::vector<CopyRecord> copies;
    // What was said of a content that has changed since does not hold.
    Query query = connection_.Prepared(
        "SELECT source_id, other_id, kind, start_us, other_start_us, length_us, votes, alike, "
        "copies.mirrored, cut_out "
        "FROM copies JOIN sources AS a ON a.id = source_id AND a.sha256 = source_sha256 "
        "JOIN sources AS b ON b.id = other_id AND b.sha256 = other_sha256 ORDER BY number");
    while (query.Step()) {
      CopyRecord copy{.source_id = query.Integer(0), .other_id = query.Integer(1)};
      CROSSFACE_ASSIGN_OR_RETURN(copy.kind, Parse<CopyRecord::Kind>(kKindNames, query.Text(2)));
      copy.start_us = query.Integer(3);
      copy.other_start_us = query.Integer(4);
      copy.length_us = query.Integer(5);
      copy.votes = query.Integer(6);
      copy.alike = query.Real(7);
      copy.mirrored = query.Integer(8) != 0;
      CROSSFACE_ASSIGN_OR_RETURN(copy.cut_out, Parse<CopyRecord::CutOut>(kCutOutNames, query.Text(9)));
      copies.push_back(copy);
    }
    return copies;
  });
}

void CopyStore::Replace(const std::vector<CopyRecord>& copies) {
  connection_.Prepared("DELETE FROM copies").Run();
  int64_t number = 0;
  for (const CopyRecord& copy : copies) {
    const std::string kind(CopyKindName(copy.kind)), cut_out(CutOutName(copy.cut_out));
    connection_
        .Prepared(
            "INSERT INTO copies(number, source_id, source_sha256, other_id, other_sha256, kind, start_us, "
            "other_start_us, length_us, votes, alike, mirrored, cut_out) VALUES (?1, ?2, (SELECT sha256 FROM "
            "sources WHERE id = ?2), ?3, (SELECT sha256 FROM sources WHERE id = ?3), ?4, ?5, ?6, ?7, ?8, ?9, "
            "?10, ?11)")
        .Bind(++number, copy.source_id, copy.other_id, kind, copy.start_us, copy.other_start_us,
              copy.length_us, copy.votes, copy.alike, copy.mirrored ? 1 : 0, cut_out)
        .Run();
  }
}

}  // namespace crossface
