// CaseService's main job: scan, group, export.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/app/case_run.h"
#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/app/words.h"
#include "crossface/cluster/graph/device_products.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/inference/engine/cuda_card.h"
#include "crossface/io/listing_watch.h"
#include "crossface/media/file/source.h"
#include "crossface/ray/ray_products.h"
#include "crossface/ray/ray_workers.h"
#include "crossface/scan/case_settings.h"
#include "crossface/scan/scan_case.h"
#include "crossface/util/counted.h"
#include "crossface/util/processor_time.h"

namespace crossface {
namespace {

// One run of identify, or of a part of it.
class MainJob {
 public:
  MainJob(const std::filesystem::path& case_folder, const Watch& watch, IdentifyAnswer* answer)
      : case_folder_(case_folder), watch_(watch), answer_(answer), run_(case_folder, watch) {}

  Status Open(const std::string& verb, Gallery::Mode mode) { return run_.Open(verb, mode); }

  // Finds the sources and loads the models: what can go wrong before a case folder is made.
  Status Prepare(const ScanRequest& request) {
    const auto looked = [this](int64_t entries) {
      const std::string name = fmt::format("looking for footage, {} files and folders so far", entries);
      watch_.to().OnWork({.name = name, .share = -1});
    };
    {
      const io::ListingWatch listing(looked);
      CROSSFACE_ASSIGN_OR_RETURN(search_, FindSources(request.sources, watch_.stop));
    }
    for (const Status& unreadable : search_.unreadable) run_.Warn(unreadable.message());
    prepared_.files = static_cast<int64_t>(search_.files.size());
    prepared_.left_out = search_.left_out;
    if (search_.files.empty()) {
      watch_.to().OnPrepared(prepared_);
      return Status(StatusCode::kNoVideo,
                    fmt::format("no video and no picture in {}", request.sources.front().string()));
    }
    ScanSettings settings = request.settings;
    // A cluster searches by what its nodes have.
    if (!request.ray.address.empty()) settings.device = "cpu";
    CROSSFACE_RETURN_IF_ERROR(LoadModels(settings));
    for (const std::string& missing : models_.missing) {
      // VGG-Face has no copy that could be fetched without asking: the ensemble does without it as a rule.
      if (missing != "vgg_face")
        run_.Warn(fmt::format("the model {} is not installed; going on without it", missing));
    }
    prepared_.missing_models = models_.missing;
    prepared_.unused_models = models_.unused;
    if (!request.ray.address.empty()) {
      const bool on_card =
          request.settings.device.starts_with("cuda") || request.settings.decoder == FilmDecoder::kCard;
      const int gpus = on_card ? 1 : 0;
      CROSSFACE_ASSIGN_OR_RETURN(workers_, RayWorkers::Connect(request.ray, gpus, watch_.stop));
    }
    watch_.to().OnPrepared(prepared_);
    return Status();
  }

  // Before anything takes long: a device or a cluster that cannot be had is told at once.
  Status PrepareGroup(const std::string& device, const RayRequest& ray) {
    if (!ray.address.empty()) {
      if (workers_ == nullptr) {
        CROSSFACE_ASSIGN_OR_RETURN(workers_, RayWorkers::Connect(ray, 0, watch_.stop));
      }
      compare_from_ = ray.compare_from;
      return Status();
    }
    CROSSFACE_ASSIGN_OR_RETURN(const Device resolved, ResolveDevice(device));
    if (resolved.kind == Device::Kind::kCpu) return Status();  // without a net it is faster, see docs/gpu.md
    CROSSFACE_ASSIGN_OR_RETURN(products_, DeviceProducts::On({.device = resolved}));
    return Status();
  }

  Status Scan(const ScanRequest& request, const GroupRequest& group) {
    const ScanSettings& settings = request.settings;
    if (!settings.embedders.empty())
      CROSSFACE_RETURN_IF_ERROR(
          run_.gallery().WriteFact(kEmbeddersFact, fmt::format("{}", fmt::join(settings.embedders, ","))));
    const DeviceUse use = UseOf(models_);
    nlohmann::json fields = {{"settings", nlohmann::json::parse(models_.fingerprint)},
                             {"device", use.device},
                             {"ran_on", ToJson(use)},
                             {"decode", settings.decoder == FilmDecoder::kCard ? "nvdec" : "software"},
                             {"threads", settings.threads},
                             {"sources", search_.files.size()},
                             {"missing_models", models_.missing}};
    if (workers_ != nullptr) {
      fields["ray"] = request.ray.address;
      fields["device"] = settings.device;
      fields["ran_on"] = nullptr;  // the nodes' own business
      fields["threads"] = request.ray.cpus;
    }
    CROSSFACE_RETURN_IF_ERROR(run_.Log("scan", fields));
    ScanCallbacksCase callbacks;
    callbacks.stop = watch_.stop;
    callbacks.progress = [this](const ScanProgress& progress) { watch_.to().OnScan(progress); };
    callbacks.looked = [this](double share) {
      watch_.to().OnWork({.name = "looking for what is known", .share = share});
    };
    if (watch_.tracks)
      callbacks.seen = [this](const std::vector<SeenTrack>& seen) { watch_.to().OnTracks(seen); };
    callbacks.control = watch_.control;
    callbacks.workers = workers_.get();
    if (request.people_meanwhile)
      callbacks.meanwhile.work = [&](Gallery& gallery) { return GroupSoFar(gallery, group); };
    CROSSFACE_ASSIGN_OR_RETURN(ScanSummary summary,
                               ScanCase(run_.gallery(), search_.files, models_, settings, callbacks));
    WarnOf(summary);
    answer_->scan = ScanAnswer{.summary = std::move(summary), .use = {}, .left_out = search_.left_out};
    if (request.ray.address.empty()) answer_->scan->use = use;
    watch_.to().OnScanned(*answer_->scan);
    return run_.Log("scanned", ToJson(*answer_->scan));
  }

  Status GroupSoFar(Gallery& gallery, const GroupRequest& request) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<ClusterSummary> summary,
                               ClusterSoFar(gallery, request.method, OptionsFor(request, products_)));
    if (!summary) return Status();
    return run_.Log("cluster so far", {{"persons", summary->persons}, {"tracks", summary->tracks}});
  }

  Status Group(const GroupRequest& request, bool only_what_is_new) {
    WorkersProgress tasks;
    std::shared_ptr<ProductSearch> products = products_;
    if (workers_ != nullptr)
      products = std::make_shared<RayProducts>(workers_, compare_from_,
                                               [&](const WorkersProgress& told) { tasks = told; });
    ClusterOptions options = OptionsFor(request, products);
    options.progress = [&](double share) {
      std::string name = "comparing tracks";
      if (tasks.done + tasks.under_way > 0) {
        ScanProgress of_tasks;
        of_tasks.workers = tasks;
        name += fmt::format(" ({})", WorkersText(of_tasks));
      }
      watch_.to().OnWork({.name = name, .share = share});
    };
    const double began = ProgramProcessorSeconds();
    CROSSFACE_ASSIGN_OR_RETURN(answer_->group, only_what_is_new
                                                   ? ClusterWhatIsNew(run_.gallery(), request.method, options)
                                                   : ClusterCase(run_.gallery(), request.method, options));
    answer_->group->cpu_seconds = ProgramProcessorSeconds() - began;
    workers_.reset();
    for (const std::string& warning : answer_->group->warnings) run_.Warn(warning);
    watch_.to().OnGrouped(*answer_->group);
    nlohmann::json fields = ToJson(*answer_->group);
    if (tasks.done > 0) fields["ray"] = {{"tasks", tasks.done}, {"repeated", tasks.repeated}};
    return run_.Log("cluster", fields);
  }

  Status Export() { return run_.Export(&answer_->exported); }

  Ending End(Status status) {
    if (status.code() == StatusCode::kInterrupted)
      status = Status(status.code(), "Stopped. What was scanned is kept; run the same command to go on.");
    ExitCode code = kExitDone;
    if (answer_->exported && answer_->exported->tracks == 0) code = kExitNothingFound;
    if (answer_->scan && !(answer_->scan->summary.failed.empty() && answer_->scan->summary.damaged.empty()))
      code = kExitSomeSourcesBad;
    return run_.End(std::move(status), code);
  }

 private:
  ClusterOptions OptionsFor(const GroupRequest& request, std::shared_ptr<ProductSearch> products) const {
    return {.profile = request.profile, .products = std::move(products), .progress = {}, .stop = watch_.stop};
  }

  static DeviceUse UseOf(const ScanModels& models) {
    DeviceUse use{.device = models.device.ToString(), .card = {}, .nets = models.nets};
    if (models.device.kind == Device::Kind::kCuda) {
      if (const auto card = ReadCudaCard(models.device.index); card.ok()) use.card = *card;
    }
    return use;
  }

  // A case goes on with the models that it has; a new one, and with a rescan any, takes what is asked for or
  // there.
  Status LoadModels(ScanSettings settings) {
    std::optional<CaseSettings> of_case;
    if (const auto gallery = Gallery::Open(case_folder_, Gallery::Mode::kRead); gallery.ok()) {
      if (!settings.rescan) {
        CROSSFACE_ASSIGN_OR_RETURN(of_case, ReadCaseSettings(**gallery));
      }
      // Embedding models that the case was given.
      if (const auto names = (*gallery)->ReadFact(kEmbeddersFact);
          names.ok() && settings.embedders.empty() && !of_case)
        settings.embedders = SplitNames(*names);
    }
    CROSSFACE_ASSIGN_OR_RETURN(models_, LoadModelsForCase(settings, of_case));
    if (!models_.unavailable.ok()) run_.Warn(models_.unavailable.message());
    if (of_case) {
      prepared_.case_sources = of_case->sources;
      prepared_.case_video_ms = of_case->video_ms;
    }
    return Status();
  }

  void WarnOf(const ScanSummary& summary) {
    for (const auto& [name, message] : summary.failed)
      run_.Warn(fmt::format("{}: failed: {}", name, message));
    for (const auto& [name, message] : summary.damaged)
      run_.Warn(fmt::format("{}: damaged: {}", name, message));
    for (const std::string& name : summary.changed)
      run_.Warn(name + ": its content has changed since the last run; it was scanned anew");
    for (const std::string& name : summary.rewritten)
      run_.Warn(name + ": it was written to while it was read, and was read again");
    std::map<std::string, int64_t> not_by_card;
    for (const auto& [name, use] : summary.decoded) {
      if (use.processor_frames > 0) ++not_by_card[use.why_not];
    }
    for (const auto& [why, films] : not_by_card)
      run_.Warn(fmt::format("{} decoded by the processor, not by a card: {}", Counted(films, "film"), why));
    for (const std::string& name : summary.skipped)
      run_.Warn(name + ": left out as you asked; the next run goes on with it");
    if (summary.kept > 0) {
      run_.Warn(fmt::format("{} were scanned otherwise ({}) and stay as they are; a rescan scans them again",
                            AmountText(summary.kept, summary.kept_ms), fmt::join(summary.differences, "; ")));
    }
  }

  const std::filesystem::path& case_folder_;
  const Watch& watch_;
  IdentifyAnswer* answer_;
  CaseRun run_;
  SourceSearch search_;
  ScanModels models_;
  std::shared_ptr<ProductSearch> products_;  // null: the processor compares tracks
  std::shared_ptr<RayWorkers> workers_;      // null: this machine scans, and compares
  int64_t compare_from_ = 0;                 // on the cluster
  PreparedAnswer prepared_;
};

}  // namespace

Ending CaseService::Identify(const ScanRequest& scan, const GroupRequest& group, const Watch& watch,
                             IdentifyAnswer* answer) const {
  MainJob job(case_folder_, watch, answer);
  Status status = job.Prepare(scan);
  if (status.ok()) status = job.PrepareGroup(scan.settings.device, scan.ray);
  if (status.ok()) status = job.Open("identify", Gallery::Mode::kCreate);
  if (status.ok()) status = job.Scan(scan, group);
  if (status.ok()) status = job.Group(group, true);
  if (status.ok()) status = job.Export();
  return job.End(std::move(status));
}

Ending CaseService::Scan(const ScanRequest& scan, const Watch& watch, IdentifyAnswer* answer) const {
  MainJob job(case_folder_, watch, answer);
  Status status = job.Prepare(scan);
  if (status.ok()) status = job.Open("scan", Gallery::Mode::kCreate);
  if (status.ok()) status = job.Scan(scan, {});
  return job.End(std::move(status));
}

Ending CaseService::Group(const GroupRequest& group, const Watch& watch, IdentifyAnswer* answer) const {
  MainJob job(case_folder_, watch, answer);
  Status status = job.PrepareGroup(group.device, group.ray);
  if (status.ok()) status = job.Open("cluster", Gallery::Mode::kWrite);
  if (status.ok()) status = job.Group(group, false);
  return job.End(std::move(status));
}

Ending CaseService::Export(const Watch& watch, IdentifyAnswer* answer) const {
  MainJob job(case_folder_, watch, answer);
  Status status = job.Open("export", Gallery::Mode::kWrite);
  if (status.ok()) status = job.Export();
  return job.End(std::move(status));
}

}  // namespace crossface
