#include "crossface/custody/verify.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "crossface/custody/run_log.h"
#include "crossface/export/check_export.h"
#include "crossface/gallery/facts.h"
#include "crossface/gallery/recordings.h"
#include "crossface/gallery/template_index.h"
#include "crossface/io/store.h"
#include "crossface/media/file/source_part.h"
#include "crossface/scan/source_place.h"

namespace crossface {
namespace {

class Verification {
 public:
  Verification(const Gallery& gallery, const VerifyOptions& options) : gallery_(gallery), options_(options) {}

  Result<VerifySummary> Run() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> damage, gallery_.CheckIntegrity());
    for (const std::string& problem : damage) Add(Finding::Kind::kChanged, "crossface.db", problem);
    CROSSFACE_ASSIGN_OR_RETURN(const std::string forgetting, gallery_.ReadFact(kForgettingFact));
    if (!forgetting.empty())
      summary_.notes.push_back(
          "crossface.db: what was removed by forget is still in the file; forgetting is not finished");
    CROSSFACE_ASSIGN_OR_RETURN(const RunLogCheck log, CheckRunLog(gallery_));
    CROSSFACE_RETURN_IF_ERROR(CheckSources(log));
    for (const std::string& problem : log.problems) Add(Finding::Kind::kChanged, "run.jsonl", problem);
    if (log.lines == 0) Add(Finding::Kind::kMissing, "run.jsonl", "");
    for (const std::string& note : log.notes) summary_.notes.push_back("run.jsonl: " + note);
    summary_.log_lines = log.lines;
    summary_.log_head = log.head;
    CROSSFACE_RETURN_IF_ERROR(CheckFiles(log));
    CROSSFACE_RETURN_IF_ERROR(CheckSearchIndex());
    return std::move(summary_);
  }

 private:
  void Add(Finding::Kind kind, const std::string& what, const std::string& message) {
    summary_.findings.push_back({kind, what, message});
  }

  Status CheckSources(const RunLogCheck& log) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery_.ReadSources());
    for (const SourceRecord& source : sources) {
      if (options_.progress) options_.progress(summary_.sources, static_cast<int64_t>(sources.size()));
      CROSSFACE_RETURN_IF_ERROR(CheckSource(source, log));
      ++summary_.sources;
    }
    return Status();
  }

  // The film is not there because crossface let it go: the gallery says so, and the log that cannot be
  // changed without its showing.
  Result<bool> WasLetGo(const SourceRecord& source, const RunLogCheck& log) {
    CROSSFACE_ASSIGN_OR_RETURN(const auto let_go, FindLetGo(gallery_, source.sha256));
    if (!let_go || !log.let_go.contains(source.sha256)) return false;
    summary_.notes.push_back(fmt::format("{}: {}", source.name, LetGoText(*let_go)));
    return true;
  }

  Status CheckSource(const SourceRecord& source, const RunLogCheck& log) {
    if (source.sha256.empty()) {
      summary_.notes.push_back(fmt::format("{} was never read: {}", source.name, source.message));
      return Status();
    }
    std::vector<std::filesystem::path> places = {source.path};
    if (!options_.sources.empty()) places = PlacesBelow(options_.sources, source);
    if (places.empty()) places = {options_.sources / FileNameOf(source.name, source.info.part)};
    // Of several files that it may be, the first that it is.
    std::optional<Finding> first;
    for (const std::filesystem::path& path : places) {
      const auto sha256 = io::HashOf(path, options_.stop);
      if (sha256.ok() && *sha256 == source.sha256) return Status();
      if (sha256.status().code() == StatusCode::kInterrupted) return sha256.status();
      if (first) continue;
      if (sha256.ok()) {
        first = {Finding::Kind::kChanged, source.name,
                 fmt::format("its SHA-256 is {}, it was {}", *sha256, source.sha256)};
      } else {
        first = {Finding::Kind::kMissing, source.name, sha256.status().message()};
      }
    }
    if (first->kind == Finding::Kind::kMissing) {
      CROSSFACE_ASSIGN_OR_RETURN(const bool let_go, WasLetGo(source, log));
      if (let_go) return Status();
    }
    summary_.findings.push_back(*std::move(first));
    return Status();
  }

  Status CheckFiles(const RunLogCheck& log) {
    CROSSFACE_ASSIGN_OR_RETURN(const ExportCheck check, CheckExport(gallery_, options_.stop));
    summary_.files = check.files;
    for (const std::string& path : check.missing) Add(Finding::Kind::kMissing, path, "");
    for (const std::string& path : check.changed)
      Add(Finding::Kind::kChanged, path, "it is not what the gallery says");
    for (const std::string& path : check.extra) Add(Finding::Kind::kExtra, path, "");
    for (const auto& [name, logged] : log.sha256) {
      const auto now = check.sha256.find(name);
      if (now != check.sha256.end() && now->second != logged)
        Add(Finding::Kind::kChanged, "crossface.db",
            fmt::format("it gives another {} than the last export that is logged; without changes since "
                        "then, export once",
                        name));
    }
    if (log.sha256.empty())
      summary_.notes.push_back("no export is logged with hashes to compare the gallery with");
    return Status();
  }

  Status CheckSearchIndex() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TemplateIndexProblem> problems,
                               CheckTemplateIndex(gallery_.directory()));
    for (const TemplateIndexProblem& problem : problems)
      Add(problem.extra ? Finding::Kind::kExtra : Finding::Kind::kChanged, problem.path, problem.message);
    return Status();
  }

  const Gallery& gallery_;
  const VerifyOptions& options_;
  VerifySummary summary_;
};

}  // namespace

std::string_view FindingKindName(Finding::Kind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"missing", "changed", "extra"};
  return kNames.at(static_cast<size_t>(kind));
}

Result<VerifySummary> VerifyCase(const Gallery& gallery, const VerifyOptions& options) {
  return Verification(gallery, options).Run();
}

}  // namespace crossface
