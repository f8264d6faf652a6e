// CaseService: known people, enrolled from photos.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/app/case_run.h"
#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/app/look.h"
#include "crossface/app/look_at.h"
#include "crossface/gallery/file_name.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/io/store.h"
#include "crossface/media/file/source.h"
#include "crossface/search/enrol.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

EnrolledFaceAnswer Answer(const ReferenceFace& face) {
  return {.name = face.name,
          .photo = face.photo,
          .photo_sha256 = face.photo_sha256,
          .time = face.time,
          .by = face.by,
          .box = {face.box.x, face.box.y, face.box.width, face.box.height},
          .quality = face.quality};
}

bool IsCalled(const std::string& one, const std::string& other) {
  return CaseFolded(one) == CaseFolded(other);
}

// Rising. Hidden ones are left out.
Result<std::vector<std::filesystem::path>> FoldersIn(const std::filesystem::path& place) {
  std::vector<std::filesystem::path> folders;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<io::Entry> found, io::List(place.string()));
  for (const io::Entry& each : found) {
    if (each.name.starts_with('.')) continue;
    const std::filesystem::path path = place / each.name;
    CROSSFACE_ASSIGN_OR_RETURN(const io::Kind kind, io::KindOf(path.string()));
    if (kind == io::Kind::kFolder) folders.push_back(path);
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

// By number: persons of these names (folded), confirmed or not; without names whoever is called by a
// reference.
Status AnswerNamed(const Gallery& gallery, const std::set<std::string>* names,
                   std::vector<PersonAnswer>* named) {
  CROSSFACE_ASSIGN_OR_RETURN(const PeoplePage page, ListPeople(gallery));
  for (const ListedPerson& person : page.persons) {
    const PersonFacts& facts = person.facts;
    if (names == nullptr ? facts.by_reference : names->contains(CaseFolded(WithoutReferenceMark(facts.name))))
      named->push_back(AnswerOf(person));
  }
  std::sort(named->begin(), named->end(), [](const auto& x, const auto& y) { return x.id < y.id; });
  return Status();
}

class EnrolRun {
 public:
  EnrolRun(CaseRun& run, const Watch& watch, EnrolAnswer* answer)
      : run_(run), watch_(watch), answer_(answer) {}

  // Nothing is made of a case that there is not, unless somebody can be enrolled.
  Status Enrol(const EnrolRequest& request, const std::filesystem::path& case_folder) {
    constexpr char kVerb[] = "people enrol";
    is_new_ = !std::filesystem::exists(case_folder / "crossface.db");
    if (!is_new_) CROSSFACE_RETURN_IF_ERROR(run_.Open(kVerb));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<ReferenceFace> faces,
                               request.from.empty() ? FromPhotos(request)
                               : std::filesystem::exists(request.from / "crossface.db")
                                   ? FromCase(request)
                                   : FromFolders(request));
    for (ReferenceFace& face : faces) {
      face.by = request.by;
      names_.insert(CaseFolded(face.name));
      answer_->enrolled.push_back(Answer(face));
    }
    if (is_new_) CROSSFACE_RETURN_IF_ERROR(run_.Open(kVerb, Gallery::Mode::kCreate));
    // All of it was enrolled before.
    if (faces.empty()) names_.insert(CaseFolded(request.name));
    CROSSFACE_RETURN_IF_ERROR(run_.gallery().AddReferences(faces));
    // Without names: these can be forgotten, the log cannot.
    CROSSFACE_RETURN_IF_ERROR(run_.Log("enrolled", {{"faces", faces.size()}}));
    return Follow(request.group);
  }

  Status Remove(const UnenrolRequest& request) {
    const std::string& name = request.name;
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> known, run_.gallery().ReadReferences());
    for (const ReferenceFace& face : known) {
      if (IsCalled(face.name, name)) answer_->enrolled.push_back(Answer(face));
    }
    if (answer_->enrolled.empty())
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("nobody is enrolled as '{}'", SafeFileName(name, 100)));
    names_.insert(CaseFolded(name));
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t removed, run_.gallery().RemoveReferences(name));
    CROSSFACE_RETURN_IF_ERROR(run_.Log("enrolment removed", {{"faces", removed}}));
    return Follow(request.group);
  }

 private:
  Result<std::vector<ReferenceFace>> FromPhotos(const EnrolRequest& request) {
    CROSSFACE_RETURN_IF_ERROR(FindSources(request.photos, watch_.stop).status());
    CROSSFACE_ASSIGN_OR_RETURN(const SearchModels models, LoadModels(request));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> known, Known());
    return FacesOf(request.name, request.photos, request, models, known);
  }

  Result<std::vector<ReferenceFace>> FacesOf(const std::string& name,
                                             const std::vector<std::filesystem::path>& places,
                                             const EnrolRequest& request, const SearchModels& models,
                                             const std::vector<ReferenceFace>& known) {
    CROSSFACE_ASSIGN_OR_RETURN(const SourceSearch search, FindSources(places, watch_.stop));
    for (const Status& unreadable : search.unreadable) Warn(unreadable.message());
    std::vector<std::filesystem::path> photos;
    for (const SourceFile& file : search.files) photos.push_back(file.path);
    if (photos.empty())
      return Status(StatusCode::kNoVideo, fmt::format("no picture in {}", DisplayPath(places.front())));
    std::vector<std::string> warnings;
    auto faces = ReadReferences(photos,
                                {.name = name,
                                 .face = request.face,
                                 .called = request.called,
                                 .insist = request.insist,
                                 .stop = watch_.stop},
                                models, known, &warnings);
    for (const std::string& warning : warnings) Warn(warning);
    return faces;
  }

  Result<std::vector<ReferenceFace>> FromFolders(const EnrolRequest& request) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::filesystem::path> folders, FoldersIn(request.from));
    CROSSFACE_ASSIGN_OR_RETURN(const SearchModels models, LoadModels(request));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> known, Known());
    std::vector<ReferenceFace> all;
    Status problem = Status(
        StatusCode::kInvalidArgument,
        fmt::format("{} is neither a case nor a folder with a folder per person", DisplayPath(request.from)));
    int64_t done = 0;
    for (const auto& folder : folders) {
      watch_.to().OnWork(CountedWork("enrol", done++, static_cast<int64_t>(folders.size())));
      const std::string name = folder.filename().string();
      if (!request.name.empty() && !IsCalled(name, request.name)) continue;
      auto faces = FacesOf(name, {folder}, request, models, known);
      if (faces.status().code() == StatusCode::kInterrupted) return faces;
      if (faces.ok()) {
        std::move(faces->begin(), faces->end(), std::back_inserter(all));
        problem = Status();
      } else {
        Warn(faces.status().message());
        if (all.empty()) problem = faces.status();
      }
    }
    if (!problem.ok()) return problem;
    return all;
  }

  // Footage decides which vectors can be compared; before there is any, the usual models do.
  Result<SearchModels> LoadModels(const EnrolRequest& request) {
    if (is_new_) return SearchModels::Usual(request.models, request.device);
    CROSSFACE_ASSIGN_OR_RETURN(const TemplateKeys keys, run_.gallery().ReadTemplateKeys());
    if (keys.keys.empty()) return SearchModels::Usual(request.models, request.device);
    CROSSFACE_ASSIGN_OR_RETURN(const SearchEnsemble ensemble, SearchEnsemble::Of(run_.gallery(), keys));
    return SearchModels::Load(run_.gallery(), ensemble, request.models, request.device);
  }

  Result<std::vector<ReferenceFace>> FromCase(const EnrolRequest& request) {
    CROSSFACE_ASSIGN_OR_RETURN(const auto other, Gallery::Open(request.from, Gallery::Mode::kRead));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<ReferenceFace> theirs, other->ReadReferences());
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> known, Known());
    if (!request.name.empty())
      std::erase_if(theirs, [&](const ReferenceFace& face) { return !IsCalled(face.name, request.name); });
    if (theirs.empty())
      return Status(StatusCode::kInvalidArgument,
                    request.name.empty()
                        ? fmt::format("nobody is enrolled in {}", DisplayPath(request.from))
                        : fmt::format("nobody is enrolled as '{}' in {}", SafeFileName(request.name, 100),
                                      DisplayPath(request.from)));
    std::erase_if(theirs, [&](const ReferenceFace& face) {
      return std::any_of(known.begin(), known.end(), [&](const ReferenceFace& own) {
        return IsCalled(own.name, face.name) && own.photo_sha256 == face.photo_sha256 && own.box == face.box;
      });
    });
    return theirs;
  }

  Status Follow(bool group) {
    CROSSFACE_ASSIGN_OR_RETURN(const CaseTide tide, run_.gallery().ReadTide());
    if (tide.tracks == 0) return run_.Export();
    if (group) return GroupAgain();
    CROSSFACE_ASSIGN_OR_RETURN(LastGrouping last, ReadLastGrouping(run_.gallery()));
    answer_->to_group.emplace().profile = last.profile;
    if (!last.method.empty()) answer_->to_group->method = std::move(last.method);
    return Status();
  }

  Status GroupAgain() {
    ClusterOptions options;
    options.stop = watch_.stop;
    CROSSFACE_ASSIGN_OR_RETURN(answer_->group, ClusterAgain(run_.gallery(), options));
    for (const std::string& warning : answer_->group->warnings) Warn(warning);
    watch_.to().OnGrouped(*answer_->group);
    CROSSFACE_RETURN_IF_ERROR(run_.Log("cluster", ToJson(*answer_->group)));
    CROSSFACE_RETURN_IF_ERROR(run_.Export());
    return AnswerNamed(run_.gallery(), &names_, &answer_->named);
  }

  Result<std::vector<ReferenceFace>> Known() {
    return is_new_ ? Result<std::vector<ReferenceFace>>(std::vector<ReferenceFace>())
                   : run_.gallery().ReadReferences();
  }

  void Warn(const std::string& text) {
    run_.Warn(text);
    answer_->warnings.push_back(text);
  }

  CaseRun& run_;
  const Watch& watch_;
  EnrolAnswer* answer_;
  bool is_new_ = false;
  std::set<std::string> names_;  // folded
};

}  // namespace

Ending CaseService::Enrol(const EnrolRequest& request, const Watch& watch, EnrolAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  return run.End(EnrolRun(run, watch, answer).Enrol(request, case_folder_));
}

Ending CaseService::Unenrol(const UnenrolRequest& request, const Watch& watch, EnrolAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.Open("people unenrol"));
    return EnrolRun(run, watch, answer).Remove(request);
  };
  return run.End(all());
}

Ending CaseService::References(ReferencesAnswer* answer) const {
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> references, gallery.ReadReferences());
    for (const ReferenceFace& face : references) answer->references.push_back(Answer(face));
    return AnswerNamed(gallery, nullptr, &answer->named);
  });
}

}  // namespace crossface
