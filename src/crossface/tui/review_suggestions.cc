// What the last grouping asks, one question after the other, two faces side by side.
#include <fmt/format.h>

#include "crossface/tui/review_view.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using namespace ftxui;

class SuggestionsView final : public ReviewView {
 public:
  explicit SuggestionsView(ReviewDesk& desk) : ReviewView(desk) { Refresh(); }

  std::string Title() const override {
    return total_ == 0 ? "suggestions" : fmt::format("suggestion {} of {}", at_ + 1, total_);
  }

  Element Draw(int rows) override {
    if (!shown_) return text(" nothing is left to ask") | center;
    const SuggestionAnswer& asked = shown_->question;
    const int columns = desk_.screen().columns(), width = (columns - 3) / 2;
    const int height = std::max(4, std::min(rows - 6, width / 2));
    const std::string right = asked.other ? asked.other->name : "of the same person";
    return vbox({hbox({Side(asked.person.name, shown_->side, width, height), separatorLight(),
                       Side(right, shown_->other_side, width, height)}),
                 separatorLight(), Question(), Evidence()});
  }

  Keys MainKeys() const override {
    if (!shown_) return {{"u", "undo"}, {"q", "back"}};
    return {{"y", "yes"},  {"n", "no"},   {"space", "later"}, {"b", "before"},
            {"u", "undo"}, {"q", "back"}, {"?", "help"}};
  }
  Keys MoreKeys() const override {
    return {{"o", "open the left moment in the player"}, {"O", "open the right one"}};
  }

  void Press(const Key& key) override {
    if (key.Is('q') || key.kind == Key::kEscape || key.kind == Key::kLeft) return Leave();
    if (key.Is('u')) return desk_.Correct(UndoCorrections{});
    if (key.Is('U')) return desk_.Correct(RedoCorrections{});
    if (!shown_) return;
    if (key.Is(' ') || key.kind == Key::kRight) return Move(at_ + 1);
    if (key.Is('b')) return Move(at_ + total_ - 1);
    if (key.Is('o')) return desk_.OpenMoment(shown_->side.face);
    if (key.Is('O')) return desk_.OpenMoment(shown_->other_side.face);
    if (key.Is('y') || key.Is('n')) desk_.Correct(Answer(key.Is('y')));
  }

  // What was answered is no longer among them: the next one is at its place.
  void Refresh() override {
    const auto page = desk_.browser().Suggestions({at_, 1});
    if (!page.ok()) return desk_.Tell(page.status());
    total_ = static_cast<size_t>(page->suggestions.total);
    if (page->suggestions.rows.empty()) {
      shown_.reset();
      if (at_ > 0 && total_ > 0) Move(0);
      return;
    }
    shown_ = page->suggestions.rows.front();
  }

 private:
  void Move(size_t to) {
    at_ = total_ == 0 ? 0 : to % total_;
    if (total_ > 0) Refresh();
  }

  Correction Answer(bool yes) const {
    const SuggestionAnswer& asked = shown_->question;
    const std::string person = std::to_string(asked.person.id);
    if (asked.other) {
      const std::string other = std::to_string(asked.other->id);
      if (yes) return MergePersons{{person, other}};
      return NotTheSame{person, {other}};
    }
    if (yes) return SplitTracks{person, asked.tracks, ""};
    return ConfirmTracks{person, asked.tracks};
  }

  Element Side(const std::string& name, const ShownSuggestion::Side& side, int width, int height) {
    return vbox({desk_.Face(side.face, width, height),
                 hbox({filler(), Said(BeginOf(name, width)) | bold, filler()}),
                 hbox({filler(), text(Timecode(Milliseconds(side.time_us))) | dim, filler()})}) |
           size(WIDTH, EQUAL, width);
  }

  Element Question() const {
    const SuggestionAnswer& asked = shown_->question;
    const std::string question =
        asked.other
            ? fmt::format(" Are {} and {} one person?", asked.person.name, asked.other->name)
            : fmt::format(" Is this somebody else than {}? ({} would be split off)", asked.person.name,
                          Counted(static_cast<int64_t>(asked.tracks.size()), "track"));
    return desk_.style().Accent(Said(question)) | bold;
  }

  Element Evidence() const {
    std::string told = fmt::format(" {:.0f} % likely", 100 * shown_->question.probability);
    for (const auto& score : shown_->scores.models)
      told += fmt::format("  {} {:.2f}", score.model, score.cosine);
    if (shown_->shared_sources > 0)
      told += fmt::format("  both in {}", Counted(shown_->shared_sources, "source"));
    if (shown_->together > 0)
      told += fmt::format("  together on the screen {}", Counted(shown_->together, "time"));
    return Said(told) | dim;
  }

  size_t at_ = 0, total_ = 0;
  std::optional<ShownSuggestion> shown_;
};

}  // namespace

std::unique_ptr<ReviewView> MakeSuggestionsView(ReviewDesk& desk) {
  return std::make_unique<SuggestionsView>(desk);
}

}  // namespace crossface
