// CaseService: other embeddings, copies, redaction.
#include <nlohmann/json.hpp>

#include "crossface/app/case_run.h"
#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/app/source_gone.h"
#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_state.h"
#include "crossface/export/duplicates_log.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/io/store.h"
#include "crossface/media/file/source_part.h"
#include "crossface/redaction/redact.h"
#include "crossface/scan/duplicates.h"
#include "crossface/scan/reembed.h"
#include "crossface/scan/source_place.h"

namespace crossface {
namespace {

// The file of these that is the source; where none is, the first, which is told when it is read.
Status FindBelow(const std::filesystem::path& folder, const SourceRecord& source, const Watch& watch,
                 std::filesystem::path* path) {
  *path = folder / FileNameOf(source.name, source.info.part);
  const auto places = PlacesBelow(folder, source);
  if (!places.empty()) *path = places.front();
  for (const std::filesystem::path& place : places) {
    if (places.size() == 1) break;
    const auto sha256 = io::HashOf(place, watch.stop);
    if (sha256.status().code() == StatusCode::kInterrupted) return sha256.status();
    if (!sha256.ok() || *sha256 != source.sha256) continue;
    *path = place;
    break;
  }
  return Status();
}

// What to hide where, of a request in the user's words.
Result<RedactOptions> Resolve(const RedactRequest& request, const CurationState& state, const Watch& watch) {
  RedactOptions options{.output = request.output,
                        .method = request.method,
                        .strip_metadata = request.strip_metadata,
                        .exhaustive = request.exhaustive,
                        .models = request.models,
                        .device = request.device,
                        .threads = request.threads};
  CROSSFACE_ASSIGN_OR_RETURN(options.source, FindSource(state, request.source));
  const SourceRecord& source = state.sources[options.source];
  options.path = source.path;
  if (!request.sources.empty())
    CROSSFACE_RETURN_IF_ERROR(FindBelow(request.sources, source, watch, &options.path));
  if (request.all) return options;
  options.whom = request.only.empty() ? RedactWhom::kExcept : RedactWhom::kOnly;
  for (const std::string& name : request.only.empty() ? request.except : request.only) {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state, name));
    options.persons.insert(person);
  }
  return options;
}

}  // namespace

Ending CaseService::Reembed(const ReembedRequest& request, const Watch& watch, ReembedAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  answer->models = request.embedders;
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.Open("reembed"));
    ReembedOptions options{.embedders = request.embedders,
                           .models = request.models,
                           .device = request.device,
                           .threads = request.threads,
                           .stop = watch.stop};
    options.progress = [&](int64_t done, int64_t total) {
      watch.to().OnWork(CountedWork("reembed", done, total));
    };
    CROSSFACE_ASSIGN_OR_RETURN(answer->summary, crossface::Reembed(run.gallery(), options));
    for (const std::string& source : answer->summary->from_pictures)
      run.Warn(source +
               ": the footage is not there as it was; its stored pictures were used, which are less exact");
    CROSSFACE_RETURN_IF_ERROR(run.Log("reembed", ToJson(*answer)["reembed"]));
    CROSSFACE_ASSIGN_OR_RETURN(answer->group, ClusterAgain(run.gallery(), {.stop = watch.stop}));
    for (const std::string& warning : answer->group->warnings) run.Warn(warning);
    CROSSFACE_RETURN_IF_ERROR(run.Log("cluster", ToJson(*answer->group)));
    return run.Export(&answer->exported);
  };
  return run.End(all());
}

Ending CaseService::Duplicates(int threads, const Watch& watch, DuplicatesAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.Open("duplicates"));
    DuplicatesOptions options{.threads = threads, .stop = watch.stop};
    options.progress = [&](const std::string& what, int64_t done, int64_t total) {
      watch.to().OnWork(CountedWork(what, done, total));
    };
    CROSSFACE_ASSIGN_OR_RETURN(answer->summary, FindDuplicates(run.gallery(), options));
    for (const auto& [source, message] : answer->summary->left_out)
      run.Warn(source + ": left out: " + message);
    CROSSFACE_ASSIGN_OR_RETURN(answer->view, ReadDuplicates(run.gallery()));
    CROSSFACE_RETURN_IF_ERROR(run.Log("duplicates", ToJson(*answer)["duplicates"]));
    return run.Export(&answer->exported);
  };
  Status status = all();
  const bool left_out = answer->summary && !answer->summary->left_out.empty();
  return run.End(std::move(status), left_out ? kExitSomeSourcesBad : kExitDone);
}

Ending CaseService::Redact(const RedactRequest& request, const Watch& watch, RedactAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.Open("redact"));
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(run.gallery()));
    CROSSFACE_ASSIGN_OR_RETURN(RedactOptions options, Resolve(request, state, watch));
    answer->source = state.sources[options.source].name;
    answer->source_sha256 = state.sources[options.source].sha256;
    answer->output = options.output;
    answer->options = options;
    options.stop = watch.stop;
    options.progress = [&](double share, double remaining_s) {
      watch.to().OnWork({.name = "redact", .share = share, .remaining_s = remaining_s});
    };
    auto redacted = crossface::Redact(run.gallery(), state, options);
    // Of footage that lies elsewhere now it is no answer that it was let go here.
    if (!redacted.ok() && request.sources.empty())
      return WhyGone(case_folder_, state.sources[options.source], redacted.status());
    CROSSFACE_ASSIGN_OR_RETURN(answer->summary, std::move(redacted));
    CROSSFACE_RETURN_IF_ERROR(run.Log("redact", ToJson(*answer)["redact"]));
    for (const std::string& warning : answer->summary->warnings) run.Warn(warning);
    if (answer->summary->places == 0) run.Warn("no face was hidden");
    return Status();
  };
  return run.End(all());
}

}  // namespace crossface
