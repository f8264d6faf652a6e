#include "crossface/evaluation/truth.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

constexpr std::array<std::string_view, 7> kVisibilities = {"clear", "small", "profile", "partial",
                                                           "dark",  "back",  "ignore"};

// The fields of one row by column name, with the line in every error.
class Row {
 public:
  Row(const CsvTable& table, size_t index) : table_(table), fields_(table.rows[index]), line_(index + 2) {}

  std::string Text(std::string_view column) const {
    const int index = table_.Column(column);
    return index < 0 ? std::string() : fields_[index];
  }

  Result<double> Number(std::string_view column) const {
    const std::string text = Text(column);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      return Error(fmt::format("{} is \"{}\", not a number", column, text));
    }
    return value;
  }

  // Reads [start, end) in the unit of so many microseconds.
  Status Times(std::string_view start, std::string_view end, double unit_us, int64_t* start_us,
               int64_t* end_us) const {
    CROSSFACE_ASSIGN_OR_RETURN(const double first, Number(start));
    CROSSFACE_ASSIGN_OR_RETURN(const double last, Number(end));
    if (!(last > first)) return Error(fmt::format("{} {} is not after {} {}", end, last, start, first));
    if (std::abs(first) * unit_us > 1e15 || std::abs(last) * unit_us > 1e15)
      return Error("times of more than 30 years");
    *start_us = std::llround(first * unit_us);
    *end_us = std::llround(last * unit_us);
    return {};
  }

  Status Error(const std::string& what) const {
    return {StatusCode::kCorrupt, fmt::format("truth file, line {}: {}", line_, what)};
  }

 private:
  const CsvTable& table_;
  const std::vector<std::string>& fields_;
  const size_t line_;
};

bool HasColumns(const CsvTable& table, std::initializer_list<std::string_view> columns) {
  for (const auto column : columns) {
    if (table.Column(column) < 0) return false;
  }
  return true;
}

Result<TruthBox> ParseBox(const Row& row) {
  TruthBox box{.video = row.Text("video"), .person = row.Text("person"), .box = {}, .kind = row.Text("kind")};
  CROSSFACE_RETURN_IF_ERROR(row.Times("start_ms", "end_ms", 1e3, &box.start_us, &box.end_us));
  CROSSFACE_ASSIGN_OR_RETURN(const double x, row.Number("x"));
  CROSSFACE_ASSIGN_OR_RETURN(const double y, row.Number("y"));
  CROSSFACE_ASSIGN_OR_RETURN(const double w, row.Number("w"));
  CROSSFACE_ASSIGN_OR_RETURN(const double h, row.Number("h"));
  if (!(w > 0 && h > 0)) return row.Error(fmt::format("a box of {} x {} pixels", w, h));
  box.box =
      cv::Rect2f(static_cast<float>(x), static_cast<float>(y), static_cast<float>(w), static_cast<float>(h));
  return box;
}

Result<TruthInterval> ParseInterval(const Row& row) {
  TruthInterval interval{.video = row.Text("video"), .person = row.Text("person")};
  CROSSFACE_RETURN_IF_ERROR(row.Times("start_s", "end_s", 1e6, &interval.start_us, &interval.end_us));
  const std::string visibility = row.Text("visibility");
  for (size_t i = 0; i < kVisibilities.size(); ++i) {
    if (visibility != kVisibilities[i]) continue;
    interval.visibility = interval.person.starts_with('*') ? Visibility::kIgnore : static_cast<Visibility>(i);
    return interval;
  }
  return row.Error(
      fmt::format("visibility \"{}\" is none of {}", visibility, fmt::join(kVisibilities, ", ")));
}

}  // namespace

Result<Truth> ParseTruth(std::string_view csv) {
  CROSSFACE_ASSIGN_OR_RETURN(const CsvTable table, ParseCsv(csv));
  Truth truth;
  if (HasColumns(table, {"video", "person", "start_ms", "end_ms", "x", "y", "w", "h"})) {
    truth.kind = Truth::Kind::kBoxes;
  } else if (HasColumns(table, {"video", "person", "start_s", "end_s", "visibility"})) {
    truth.kind = Truth::Kind::kIntervals;
  } else {
    return Status(StatusCode::kCorrupt,
                  "truth file, line 1: the header is neither video,person,start_ms,end_ms,x,y,w,h nor "
                  "video,person,start_s,end_s,visibility");
  }
  if (table.rows.empty()) return Status(StatusCode::kCorrupt, "the truth file has no rows");
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const Row row(table, i);
    if (row.Text("video").empty() || row.Text("person").empty()) return row.Error("video or person is empty");
    if (truth.kind == Truth::Kind::kBoxes) {
      CROSSFACE_ASSIGN_OR_RETURN(TruthBox box, ParseBox(row));
      truth.boxes.push_back(std::move(box));
    } else {
      CROSSFACE_ASSIGN_OR_RETURN(TruthInterval interval, ParseInterval(row));
      truth.intervals.push_back(std::move(interval));
    }
  }
  return truth;
}

Result<Truth> ReadTruth(const std::filesystem::path& path) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto truth = ParseTruth(text);
  if (!truth.ok()) return truth.status().Annotate(path.string());
  return truth;
}

}  // namespace crossface
