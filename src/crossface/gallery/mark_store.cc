#include "crossface/gallery/mark_store.h"

namespace crossface {

void MarkStore::Begin(int64_t source_id) {
  connection_.Prepared("UPDATE sources SET marked = 1 WHERE id = ?").Bind(source_id).Run();
}

void MarkStore::Append(int64_t source_id, const SourceMarks& marks) {
  for (const int64_t cut : marks.cuts_us) Insert(source_id, Kind::kCut, {cut, cut});
  for (const MarkedSpan& span : marks.dark) Insert(source_id, Kind::kDark, span);
  for (const MarkedSpan& span : marks.still) Insert(source_id, Kind::kStill, span);
}

void MarkStore::Insert(int64_t source_id, Kind kind, const MarkedSpan& span) {
  connection_.Prepared("INSERT INTO source_marks(source_id, kind, start_us, end_us) VALUES (?, ?, ?, ?)")
      .Bind(source_id, static_cast<int64_t>(kind), span.start_us, span.end_us)
      .Run();
}

void MarkStore::Remove(int64_t source_id) {
  connection_.Prepared("DELETE FROM source_marks WHERE source_id = ?").Bind(source_id).Run();
}

Result<std::optional<SourceMarks>> MarkStore::Read(int64_t source_id) {
  return connection_.InSnapshot([&]() -> Result<std::optional<SourceMarks>> {
    {
      Query source = connection_.Prepared("SELECT marked FROM sources WHERE id = ?");
      source.Bind(source_id);
      if (!source.Step() || source.Integer(0) == 0) return std::optional<SourceMarks>();
    }
    SourceMarks marks;
    Query query = connection_.Prepared(
        "SELECT kind, start_us, end_us FROM source_marks WHERE source_id = ? ORDER BY rowid");
    query.Bind(source_id);
    while (query.Step()) {
      const int64_t kind = query.Integer(0);
      const MarkedSpan span{query.Integer(1), query.Integer(2)};
      if (kind < 0 || kind > static_cast<int64_t>(Kind::kStill) || span.end_us < span.start_us)
        return connection_.Damaged("an impossible mark of a source");
      if (kind == static_cast<int64_t>(Kind::kCut)) {
        marks.cuts_us.push_back(span.start_us);
      } else {
        (kind == static_cast<int64_t>(Kind::kDark) ? marks.dark : marks.still).push_back(span);
      }
    }
    return std::optional(std::move(marks));
  });
}

}  // namespace crossface
