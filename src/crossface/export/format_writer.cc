#include "crossface/export/format_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "crossface/export/case_logs.h"
#include "crossface/export/formats.h"
#include "crossface/io/store.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

// Where files of one run go; knows which it must not replace.
class Output {
 public:
  Output(const CaseView& view, fs::path folder, const std::stop_token& stop)
      : folder_(std::move(folder)), stop_(stop) {
    for (const SourceRecord& source : view.sources) sources_.insert(RealPlace(source.path));
  }

  Status Write(const std::string& relative, const std::string& content) {
    if (stop_.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    const fs::path path = folder_ / relative;
    if (sources_.contains(RealPlace(path))) {
      return Status(StatusCode::kInvalidArgument,
                    path.string() + ": is one of the case's sources; choose another folder");
    }
    CROSSFACE_RETURN_IF_ERROR(io::Put(path, content, stop_));
    ++files_;
    return Status();
  }
  int64_t files() const { return files_; }

 private:
  static fs::path RealPlace(const fs::path& path) {
    std::error_code ignored;
    return io::SchemeOf(path.native()).empty() ? fs::weakly_canonical(path, ignored)
                                               : fs::path(io::AbsolutePlace(path));
  }

  const fs::path folder_;
  const std::stop_token stop_;
  std::set<fs::path> sources_;
  int64_t files_ = 0;
};

enum class Kind { kVideos, kStills, kBoth };

// Calls `write` with each source of a kind that has tracks, and its unique stem.
template <typename Write>
Status ForSources(const CaseView& view, Kind kind, const Write& write) {
  std::vector<std::string> names;
  for (const SourceRecord& source : view.sources) names.push_back(source.name);
  const std::vector<std::string> stems = UniqueStems(names);
  for (size_t i = 0; i < view.sources.size(); ++i) {
    if (kind != Kind::kBoth && IsStill(view.sources[i]) != (kind == Kind::kStills)) continue;
    if (TracksOf(view, i).empty()) continue;
    CROSSFACE_RETURN_IF_ERROR(write(i, stems[i]));
  }
  return Status();
}

Status WriteEdls(const CaseView& view, Output& out) {
  return ForSources(view, Kind::kVideos, [&](size_t source, const std::string& stem) {
    const std::vector<std::string> files = Edls(view, source);
    for (size_t part = 0; part < files.size(); ++part) {
      const std::string number = files.size() == 1 ? "" : fmt::format("_{}", part + 1);
      CROSSFACE_RETURN_IF_ERROR(out.Write(fmt::format("edl/{}{}.edl", stem, number), files[part]));
    }
    return Status();
  });
}

Status WriteMot(const CaseView& view, Output& out) {
  return ForSources(view, Kind::kBoth, [&](size_t source, const std::string& stem) {
    const std::string folder = "mot/" + stem + "/";
    CROSSFACE_RETURN_IF_ERROR(out.Write(folder + "gt/gt.txt", MotRows(view, source)));
    CROSSFACE_RETURN_IF_ERROR(out.Write(folder + "gt/labels.txt", "face\n"));
    CROSSFACE_RETURN_IF_ERROR(out.Write(folder + "seqinfo.ini", MotSequence(view, source)));
    return out.Write(folder + "identities.csv", MotIdentities(view, source));
  });
}

Status WriteJsonl(const CaseView& view, Output& out) {
  CROSSFACE_RETURN_IF_ERROR(out.Write("jsonl/persons.jsonl", PersonsJsonl(view)));
  CROSSFACE_RETURN_IF_ERROR(out.Write("jsonl/sources.jsonl", SourcesJsonl(view)));
  CROSSFACE_RETURN_IF_ERROR(out.Write("jsonl/appearances.jsonl", AppearancesJsonl(view)));
  return out.Write("jsonl/faces.jsonl", FacesJsonl(view));
}

Status WriteCsv(const CaseView& view, Output& out) {
  std::vector<size_t> all(view.tracks.size());
  std::iota(all.begin(), all.end(), size_t{0});
  CROSSFACE_RETURN_IF_ERROR(out.Write("csv/appearances.csv", SpreadsheetCsv(AppearancesCsv(view, all))));
  CROSSFACE_RETURN_IF_ERROR(out.Write("csv/faces.csv", SpreadsheetCsv(FacesCsv(view, all))));
  return out.Write("csv/sources.csv", SpreadsheetCsv(SourcesCsv(view)));
}

// One file per source, out of a function of formats.h.
using OneFile = std::string (*)(const CaseView&, size_t);
Status WriteEach(const CaseView& view, Output& out, Kind kind, const char* folder, const char* ending,
                 OneFile content) {
  return ForSources(view, kind, [&](size_t source, const std::string& stem) {
    return out.Write(fmt::format("{}/{}.{}", folder, stem, ending), content(view, source));
  });
}

Status WriteFormat(const std::string& format, const CaseView& view, Output& out) {
  if (format == "webvtt") return WriteEach(view, out, Kind::kVideos, "webvtt", "vtt", &WebVtt);
  if (format == "edl") return WriteEdls(view, out);
  if (format == "otio") return WriteEach(view, out, Kind::kVideos, "otio", "otio", &Otio);
  if (format == "xmp") return WriteEach(view, out, Kind::kStills, "xmp", "xmp", &XmpSidecar);
  if (format == "cvat") return WriteEach(view, out, Kind::kBoth, "cvat", "xml", &CvatXml);
  if (format == "mot") return WriteMot(view, out);
  if (format == "graphml") return out.Write("graphml/people.graphml", GraphMl(view));
  if (format == "csv") return WriteCsv(view, out);
  if (format == "jsonl") return WriteJsonl(view, out);
  return Status(StatusCode::kInvalidArgument, "no export format is named " + format);
}

Result<int64_t> BagCase(const Gallery& gallery, const fs::path& out, const std::stop_token& stop) {
  // The lock and SQLite's shared memory mean something only where they are.
  return WriteBag(gallery.case_folder(), out / "bag", {"crossface.lock", "crossface.db-shm"},
                  fs::absolute(gallery.case_folder()).lexically_normal().filename().string(), stop);
}

}  // namespace

const std::vector<std::string>& ExportFormats() {
  static const std::vector<std::string> formats = {"webvtt", "edl",     "otio", "xmp",   "cvat",
                                                   "mot",    "graphml", "csv",  "jsonl", "bag"};
  return formats;
}

Result<std::vector<FormatSummary>> WriteFormats(const Gallery& gallery,
                                                const std::vector<std::string>& formats, const fs::path& out,
                                                const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery));
  Output output(view, out, stop);
  std::vector<FormatSummary> summaries;
  for (const std::string& format : formats) {
    const int64_t before = output.files();
    if (format == "bag") {
      CROSSFACE_ASSIGN_OR_RETURN(const int64_t files, BagCase(gallery, out, stop));
      summaries.push_back({format, files});
    } else {
      CROSSFACE_RETURN_IF_ERROR(WriteFormat(format, view, output));
      summaries.push_back({format, output.files() - before});
    }
  }
  return summaries;
}

}  // namespace crossface
