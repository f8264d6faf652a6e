#include "crossface/export/report_lines.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>

#include "crossface/export/report_page.h"
#include "crossface/util/hash.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCasePlace = "@CASE_JSON@";
// A face takes about 3.7 KB as text, a portrait three times as much: 15 MB.
constexpr size_t kShares = 4000, kSharesOfPortrait = 3;
constexpr size_t kMostFacesOfAPerson = 24;
constexpr size_t kMostUnassignedFaces = 60;
// Twice what the page shows, for screens of double density.
constexpr int kPortraitPixels = 176, kPortraitQuality = 78;
constexpr int kFacePixels = 96, kFaceQuality = 72;

// Between the parts of the data. No line of data can be one: line ends within texts are escaped.
constexpr std::string_view kTracks = ",\n\"tracks\":[\n", kSources = "\n],\"sources\":[\n",
                           kPersons = "\n],\"persons\":[\n", kUnassigned = "\n],\"unassigned\":\n",
                           kEnd = "\n}";

std::string Text(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    // The only character that could end the element the JSON stands in; in JSON it is found in texts alone.
    c == '<' ? escaped.append("\\u003c") : escaped.append(1, c);
  }
  return escaped;
}

// A picture has one frame and no duration.
bool IsPicture(const SourceRecord& source) {
  return source.info.duration_ms == 0 && source.counts.decoded <= 1;
}

// The models that the sources were scanned with, out of the scan settings that the gallery keeps; empty for
// settings of another shape.
Json ModelsJson(const CaseView& view) {
  std::map<std::string, std::string> models;
  std::string last;
  for (const SourceRecord& source : view.sources) {
    if (source.settings == last) continue;
    last = source.settings;
    const Json settings = Json::parse(source.settings, nullptr, false);
    if (!settings.is_object() || !settings.contains("models") || !settings["models"].is_object()) continue;
    for (const auto& [name, sha256] : settings["models"].items()) {
      if (sha256.is_string()) models[name] = sha256.get<std::string>();
    }
  }
  Json list = Json::array();
  for (const auto& [name, sha256] : models) list.push_back({{"name", name}, {"sha256", sha256}});
  return list;
}

Result<Json> FacesJson(const CaseView& view, const std::vector<FacePlace>& places, Thumbnails* thumbnails) {
  Json strip = Json::array();
  for (const FacePlace& place : places) {
    const FaceRecord& face = view.Face(place);
    CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, thumbnails->Make(face, kFacePixels, kFaceQuality));
    if (jpeg.empty()) continue;
    Json& entry = strip.emplace_back(
        Json{jpeg, view.source_of[place.track], Milliseconds(face.time_us), view.ImagePath(place)});
    const UnassignedReason reason = view.reason[place.track];
    if (reason != UnassignedReason::kNone) entry.push_back(UnassignedReasonName(reason));
  }
  return strip;
}

int64_t CountFaces(const CaseView& view, const std::vector<size_t>& tracks) {
  int64_t count = 0;
  for (const size_t track : tracks) count += static_cast<int64_t>(view.tracks[track].faces.size());
  return count;
}

// The most frequent first.
Json ReasonsJson(const CaseView& view) {
  std::vector<std::pair<int64_t, UnassignedReason>> counts;
  for (const auto& [reason, count] : view.CountReasons()) counts.emplace_back(count, reason);
  std::sort(counts.rbegin(), counts.rend());
  Json list = Json::array();
  for (const auto& [count, reason] : counts) list.push_back({UnassignedReasonName(reason), count});
  return list;
}

std::string_view Between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t from = text.find(begin), to = text.find(end, from + begin.size());
  if (from == std::string_view::npos || to == std::string_view::npos)
    throw std::logic_error("report.html.in lacks a part");
  return text.substr(from + begin.size(), to - from - begin.size());
}

// The name by which a content security policy knows a script.
std::string ScriptHash(std::string_view script) {
  const std::string hex = Sha256Hex(script);
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return "sha256-" + Base64(bytes);
}

// What stands before and after the data.
std::pair<std::string, std::string> PageAround() {
  constexpr std::string_view kHashPlace = "@SCRIPT_HASH@";
  std::string page(kReportPage);
  const size_t hash = page.find(kHashPlace);
  if (hash == std::string::npos)
    throw std::logic_error("report.html.in lacks the place of its script's hash");
  page.replace(hash, kHashPlace.size(), ScriptHash(Between(kReportPage, "<script>", "</script>")));
  const size_t data = page.find(kCasePlace);
  if (data == std::string::npos) throw std::logic_error("report.html.in lacks the place of the case");
  return {page.substr(0, data), page.substr(data + kCasePlace.size())};
}

Status AppendLines(const std::vector<std::string_view>& lines, const AppendText& append) {
  bool first = true;
  for (const std::string_view line : lines) {
    if (!std::exchange(first, false)) CROSSFACE_RETURN_IF_ERROR(append(",\n"));
    CROSSFACE_RETURN_IF_ERROR(append(line));
  }
  return Status();
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find(",\n"), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return lines;
}

int64_t NumberAfter(std::string_view line, std::string_view begin) {
  int64_t number = -1;
  if (line.starts_with(begin)) {
    line.remove_prefix(begin.size());
    std::from_chars(line.data(), line.data() + line.size(), number);
  }
  return number;
}

}  // namespace

ReportShares ReportSharesFor(size_t persons) {
  ReportShares shares{.portraits = std::min(persons, kShares / kSharesOfPortrait)};
  if (persons > 0 && kShares / persons > kSharesOfPortrait)
    shares.faces = std::min(kMostFacesOfAPerson, kShares / persons - kSharesOfPortrait);
  return shares;
}

void SortForReport(std::vector<ReportRank>* persons) {
  std::stable_sort(persons->begin(), persons->end(), [](const ReportRank& a, const ReportRank& b) {
    return std::tuple(!a.ignored, a.screen_us, a.tracks) > std::tuple(!b.ignored, b.screen_us, b.tracks);
  });
}

std::string ReportHead(const CaseView& view, const std::string& clustering) {
  std::string text = Text({{"version", kVersion}, {"models", ModelsJson(view)}, {"clustering", clustering}});
  text.pop_back();  // the lists belong to the same object
  return text;
}

std::string ReportTracksLine(size_t source, const std::vector<ReportTrack>& tracks) {
  std::string line;
  for (const ReportTrack& track : tracks) {
    Json entry = {source,
                  track.person_id,
                  Milliseconds(track.start_us),
                  Milliseconds(track.end_us),
                  track.faces,
                  cvRound(track.confidence * 1000)};
    if (track.reason != UnassignedReason::kNone) entry.push_back(UnassignedReasonName(track.reason));
    if (!line.empty()) line += ',';
    line += Text(entry);
  }
  return line;
}

std::string ReportSourceLine(const SourceRecord& source, int64_t last_end_ms) {
  const SourceInfo& info = source.info;
  Json json = {{"name", source.name},
               {"status", SourceStateName(source.state)},
               {"message", source.message},
               {"picture", IsPicture(source)},
               {"duration", std::max(info.duration_ms, last_end_ms)},
               {"width", info.width},
               {"height", info.height},
               {"fps", info.fps},
               {"codec", info.codec},
               {"created", info.created},
               {"created_from", info.created_from},
               {"device", info.device},
               {"sha256", source.sha256},
               {"bytes", info.bytes},
               {"decoded", source.counts.decoded},
               {"dark", source.counts.dark},
               {"still", source.counts.still},
               {"kept", source.counts.kept},
               {"faces", source.faces},
               {"tracks", source.tracks}};
  if (info.latitude && info.longitude) json["place"] = {*info.latitude, *info.longitude};
  return Text(json);
}

Result<std::string> ReportPersonLine(const CaseView& view, const PersonView& person, bool portrait,
                                     size_t faces, Thumbnails* thumbnails) {
  Json entry = {{"id", person.record.id},
                {"name", person.record.name},
                {"folder", person.folder},
                {"ignored", person.record.ignored},
                {"screen", Milliseconds(person.screen_us)},
                {"sources", person.sources},
                {"tracks", person.tracks.size()},
                {"faces", CountFaces(view, person.tracks)},
                {"portrait", ""}};
  const FaceRecord& best = view.Face(person.portrait);
  if (portrait) {
    CROSSFACE_ASSIGN_OR_RETURN(entry["portrait"], thumbnails->Make(best, kPortraitPixels, kPortraitQuality));
  }
  CROSSFACE_ASSIGN_OR_RETURN(
      entry["strip"], FacesJson(view, ChooseReportFaces(view, person.tracks, faces, &best), thumbnails));
  return Text(entry);
}

Result<std::string> ReportUnassignedLine(const CaseView& view, Thumbnails* thumbnails) {
  Json entry = {{"tracks", view.unassigned.size()},
                {"faces", CountFaces(view, view.unassigned)},
                {"reasons", ReasonsJson(view)}};
  CROSSFACE_ASSIGN_OR_RETURN(
      entry["strip"],
      FacesJson(view, ChooseReportFaces(view, view.unassigned, kMostUnassignedFaces, nullptr), thumbnails));
  return Text(entry);
}

Status AppendReportPage(const ReportLines& lines, const AppendText& append) {
  const auto [before, after] = PageAround();
  CROSSFACE_RETURN_IF_ERROR(append(before));
  CROSSFACE_RETURN_IF_ERROR(append(lines.head));
  CROSSFACE_RETURN_IF_ERROR(append(kTracks));
  CROSSFACE_RETURN_IF_ERROR(AppendLines(lines.tracks, append));
  CROSSFACE_RETURN_IF_ERROR(append(kSources));
  CROSSFACE_RETURN_IF_ERROR(AppendLines(lines.sources, append));
  CROSSFACE_RETURN_IF_ERROR(append(kPersons));
  CROSSFACE_RETURN_IF_ERROR(AppendLines(lines.persons, append));
  CROSSFACE_RETURN_IF_ERROR(append(kUnassigned));
  CROSSFACE_RETURN_IF_ERROR(append(lines.unassigned));
  CROSSFACE_RETURN_IF_ERROR(append(kEnd));
  return append(after);
}

std::string ReportPage(const ReportLines& lines) {
  size_t size = kReportPage.size() + lines.head.size() + lines.unassigned.size() + 200;
  for (const auto* part : {&lines.tracks, &lines.sources, &lines.persons})
    for (const std::string_view line : *part) size += line.size() + 2;
  std::string page;
  page.reserve(size);
  const auto append = [&](std::string_view text) {
    page += text;
    return Status();
  };
  if (!AppendReportPage(lines, append).ok()) throw std::logic_error("a page cannot be appended to a text");
  return page;
}

std::optional<ReportLines> SplitReport(std::string_view page) {
  const auto [before, after] = PageAround();
  if (!page.starts_with(before) || !page.ends_with(after) || page.size() < before.size() + after.size())
    return std::nullopt;
  std::string_view left = page.substr(before.size(), page.size() - before.size() - after.size());
  bool is_whole = true;
  const auto take_to = [&](std::string_view marker) {
    const size_t end = left.find(marker);
    is_whole = is_whole && end != std::string_view::npos;
    const std::string_view part = left.substr(0, end);
    left.remove_prefix(is_whole ? end + marker.size() : 0);
    return part;
  };
  ReportLines lines{.head = take_to(kTracks)};
  lines.tracks = SplitLines(take_to(kSources));
  lines.sources = SplitLines(take_to(kPersons));
  lines.persons = SplitLines(take_to(kUnassigned));
  lines.unassigned = take_to(kEnd);
  return is_whole && left.empty() ? std::optional(std::move(lines)) : std::nullopt;
}

int64_t SourceOfLine(std::string_view line) { return NumberAfter(line, "["); }
int64_t PersonOfLine(std::string_view line) { return NumberAfter(line, "{\"id\":"); }

}  // namespace crossface
