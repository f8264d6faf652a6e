#include "columns.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <numbers>

#include "crossface/util/time.h"

namespace crossface::python {
namespace {

namespace nb = nanobind;

nb::object TextOrNone(std::string_view text) { return text.empty() ? nb::object(nb::none()) : Text(text); }

// A column of a value for each row.
template <typename Rows, typename Value>
nb::list Column(const Rows& rows, const Value& value) {
  nb::list column;
  for (const auto& row : rows) column.append(value(row));
  return column;
}

// Columns of whose rows are, which tracks and faces have in common.
template <typename Rows>
void AddWhose(const Rows& rows, nb::dict* columns) {
  nb::dict& to = *columns;
  to["person"] = Column(rows, [](const auto& row) { return TextOrNone(row.whose.person); });
  to["person_id"] = Column(rows, [](const auto& row) { return row.whose.person_id; });
  to["ignored"] = Column(rows, [](const auto& row) { return row.whose.ignored; });
  to["reason"] =
      Column(rows, [](const auto& row) { return TextOrNone(UnassignedReasonName(row.whose.reason)); });
  to["source"] = Column(rows, [](const auto& row) { return Text(row.source); });
  to["track"] = Column(rows, [](const auto& row) { return row.track; });
}

}  // namespace

nb::object Text(std::string_view text) {
  return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

nb::dict PeopleColumns(const PeopleAnswer& answer) {
  const auto column = [&](const auto& value) { return Column(answer.persons, value); };
  using Row = PersonAnswer;
  nb::dict columns;
  columns["person"] = column([](const Row& row) { return Text(row.name); });
  columns["person_id"] = column([](const Row& row) { return row.id; });
  columns["ignored"] = column([](const Row& row) { return row.ignored; });
  columns["tracks"] = column([](const Row& row) { return row.tracks; });
  columns["faces"] = column([](const Row& row) { return row.faces; });
  columns["sources"] = column([](const Row& row) { return row.sources; });
  columns["screen_ms"] = column([](const Row& row) { return Milliseconds(row.screen_us); });
  columns["confirmed_tracks"] = column([](const Row& row) { return row.confirmed_tracks; });
  columns["cohesion"] = column([](const Row& row) { return nb::cast(row.cohesion); });
  return columns;
}

nb::dict SourcesColumns(const SourcesAnswer& answer) {
  const auto column = [&](const auto& value) { return Column(answer.sources, value); };
  using Row = SourceRecord;
  nb::dict columns;
  columns["source"] = column([](const Row& row) { return Text(row.name); });
  columns["sha256"] = column([](const Row& row) { return TextOrNone(row.sha256); });
  columns["bytes"] = column([](const Row& row) { return row.info.bytes; });
  columns["duration_ms"] = column([](const Row& row) { return row.info.duration_ms; });
  columns["width"] = column([](const Row& row) { return row.info.width; });
  columns["height"] = column([](const Row& row) { return row.info.height; });
  columns["rotation"] = column([](const Row& row) { return row.info.rotation; });
  columns["fps"] = column([](const Row& row) { return row.info.fps; });
  columns["codec"] = column([](const Row& row) { return TextOrNone(row.info.codec); });
  columns["created"] = column([](const Row& row) { return TextOrNone(row.info.created); });
  columns["created_from"] = column([](const Row& row) { return TextOrNone(row.info.created_from); });
  columns["latitude"] = column([](const Row& row) { return nb::cast(row.info.latitude); });
  columns["longitude"] = column([](const Row& row) { return nb::cast(row.info.longitude); });
  columns["device"] = column([](const Row& row) { return TextOrNone(row.info.device); });
  columns["decoded"] = column([](const Row& row) { return row.counts.decoded; });
  columns["dark"] = column([](const Row& row) { return row.counts.dark; });
  columns["still"] = column([](const Row& row) { return row.counts.still; });
  columns["kept"] = column([](const Row& row) { return row.counts.kept; });
  columns["faces"] = column([](const Row& row) { return row.faces; });
  columns["tracks"] = column([](const Row& row) { return row.tracks; });
  columns["status"] = column([](const Row& row) { return Text(SourceStateName(row.state)); });
  columns["message"] = column([](const Row& row) { return TextOrNone(row.message); });
  return columns;
}

nb::dict AppearancesColumns(const AppearancesAnswer& answer) {
  const auto column = [&](const auto& value) { return Column(answer.appearances, value); };
  using Row = AppearanceAnswer;
  nb::dict columns;
  AddWhose(answer.appearances, &columns);
  columns["start_ms"] = column([](const Row& row) { return Milliseconds(row.start_us); });
  columns["end_ms"] = column([](const Row& row) { return Milliseconds(row.end_us); });
  columns["faces"] = column([](const Row& row) { return row.faces; });
  columns["confidence"] = column([](const Row& row) { return row.confidence; });
  columns["portrait"] = column([](const Row& row) { return TextOrNone(row.portrait); });
  columns["start_time"] = column([](const Row& row) { return TextOrNone(row.start_time); });
  columns["end_time"] = column([](const Row& row) { return TextOrNone(row.end_time); });
  columns["time_from"] = column([](const Row& row) { return TextOrNone(row.time_from); });
  columns["source_sha256"] = column([](const Row& row) { return TextOrNone(row.source_sha256); });
  return columns;
}

nb::dict FacesColumns(const std::vector<FaceAnswer>& faces) {
  const auto column = [&](const auto& value) { return Column(faces, value); };
  using Row = FaceAnswer;
  nb::dict columns;
  AddWhose(faces, &columns);
  columns["face"] = column([](const Row& row) { return row.face; });
  columns["time_ms"] = column([](const Row& row) { return Milliseconds(row.time_us); });
  columns["frame"] = column([](const Row& row) { return row.frame; });
  columns["x"] = column([](const Row& row) { return row.box.x; });
  columns["y"] = column([](const Row& row) { return row.box.y; });
  columns["w"] = column([](const Row& row) { return row.box.width; });
  columns["h"] = column([](const Row& row) { return row.box.height; });
  columns["score"] = column([](const Row& row) { return row.score; });
  columns["quality"] = column([](const Row& row) { return row.quality; });
  columns["detectors"] = column([](const Row& row) { return Text(row.detectors); });
  columns["image"] = column([](const Row& row) { return TextOrNone(row.image); });
  return columns;
}

nb::dict HitsColumns(const SearchAnswer& answer) {
  struct Row {
    const SearchAnswer::Query& query;
    const SearchHit& hit;
    size_t rank;
  };
  std::vector<Row> rows;
  for (const SearchAnswer::Query& query : answer.queries) {
    for (size_t i = 0; i < query.hits.size(); ++i) rows.push_back({query, query.hits[i], i + 1});
  }
  const auto column = [&](const auto& value) { return Column(rows, value); };
  nb::dict columns;
  columns["query"] = column([](const Row& row) { return Text(row.query.told); });
  columns["rank"] = column([](const Row& row) { return row.rank; });
  columns["likely"] = column([](const Row& row) { return row.hit.likely; });
  columns["person"] = column([](const Row& row) { return TextOrNone(row.hit.person); });
  columns["person_id"] = column([](const Row& row) { return row.hit.person_id; });
  columns["ignored"] = column([](const Row& row) { return row.hit.ignored; });
  columns["probability"] = column([](const Row& row) { return row.hit.probability; });
  columns["log10_likelihood_ratio"] =
      column([](const Row& row) { return row.hit.log_odds / std::numbers::ln10; });
  columns["expected_strangers"] = column([](const Row& row) { return row.hit.expected_strangers; });
  columns["source"] = column([](const Row& row) { return Text(row.hit.source); });
  columns["track"] = column([](const Row& row) { return row.hit.track; });
  columns["start_ms"] = column([](const Row& row) { return Milliseconds(row.hit.start_us); });
  columns["end_ms"] = column([](const Row& row) { return Milliseconds(row.hit.end_us); });
  columns["time_ms"] = column([](const Row& row) { return Milliseconds(row.hit.time_us); });
  columns["picture"] = column([](const Row& row) { return TextOrNone(row.hit.picture); });
  return columns;
}

}  // namespace crossface::python
