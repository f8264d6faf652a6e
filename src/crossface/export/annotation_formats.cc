// CVAT and MOT: boxes by frame number, to be corrected in an annotation program.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "crossface/export/formats.h"
#include "crossface/util/csv.h"

namespace crossface {
namespace {

// Of the whole source, so that every frame number below fits.
int64_t Frames(const CaseView& view, size_t source, const std::vector<size_t>& tracks) {
  int64_t frames = std::max<int64_t>(view.sources[source].counts.decoded, 1);
  for (const size_t i : tracks) {
    for (const FaceRecord& face : view.tracks[i].faces) frames = std::max(frames, face.frame + 1);
  }
  return frames;
}

// Inside the picture, as annotation programs want them. Width and height may be 0 for a face beyond its edge.
cv::Rect2f Inside(const cv::Rect2f& box, const SourceInfo& info) {
  return box & cv::Rect2f(0, 0, static_cast<float>(info.width), static_cast<float>(info.height));
}

std::string CvatBox(const cv::Rect2f& box, int64_t frame, bool outside) {
  return fmt::format(
      "    <box frame=\"{}\" outside=\"{}\" occluded=\"0\" keyframe=\"1\" xtl=\"{:.2f}\" ytl=\"{:.2f}\" "
      "xbr=\"{:.2f}\" "
      "ybr=\"{:.2f}\" z_order=\"0\">\n",
      frame, outside ? 1 : 0, box.x, box.y, box.x + box.width, box.y + box.height);
}

std::string CvatTrack(const CaseView& view, size_t i, size_t id, int64_t frames) {
  const TrackRecord& track = view.tracks[i];
  const SourceInfo& info = view.sources[view.source_of[i]].info;
  const std::string attributes = fmt::format(
      "      <attribute name=\"person\">{}</attribute>\n      <attribute name=\"track\">{}</attribute>\n"
      "    </box>\n",
      XmlText(WhoIs(view, i)), track.number);
  std::string xml = fmt::format("  <track id=\"{}\" label=\"face\" source=\"auto\">\n", id);
  for (const FaceRecord& face : track.faces)
    xml += CvatBox(Inside(face.detection.box, info), face.frame, false) + attributes;
  // Without an end the last box would stay to the end of the video.
  const FaceRecord& last = track.faces.back();
  if (last.frame + 1 < frames)
    xml += CvatBox(Inside(last.detection.box, info), last.frame + 1, true) + attributes;
  return xml + "  </track>\n";
}

}  // namespace

std::string CvatXml(const CaseView& view, size_t source) {
  const SourceRecord& record = view.sources[source];
  const std::vector<size_t> tracks = TracksOf(view, source);
  const int64_t frames = Frames(view, source, tracks);
  std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    "
      "<task>\n"
      "      <name>{0}</name>\n      <size>{1}</size>\n      <mode>interpolation</mode>\n      "
      "<overlap>0</overlap>\n"
      "      <bugtracker></bugtracker>\n      <start_frame>0</start_frame>\n      "
      "<stop_frame>{2}</stop_frame>\n"
      "      <frame_filter></frame_filter>\n      <labels>\n        <label>\n          <name>face</name>\n"
      "          <color>#33ddff</color>\n          <type>any</type>\n          <attributes>\n"
      "            <attribute><name>person</name><mutable>False</mutable><input_type>text</input_type>"
      "<default_value></default_value><values></values></attribute>\n"
      "            <attribute><name>track</name><mutable>False</mutable><input_type>text</input_type>"
      "<default_value></default_value><values></values></attribute>\n"
      "          </attributes>\n        </label>\n      </labels>\n"
      "      <original_size><width>{3}</width><height>{4}</height></original_size>\n      "
      "<source>{0}</source>\n"
      "    </task>\n  </meta>\n",
      XmlText(record.name), frames, frames - 1, record.info.width, record.info.height);
  for (size_t id = 0; id < tracks.size(); ++id) xml += CvatTrack(view, tracks[id], id, frames);
  return xml + "</annotations>\n";
}

std::string MotRows(const CaseView& view, size_t source) {
  struct Row {
    int64_t frame, identity;
    cv::Rect2f box;
  };
  std::vector<Row> rows;
  for (const size_t i : TracksOf(view, source)) {
    for (const FaceRecord& face : view.tracks[i].faces)
      rows.push_back(
          {face.frame + 1, view.tracks[i].number, Inside(face.detection.box, view.sources[source].info)});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::pair(a.frame, a.identity) < std::pair(b.frame, b.identity);
  });
  std::string text;
  for (const Row& row : rows) {
    // Frame and class from 1; "to be considered"; wholly visible.
    text += fmt::format("{},{},{:.2f},{:.2f},{:.2f},{:.2f},1,1,1.0\n", row.frame, row.identity, row.box.x,
                        row.box.y, row.box.width, row.box.height);
  }
  return text;
}

std::string MotSequence(const CaseView& view, size_t source) {
  const SourceRecord& record = view.sources[source];
  std::string name = record.name;
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return fmt::format(
      "[Sequence]\nname={}\nimDir=img1\nframeRate={}\nseqLength={}\nimWidth={}\nimHeight={}\nimExt=."
      "jpg\n",
      name, std::max(1L, std::lround(record.info.fps)), Frames(view, source, TracksOf(view, source)),
      record.info.width, record.info.height);
}

std::string MotIdentities(const CaseView& view, size_t source) {
  std::string csv = CsvRow(std::vector<std::string>{"id", "person"});
  for (const size_t i : TracksOf(view, source))
    csv += CsvRow(std::vector<std::string>{std::to_string(view.tracks[i].number), view.PersonName(i)});
  return SpreadsheetCsv(csv);
}

std::string SpreadsheetCsv(const std::string& csv) {
  const Result<CsvTable> table = ParseCsv(csv);
  if (!table.ok()) throw std::logic_error("a log that this program wrote: " + table.status().message());
  std::string safe = CsvRow(table->header);
  for (std::vector<std::string> row : table->rows) {
    for (std::string& field : row) {
      const bool suspect =
          !field.empty() && std::string_view("=+-@\t\r").find(field.front()) != std::string_view::npos;
      // A negative number is a number.
      const bool number = field.find_first_not_of("-0123456789.") == std::string::npos;
      if (suspect && !number) field.insert(field.begin(), '\'');
    }
    safe += CsvRow(row);
  }
  return safe;
}

}  // namespace crossface
