// CaseService: what proves and protects a case, its formats for others, and how right it is.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/app/case_run.h"
#include "crossface/app/case_service.h"
#include "crossface/app/job_store.h"
#include "crossface/app/json.h"
#include "crossface/app/live_board.h"
#include "crossface/curation/curation_names.h"
#include "crossface/custody/forget.h"
#include "crossface/custody/locate.h"
#include "crossface/custody/verify.h"
#include "crossface/evaluation/evaluate.h"
#include "crossface/export/format_writer.h"
#include "crossface/gallery/facts.h"
#include "crossface/scan/kept_answers.h"

namespace crossface {
namespace {

Result<ForgetPlan> MakePlan(const CurationState& state, const ForgetRequest& request) {
  if (!request.source) {
    const auto person = FindPerson(state, request.what);
    if (person.ok()) return PlanForgetPerson(state, *person);
    if (!FindSource(state, request.what).ok()) return person.status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const size_t source, FindSource(state, request.what));
  return PlanForgetSource(state, state.sources[source].id);
}

}  // namespace

Ending CaseService::Verify(const std::filesystem::path& sources, const Watch& watch,
                           VerifyAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.OpenToLook());
    VerifyOptions options{.sources = sources, .stop = watch.stop};
    options.progress = [&](int64_t done, int64_t total) {
      watch.to().OnWork(CountedWork("verify", done, total));
    };
    CROSSFACE_ASSIGN_OR_RETURN(answer->summary, VerifyCase(run.gallery(), options));
    return Status();
  };
  Status status = all();
  const bool changed = answer->summary && !answer->summary->findings.empty();
  return run.End(std::move(status), changed ? kExitMismatch : kExitDone);
}

Ending CaseService::Locate(const LocateRequest& request, const Watch& watch, LocateAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.Open("locate"));
    LocateOptions options{.place = request.place, .source = request.source, .stop = watch.stop};
    options.progress = [&](int64_t done, int64_t total) {
      watch.to().OnWork(CountedWork("locate", done, total));
    };
    CROSSFACE_ASSIGN_OR_RETURN(answer->summary, LocateSources(run.gallery(), options));
    const LocateSummary& summary = *answer->summary;
    // Without names: these can be forgotten, the log cannot.
    CROSSFACE_RETURN_IF_ERROR(run.Log("located", {{"found", summary.found.size()},
                                                  {"others", summary.others.size()},
                                                  {"missing", summary.missing.size()}}));
    return summary.found.empty() ? Status() : run.Export(&answer->exported);
  };
  Status status = all();
  const bool left = answer->summary && !(answer->summary->others.empty() && answer->summary->missing.empty());
  return run.End(std::move(status), left ? kExitSomeSourcesBad : kExitDone);
}

Ending CaseService::Forget(const ForgetRequest& request, const Watch& watch, ForgetAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  answer->dry_run = request.dry_run;
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(request.dry_run ? run.OpenToLook() : run.Open("forget"));
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(run.gallery()));
    CROSSFACE_ASSIGN_OR_RETURN(answer->plan, MakePlan(state, request));
    if (request.dry_run) return Status();
    if (!request.confirmed)
      return Status(StatusCode::kInvalidArgument, "forgetting cannot be undone", Remedy::kConfirm);
    // Requests and answers of jobs name people and files.
    CROSSFACE_RETURN_IF_ERROR(JobStore(case_folder_).DropEnded());
    // Copies of footage to be watched can be made again of what is left.
    CROSSFACE_RETURN_IF_ERROR(run.gallery().directory().RemoveTree("proxies"));
    // Faces of films whose scan was cut off.
    CROSSFACE_RETURN_IF_ERROR(KeptAnswers::RemoveAll(run.gallery().directory()));
    // Faces of a watch that was killed; one that lasts shows on.
    CROSSFACE_RETURN_IF_ERROR(run.gallery().directory().RemoveTree(kLiveBoards));
    CROSSFACE_ASSIGN_OR_RETURN(answer->summary,
                               crossface::Forget(run.gallery(), state, *answer->plan, run.log()));
    nlohmann::json proof = ToJson(*answer)["forgotten"];
    // The log says how many files, not which: a file's name may be what is to be forgotten.
    proof["found_in"] = answer->summary->found_in.size();
    proof["persons"] = answer->plan->persons;
    CROSSFACE_RETURN_IF_ERROR(run.Log("forgotten", proof));
    if (!answer->summary->unfinished.empty()) run.Warn(answer->summary->unfinished);
    return run.Export(&answer->exported);
  };
  Status status = all();
  const bool left =
      answer->summary && !(answer->summary->found_in.empty() && answer->summary->unfinished.empty());
  return run.End(std::move(status), left ? kExitMismatch : kExitDone);
}

Ending CaseService::FinishForgetting(const Watch& watch, ForgetAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.Open("forget --finish"));
    CROSSFACE_ASSIGN_OR_RETURN(const std::string pending, run.gallery().ReadFact(kForgettingFact));
    answer->was_pending = !pending.empty();
    if (const Status finished = crossface::FinishForgetting(run.gallery()); !finished.ok())
      return Status(finished.code(), finished.message(), Remedy::kFinishForget);
    CROSSFACE_RETURN_IF_ERROR(run.Log("forgetting finished", {{"was_pending", *answer->was_pending}}));
    return run.Export(&answer->exported);
  };
  return run.End(all());
}

Ending CaseService::WriteFormats(const FormatsRequest& request, const Watch& watch,
                                 FormatsAnswer* answer) const {
  answer->out = request.out;
  const auto all = [&]() -> Status {
    const bool bag =
        std::find(request.formats.begin(), request.formats.end(), "bag") != request.formats.end();
    // A bag holds the gallery's file: nobody may write to it while it is copied.
    CROSSFACE_ASSIGN_OR_RETURN(
        const std::unique_ptr<Gallery> gallery,
        Gallery::Open(case_folder_, bag ? Gallery::Mode::kWrite : Gallery::Mode::kRead));
    CROSSFACE_ASSIGN_OR_RETURN(answer->formats,
                               crossface::WriteFormats(*gallery, request.formats, request.out, watch.stop));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery->ReadTracks({}));
    answer->tracks = static_cast<int64_t>(tracks.size());
    return Status();
  };
  Status status = all();
  if (!status.ok()) return {status, ExitCodeFor(status)};
  return {Status(), answer->tracks == 0 ? kExitNothingFound : kExitDone};
}

Ending CaseService::Evaluate(const EvaluateRequest& request, EvaluateAnswer* answer) const {
  answer->worst = request.worst;
  const auto all = [&]() -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<Gallery> gallery,
                               Gallery::Open(case_folder_, Gallery::Mode::kRead));
    CROSSFACE_ASSIGN_OR_RETURN(answer->evaluation, EvaluateCase(*gallery, request.truth, request.resamples));
    return Status();
  };
  Status status = all();
  const ExitCode code = ExitCodeFor(status);
  return {std::move(status), code};
}

}  // namespace crossface
