#include "crossface/app/job_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cluster/persons/clusterer.h"

namespace crossface {
namespace {

using Json = nlohmann::json;
using Paths = std::vector<std::filesystem::path>;
using Names = std::vector<std::string>;

template <typename Value>
using Words = std::vector<std::pair<std::string, Value>>;

const Words<Profile> kProfiles = {
    {"strict", Profile::kStrict}, {"balanced", Profile::kBalanced}, {"loose", Profile::kLoose}};
const Words<LicencePolicy> kLicences = {{"any", LicencePolicy::kAny},
                                        {"permissive", LicencePolicy::kPermissive}};
const Words<HideMethod> kHideMethods = {{"fill", HideMethod::kFill}, {"blur", HideMethod::kBlur}};

Words<DetectorKind> Detectors() {
  Words<DetectorKind> words;
  for (int i = 0; i < kDetectorKinds; ++i)
    words.emplace_back(DetectorName(static_cast<DetectorKind>(i)), static_cast<DetectorKind>(i));
  return words;
}

// Walks over the fields of a request, either way: every field is named once, for reading and for writing.
class Fields {
 public:
  virtual ~Fields() = default;
  virtual void Text(const char* name, std::string* value, bool needed = false) = 0;
  virtual void Flag(const char* name, bool* value) = 0;
  virtual void Texts(const char* name, Names* values, bool needed = false) = 0;

  void Path(const char* name, std::filesystem::path* path, bool needed = false) {
    std::string text = path->string();
    Text(name, &text, needed);
    *path = text;
  }
  void AllPaths(const char* name, Paths* paths, bool needed = false) {
    Names texts;
    for (const auto& path : *paths) texts.push_back(path.string());
    Texts(name, &texts, needed);
    paths->assign(texts.begin(), texts.end());
  }
  template <typename Value>
  void Word(const char* name, const Words<Value>& words, Value* value) {
    std::string text;
    for (const auto& [word, meaning] : words) {
      if (meaning == *value) text = word;
    }
    Text(name, &text);
    if (const auto meaning = Meaning(name, words, text)) *value = *meaning;
  }
  template <typename Value>
  void AllWords(const char* name, const Words<Value>& words, std::vector<Value>* values) {
    Names texts;
    for (const Value value : *values) {
      for (const auto& [word, meaning] : words) {
        if (meaning == value) texts.push_back(word);
      }
    }
    Texts(name, &texts);
    values->clear();
    for (const std::string& text : texts) {
      if (const auto meaning = Meaning(name, words, text)) values->push_back(*meaning);
    }
  }
  // For what is written in words of its own.
  void Refuse(const std::string& message) {
    if (problem.ok()) problem = Status(StatusCode::kInvalidArgument, message);
  }

  Status problem;  // the first

 private:
  template <typename Value>
  std::optional<Value> Meaning(const char* name, const Words<Value>& words, const std::string& text) {
    std::string known;
    for (const auto& [word, meaning] : words) {
      if (word == text) return meaning;
      known += (known.empty() ? "" : ", ") + word;
    }
    Refuse(fmt::format("\"{}\" is none of the words of the field {}: {}", text, name, known));
    return std::nullopt;
  }
};

class Writer : public Fields {
 public:
  explicit Writer(Json* json) : json_(*json) {}
  void Text(const char* name, std::string* value, bool needed) override {
    if (needed || !value->empty()) json_[name] = *value;
  }
  void Flag(const char* name, bool* value) override {
    if (*value) json_[name] = true;
  }
  void Texts(const char* name, Names* values, bool needed) override {
    if (needed || !values->empty()) json_[name] = *values;
  }

 private:
  Json& json_;
};

class Reader : public Fields {
 public:
  explicit Reader(const Json& json) : json_(json) {}
  void Text(const char* name, std::string* value, bool needed) override {
    const Json* field = Find(name, needed);
    if (field == nullptr) return;
    if (!field->is_string()) return Refuse(fmt::format("the field {} is no text", name));
    *value = field->get<std::string>();
    if (needed && value->empty()) Refuse(fmt::format("the field {} is empty", name));
  }
  void Flag(const char* name, bool* value) override {
    const Json* field = Find(name, false);
    if (field == nullptr) return;
    if (!field->is_boolean()) return Refuse(fmt::format("the field {} is neither true nor false", name));
    *value = field->get<bool>();
  }
  void Texts(const char* name, Names* values, bool needed) override {
    const Json* field = Find(name, needed);
    if (field == nullptr) return;
    if (!field->is_array() || !std::all_of(field->begin(), field->end(), [](const Json& text) {
          return text.is_string() && !text.get_ref<const std::string&>().empty();
        }))
      return Refuse(fmt::format("the field {} is no list of texts", name));
    *values = field->get<Names>();
    if (needed && values->empty()) Refuse(fmt::format("the field {} is empty", name));
  }
  void RefuseOthers() {
    for (const auto& [name, value] : json_.items()) {
      if (name != "verb" && !asked_.contains(name)) Refuse(fmt::format("there is no field {}", name));
    }
  }

 private:
  const Json* Find(const char* name, bool needed) {
    asked_.insert(name);
    const auto found = json_.find(name);
    if (found != json_.end()) return &*found;
    if (needed) Refuse(fmt::format("the field {} is missing", name));
    return nullptr;
  }

  const Json& json_;
  std::set<std::string> asked_;
};

void Walk(GivenGeometry* geometry, Fields* fields) {
  std::string turn = geometry->forget      ? "auto"
                     : geometry->clockwise ? std::to_string(*geometry->clockwise)
                                           : "",
              aspect = geometry->picture_aspect ? geometry->picture_aspect->ToString() : "";
  fields->Text("rotate", &turn);
  fields->Text("aspect", &aspect);
  *geometry = {};
  if (turn == "auto") {
    geometry->forget = true;
  } else if (turn == "0" || turn == "90" || turn == "180" || turn == "270") {
    geometry->clockwise = std::stoi(turn);
  } else if (!turn.empty()) {
    fields->Refuse(fmt::format("\"{}\" is no turn: 0, 90, 180, 270 or auto", turn));
  }
  if (aspect.empty()) return;
  const auto parsed = ParseAspect(aspect);
  if (!parsed.ok()) return fields->Refuse(parsed.status().message());
  geometry->picture_aspect = *parsed;
}

void Walk(GroupRequest* group, Fields* fields) {
  fields->Text("clustering", &group->method);
  const auto methods = ClusteringMethods();
  if (std::find(methods.begin(), methods.end(), group->method) == methods.end())
    fields->Refuse(fmt::format("\"{}\" is no method of clustering", group->method));
  fields->Word("profile", kProfiles, &group->profile);
}

struct WalkRequest {
  Fields* fields;

  void operator()(IdentifyJob& job) const {
    fields->AllPaths("sources", &job.scan.sources, true);
    fields->Flag("exhaustive", &job.scan.settings.exhaustive);
    fields->Flag("rescan", &job.scan.settings.rescan);
    fields->Word("licence", kLicences, &job.scan.settings.licence);
    fields->AllWords("detectors", Detectors(), &job.scan.settings.detectors);
    fields->Texts("embedders", &job.scan.settings.embedders);
    Walk(&job.scan.settings.geometry, fields);
    Walk(&job.group, fields);
  }
  void operator()(GroupJob& job) const { Walk(&job.group, fields); }
  void operator()(ExportJob&) const {}
  void operator()(ReembedRequest& job) const { fields->Texts("embedders", &job.embedders, true); }
  void operator()(DuplicatesJob&) const {}
  void operator()(RedactRequest& job) const {
    fields->Text("source", &job.source, true);
    fields->Path("output", &job.output, true);
    fields->Path("sources", &job.sources);
    fields->Flag("all", &job.all);
    fields->Texts("only", &job.only);
    fields->Texts("except", &job.except);
    fields->Word("method", kHideMethods, &job.method);
    fields->Flag("strip_metadata", &job.strip_metadata);
    fields->Flag("exhaustive", &job.exhaustive);
    if (int{job.all} + int{!job.only.empty()} + int{!job.except.empty()} != 1)
      fields->Refuse("whose faces are hidden? Give one of the fields all, only and except");
  }
  void operator()(VerifyJob& job) const { fields->Path("sources", &job.sources); }
  void operator()(LocateRequest& job) const {
    fields->Path("place", &job.place, true);
    fields->Text("source", &job.source);
  }
  void operator()(ForgetRequest& job) const {
    fields->Text("what", &job.what, true);
    fields->Flag("source", &job.source);
    fields->Flag("dry_run", &job.dry_run);
    fields->Flag("confirmed", &job.confirmed);
  }
  void operator()(FormatsRequest& job) const {
    fields->Texts("formats", &job.formats, true);
    fields->Path("out", &job.out, true);
  }
};

// In the order of the variant.
constexpr std::string_view kVerbs[] = {"identify", "cluster", "export", "reembed", "duplicates",
                                       "redact",   "verify",  "locate", "forget",  "formats"};

template <size_t... Index>
std::optional<JobRequest> EmptyRequest(std::string_view verb, std::index_sequence<Index...>) {
  std::optional<JobRequest> request;
  ((verb == kVerbs[Index] ? void(request.emplace(std::in_place_index<Index>)) : void()), ...);
  return request;
}

template <typename Answer, typename Call>
Ending Answered(Json* json, const Call& call) {
  Answer answer;
  Ending ending = call(&answer);
  *json = ToJson(answer);
  return ending;
}

struct CallService {
  const CaseService& service;
  const JobMeans& means;
  const Watch& watch;
  Json* answer;

  Ending operator()(IdentifyJob& job) const {
    job.scan.settings.models = means.models;
    job.scan.settings.device = means.device;
    job.scan.settings.threads = means.threads;
    job.group.device = means.device;
    job.scan.people_meanwhile = true;
    return Answered<IdentifyAnswer>(
        answer, [&](IdentifyAnswer* filled) { return service.Identify(job.scan, job.group, watch, filled); });
  }
  Ending operator()(GroupJob& job) const {
    job.group.device = means.device;
    return Answered<IdentifyAnswer>(answer, [&](IdentifyAnswer* filled) {
      Ending ending = service.Group(job.group, watch, filled);
      return ending.status.ok() ? service.Export(watch, filled) : ending;
    });
  }
  Ending operator()(const ExportJob&) const {
    return Answered<IdentifyAnswer>(answer,
                                    [&](IdentifyAnswer* filled) { return service.Export(watch, filled); });
  }
  Ending operator()(ReembedRequest& job) const {
    Equip(&job);
    return Answered<ReembedAnswer>(
        answer, [&](ReembedAnswer* filled) { return service.Reembed(job, watch, filled); });
  }
  Ending operator()(const DuplicatesJob&) const {
    return Answered<DuplicatesAnswer>(
        answer, [&](DuplicatesAnswer* filled) { return service.Duplicates(means.threads, watch, filled); });
  }
  Ending operator()(RedactRequest& job) const {
    Equip(&job);
    return Answered<RedactAnswer>(answer,
                                  [&](RedactAnswer* filled) { return service.Redact(job, watch, filled); });
  }
  Ending operator()(const VerifyJob& job) const {
    return Answered<VerifyAnswer>(
        answer, [&](VerifyAnswer* filled) { return service.Verify(job.sources, watch, filled); });
  }
  Ending operator()(const LocateRequest& job) const {
    return Answered<LocateAnswer>(answer,
                                  [&](LocateAnswer* filled) { return service.Locate(job, watch, filled); });
  }
  Ending operator()(const ForgetRequest& job) const {
    return Answered<ForgetAnswer>(answer,
                                  [&](ForgetAnswer* filled) { return service.Forget(job, watch, filled); });
  }
  Ending operator()(const FormatsRequest& job) const {
    return Answered<FormatsAnswer>(
        answer, [&](FormatsAnswer* filled) { return service.WriteFormats(job, watch, filled); });
  }

 private:
  template <typename Request>
  void Equip(Request* job) const {
    job->models = means.models;
    job->device = means.device;
    job->threads = means.threads;
  }
};

}  // namespace

std::string_view VerbOf(const JobRequest& request) { return kVerbs[request.index()]; }

Json ToJson(const JobRequest& request) {
  static_assert(std::variant_size_v<JobRequest> == std::size(kVerbs));
  Json json = {{"verb", VerbOf(request)}};
  Writer writer(&json);
  JobRequest walked = request;
  std::visit(WalkRequest{&writer}, walked);
  return json;
}

Result<JobRequest> ParseJobRequest(const Json& json) {
  if (!json.is_object() || !json.contains("verb") || !json["verb"].is_string())
    return Status(StatusCode::kInvalidArgument, "a job is an object with the field verb");
  const std::string& verb = json["verb"].get_ref<const std::string&>();
  std::optional<JobRequest> request =
      EmptyRequest(verb, std::make_index_sequence<std::variant_size_v<JobRequest>>());
  if (!request) return Status(StatusCode::kInvalidArgument, fmt::format("there is no job \"{}\"", verb));
  Reader reader(json);
  std::visit(WalkRequest{&reader}, *request);
  reader.RefuseOthers();
  if (!reader.problem.ok()) return reader.problem;
  return *std::move(request);
}

Ending RunJob(const CaseService& service, JobRequest request, const JobMeans& means, const Watch& watch,
              Json* answer) {
  return std::visit(CallService{service, means, watch, answer}, request);
}

}  // namespace crossface
