#include "crossface/app/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "crossface/app/case_run.h"
#include "crossface/app/case_service.h"
#include "crossface/app/live_board.h"
#include "crossface/app/live_hook.h"
#include "crossface/app/recording_keeper.h"
#include "crossface/curation/curation_names.h"
#include "crossface/gallery/file_name.h"
#include "crossface/gallery/recordings.h"
#include "crossface/live/live_watch.h"
#include "crossface/scan/case_settings.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

Result<std::vector<LiveAddress>> Addresses(const std::vector<std::string>& texts) {
  std::vector<LiveAddress> addresses;
  std::set<std::string> names;
  for (const std::string& text : texts) {
    CROSSFACE_ASSIGN_OR_RETURN(LiveAddress address, ParseLiveAddress(text));
    const bool again = std::any_of(addresses.begin(), addresses.end(), [&](const LiveAddress& other) {
      return other.kind == LiveAddress::Kind::kStandardInput && other.kind == address.kind;
    });
    if (again) return Status(StatusCode::kInvalidArgument, "standard input can be watched once");
    const std::string name = address.name;
    for (int number = 2; !names.insert(address.name).second; ++number)
      address.name = fmt::format("{}-{}", name, number);
    addresses.push_back(std::move(address));
  }
  if (addresses.empty()) return Status(StatusCode::kInvalidArgument, "no stream to watch");
  return addresses;
}

class LiveJob {
 public:
  LiveJob(const fs::path& case_folder, const LiveRequest& request, const crossface::Watch& watch,
          LiveObserver& live, LiveAnswer* answer)
      : case_folder_(case_folder),
        request_(request),
        watch_(watch),
        live_(live),
        answer_(answer),
        hook_(request.run),
        keeper_(case_folder, request.keep) {}

  Status Watch() {
    CROSSFACE_ASSIGN_OR_RETURN(options_.streams, Addresses(request_.streams));
    for (const LiveAddress& address : options_.streams) answer_->streams.push_back(address.name);
    CROSSFACE_RETURN_IF_ERROR(LoadModels());
    CROSSFACE_RETURN_IF_ERROR(Begin());
    options_.watch_for = std::chrono::milliseconds(static_cast<int64_t>(request_.for_s * 1000));
    options_.record = request_.record;
    options_.threads = request_.threads;
    options_.progress = [this](const LiveProgress& progress) {
      live_.OnLiveProgress(progress);
      ShowOnBoard(progress);
      TellKept();
    };
    options_.watched = [this](const LivePerson& person) {
      return (person.id != 0 && watched_.contains(person.id)) ||
             watched_names_.contains(CaseFolded(WithoutReferenceMark(person.name)));
    };
    if (request_.keep.any()) keeper_.Begin();
    board_.emplace(request_.record, shown_watched_);
    board_->Begin(case_folder_);
    const auto watched = WatchStreams(
        case_folder_, models_, options_, [this](const LiveEvent& event) { Tell(event); }, watch_.stop);
    board_.reset();
    keeper_.End();
    TellKept();
    CROSSFACE_ASSIGN_OR_RETURN(const LiveSummary summary, watched);
    answer_->tracks = summary.tracks;
    answer_->people = summary.people;
    answer_->dropped = summary.dropped;
    answer_->segments = summary.segments;
    answer_->recorded_bytes = summary.recorded_bytes;
    answer_->failed = summary.failed;
    answer_->left_to_identify = summary.segments > 0;
    LogEnd();
    return Status();
  }

  // What was recorded becomes part of the case, as any footage does.
  Ending Identify() {
    ScanRequest scan;
    for (const LiveAddress& address : options_.streams) {
      const fs::path folder = case_folder_ / kRecordingsFolder;
      if (fs::exists(folder / address.name)) scan.sources = {folder};
    }
    scan.settings.models = request_.models;
    scan.settings.device = request_.device;
    scan.settings.threads = request_.threads;
    models_ = ScanModels();
    Ending ending = CaseService(case_folder_).Identify(scan, {}, watch_, &answer_->identified);
    answer_->left_to_identify = !ending.status.ok();
    // Only what was identified may go.
    if (ending.status.ok() && request_.keep.any()) keeper_.Look(watch_.stop);
    TellKept();
    return ending;
  }

 private:
  Status LoadModels() {
    ScanSettings settings{.models = request_.models, .device = request_.device, .threads = request_.threads};
    std::optional<CaseSettings> of_case;
    if (const auto gallery = Gallery::Open(case_folder_, Gallery::Mode::kRead); gallery.ok()) {
      case_was_there_ = true;
      CROSSFACE_ASSIGN_OR_RETURN(of_case, ReadCaseSettings(**gallery));
      CROSSFACE_RETURN_IF_ERROR(FindWatched(**gallery));
    } else if (!request_.watch.empty()) {
      return gallery.status();
    }
    CROSSFACE_ASSIGN_OR_RETURN(models_, LoadModelsForCase(settings, of_case));
    return models_.unavailable;
  }

  Status FindWatched(const Gallery& gallery) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> references, gallery.ReadReferences());
    for (const std::string& text : request_.watch) {
      if (std::any_of(references.begin(), references.end(),
                      [&](const ReferenceFace& face) { return CaseFolded(face.name) == CaseFolded(text); })) {
        watched_names_.insert(CaseFolded(text));
        shown_watched_.push_back(text);
        continue;
      }
      CROSSFACE_ASSIGN_OR_RETURN(const int64_t id, FindPerson(FactsOf(persons), text));
      watched_.insert(id);
      for (const PersonRecord& person : persons)
        if (person.id == id) shown_watched_.push_back(person.name);
    }
    return Status();
  }

  // The case is there from now on, and its log says what is about to be watched. What is to be seen now is
  // not there any more when another program has done its work in the case.
  Status Begin() {
    Status logged = LogBegin();
    if (logged.ok() || !case_was_there_) return logged;
    watch_.to().OnWarning("the begin of the watch is not in the case's log: " + logged.message());
    return Status();
  }

  Status LogBegin() {
    CaseRun run(case_folder_, watch_);
    CROSSFACE_RETURN_IF_ERROR(run.Open("live", Gallery::Mode::kCreate));
    nlohmann::json streams = nlohmann::json::array();
    for (const LiveAddress& address : options_.streams)
      streams.push_back({{"name", address.name}, {"address", address.shown}});
    const Status logged = run.Log("watching", {{"streams", streams},
                                               {"recorded", request_.record},
                                               {"settings", nlohmann::json::parse(models_.fingerprint)}});
    return run.End(logged).status;
  }

  // Another program may be writing to the case by now; then the list of recordings tells alone.
  void LogEnd() {
    CaseRun run(case_folder_, watch_);
    Status logged = run.Open("live", Gallery::Mode::kWrite);
    if (logged.ok()) logged = run.Log("watched", ToJson(*answer_));
    if (!logged.ok())
      watch_.to().OnWarning("the end of the watch is not in the case's log: " + logged.message());
    run.End(Status());
  }

  void TellKept() {
    const RecordingKeeper::News news = keeper_.TakeNews();
    for (const LetGoEvent& event : news.events) {
      answer_->let_go += event.segments;
      answer_->let_go_bytes += event.bytes;
      live_.OnLive(event);
    }
    for (const std::string& warning : news.warnings) watch_.to().OnWarning(warning);
  }

  void ShowOnBoard(const LiveProgress& progress) {
    board_->Show(progress);
    if (const auto problem = board_->TakeProblem()) watch_.to().OnWarning(*problem);
  }

  void Tell(const LiveEvent& event) {
    const auto* const seen = std::get_if<SeenEvent>(&event);
    if (seen != nullptr && seen->watched)
      hook_.Run({seen->person.name, seen->stream, WallTime(seen->time_us)});
    live_.OnLive(event);
    board_->Take(event);
    for (const std::string& problem : hook_.TakeProblems()) watch_.to().OnWarning(problem);
  }

  const fs::path& case_folder_;
  const LiveRequest& request_;
  const crossface::Watch watch_;
  LiveObserver& live_;
  LiveAnswer* answer_;
  LiveHook hook_;
  RecordingKeeper keeper_;
  std::optional<LiveBoard> board_;  // while it is watched
  LiveOptions options_;
  ScanModels models_;
  bool case_was_there_ = false;
  std::set<int64_t> watched_;
  std::set<std::string> watched_names_;     // folded, of people who are enrolled
  std::vector<std::string> shown_watched_;  // names of all of them
};

}  // namespace

Ending WatchLive(const fs::path& case_folder, const LiveRequest& request, const Watch& watch,
                 LiveObserver& live, LiveAnswer* answer) {
  LiveJob job(case_folder, request, watch, live, answer);
  if (Status watched = job.Watch(); !watched.ok()) {
    const ExitCode code = ExitCodeFor(watched);
    return {std::move(watched), code};
  }
  Ending ending;
  if (answer->left_to_identify && request.identify && !watch.stop.stop_requested()) ending = job.Identify();
  if (ending.status.ok() && !answer->failed.empty()) ending.code = kExitSomeSourcesBad;
  return ending;
}

}  // namespace crossface
