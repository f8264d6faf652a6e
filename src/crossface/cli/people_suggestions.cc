#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/cli/people_command.h"
#include "crossface/curation/review.h"
#include "crossface/export/case_view.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

class SuggestionList {
 public:
  SuggestionList(const Gallery& gallery, const CaseView& view) : gallery_(gallery), view_(view) {}

  void Add(const SuggestionView& suggestion) {
    const std::string kind(SuggestionName(suggestion.record.kind));
    std::vector<std::string> tracks;
    for (const size_t track : suggestion.tracks) tracks.push_back(view_.TrackName(track));
    const std::string shown = Printable(fmt::format("{}", fmt::join(tracks, " ")));
    const std::string picture = Picture(suggestion.face), other_picture = Picture(suggestion.other_face);
    json_.push_back({{"rank", suggestion.record.rank},
                     {"kind", kind},
                     {"person", PersonJson(static_cast<int>(suggestion.person))},
                     {"other", PersonJson(suggestion.other)},
                     {"tracks", tracks},
                     {"probability", suggestion.record.probability},
                     {"gain", suggestion.record.gain},
                     {"picture", picture},
                     {"other_picture", other_picture}});
    const std::string& person = view_.persons[suggestion.person].record.name;
    const std::string what = suggestion.other >= 0
                                 ? fmt::format("{} and {} may be one", person, NameOf(suggestion.other))
                                 : fmt::format("of {}, these may be somebody else: {}", person, shown);
    plain_ += fmt::format("{:>4}  {:<7}  {:>11.3f}  {:>7.2f}  {}\n", suggestion.record.rank, kind,
                          suggestion.record.probability, suggestion.record.gain, what);
    for (const std::string& path : {picture, other_picture}) {
      if (!path.empty()) plain_ += fmt::format("{:37}{}\n", "", path);
    }
  }

  Json json() const { return json_; }
  std::string plain() const {
    if (json_.empty()) return "nothing is suggested";
    return fmt::format(
        "{:>4}  {:<7}  {:>11}  {:>7}  what\n{}follow one with crossface people merge or split; "
        "answer it with crossface people not-same or confirm",
        "rank", "kind", "probability", "gain", plain_);
  }

 private:
  const std::string& NameOf(int person) const {
    return view_.persons[static_cast<size_t>(person)].record.name;
  }
  Json PersonJson(int person) const {
    if (person < 0) return nullptr;
    return {{"id", view_.persons[static_cast<size_t>(person)].record.id}, {"name", NameOf(person)}};
  }
  // Empty where the last export has not written it.
  std::string Picture(FacePlace face) const {
    const std::string path = view_.ImagePath(face);
    return gallery_.directory().Look(path).kind == Directory::Kind::kFile ? path : "";
  }

  const Gallery& gallery_;
  const CaseView& view_;
  Json json_ = Json::array();
  std::string plain_;
};

}  // namespace

Result<std::string> ListSuggestions(const Gallery& gallery, const CurationState& state,
                                    nlohmann::json* answer) {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
  SuggestionList list(gallery, view);
  for (const SuggestionRecord& suggestion : suggestions) {
    if (IsSettled(state, suggestion)) continue;
    if (const auto shown = view.Show(suggestion)) list.Add(*shown);
  }
  (*answer)["suggestions"] = list.json();
  return list.plain();
}

}  // namespace crossface
