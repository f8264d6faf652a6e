#include "crossface/gallery/correction_store.h"

#include <fmt/format.h>

#include <stdexcept>

#include "crossface/gallery/case_guard.h"

namespace crossface {

Result<std::vector<CorrectionRecord>> CorrectionStore::Read() {
  return connection_.Guarded([&]() -> Result<std::vector<CorrectionRecord>> {
    std::vector<CorrectionRecord> corrections;
    Query query = connection_.Prepared("SELECT id, time, verb, body FROM corrections ORDER BY id");
    while (query.Step()) {
      corrections.push_back({query.Integer(0), query.Text(1), query.Text(2), query.Text(3)});
      CROSSFACE_RETURN_IF_ERROR(CheckStoredCorrection(corrections.back()));
    }
    return corrections;
  });
}

Result<int64_t> CorrectionStore::NextId() {
  return connection_.Guarded([&]() -> Result<int64_t> {
    Query query = connection_.Prepared("SELECT seq FROM sqlite_sequence WHERE name = 'corrections'");
    return query.Step() ? query.Integer(0) + 1 : 1;
  });
}

Status CorrectionStore::Append(const CorrectionRecord& correction) {
  CROSSFACE_ASSIGN_OR_RETURN(const int64_t next, NextId());
  if (correction.id != next)
    throw std::logic_error(fmt::format("correction {} is appended where {} is due", correction.id, next));
  connection_.Prepared("INSERT INTO corrections(id, time, verb, body) VALUES (?, ?, ?, ?)")
      .Bind(correction.id, correction.time, correction.verb, correction.body)
      .Run();
  return Status();
}

Status CorrectionStore::Replace(const std::vector<CorrectionRecord>& corrections) {
  for (const CorrectionRecord& correction : corrections) {
    connection_.Prepared("UPDATE corrections SET body = ? WHERE id = ?")
        .Bind(correction.body, correction.id)
        .Run();
  }
  return Status();
}

}  // namespace crossface
