// Everybody of the case, and who is who among them.
#include <fmt/format.h>

#include <map>

#include "crossface/tui/list_cursor.h"
#include "crossface/tui/review_view.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using namespace ftxui;

std::string Seconds(int64_t microseconds) { return ShortDuration(static_cast<double>(microseconds) / 1e6); }

class PeopleView final : public ReviewView {
 public:
  using ReviewView::ReviewView;

  std::string Title() const override {
    return fmt::format("people of {}", desk_.browser().case_folder().string());
  }

  Element Draw(int rows) override {
    Read(static_cast<size_t>(std::max(rows - 1, 1)));
    const int columns = desk_.screen().columns(), list = std::clamp(columns * 6 / 10, 44, 90);
    Elements lines = {text(fmt::format("   {:<{}} {:>9} {:>6} {:>7}", "name", list - 30, "on screen",
                                       "tracks", "sources")) |
                      dim};
    for (size_t i = 0; i < page_.rows.size(); ++i) lines.push_back(Row(page_.rows[i], i, list - 30));
    if (page_.rows.empty())
      lines.push_back(text(asked_.text.empty() ? "   nobody yet" : "   nobody is called so"));
    return hbox({vbox(std::move(lines)) | size(WIDTH, EQUAL, list), separatorLight(),
                 Chosen(columns - list - 2, rows) | flex});
  }

  Keys MainKeys() const override {
    return {{"enter", "look"}, {"r", "rename"}, {"space", "mark"}, {"m", "merge"},
            {"s", "suggest"},  {"u", "undo"},   {"q", "quit"},     {"?", "help"}};
  }
  Keys MoreKeys() const override {
    return {{"n", "the marked one is not this one"},
            {"i", "ignore, or no longer"},
            {"c", "all of this one is right"},
            {"o", "open in the player where first seen"},
            {"/", "find by name"},
            {"U", "redo what was undone"}};
  }

  void Press(const Key& key) override {
    if (cursor_.Press(key)) return;
    if (key.Is('q')) return Leave();
    if (key.Is('s')) return GoTo(MakeSuggestionsView(desk_));
    if (key.Is('u')) return desk_.Correct(UndoCorrections{});
    if (key.Is('U')) return desk_.Correct(RedoCorrections{});
    if (key.Is('/')) return Find();
    if (key.kind == Key::kEscape) return marked_.clear();
    if (const ShownPerson* one = chosen()) PressOn(*one, key);
  }

  void Refresh() override {}

 private:
  void PressOn(const ShownPerson& one, const Key& key) {
    const int64_t id = one.person.id;
    const std::string number = std::to_string(id);
    if (key.kind == Key::kEnter || key.kind == Key::kRight) {
      GoTo(MakePersonView(desk_, id));
    } else if (key.Is(' ')) {
      if (marked_.erase(id) == 0) marked_[id] = one.person.name;
      cursor_.Choose(cursor_.chosen() + 1);
    } else if (key.Is('r')) {
      desk_.Ask(fmt::format("name of {}:", one.person.name), one.named ? one.person.name : "",
                [this, number](const std::string& name) {
                  desk_.Correct(RenamePerson{number, name});
                });
    } else if (key.Is('i')) {
      desk_.Correct(IgnorePerson{number, !one.person.ignored});
    } else if (key.Is('c')) {
      desk_.Correct(ConfirmTracks{number, {}});
    } else if (key.Is('o')) {
      desk_.OpenMoment(one.portrait);
    } else if (key.Is('m') || key.Is('n')) {
      WithMarked(one, key.Is('m'));
    }
  }

  void WithMarked(const ShownPerson& one, bool merge) {
    std::vector<std::string> others;
    std::string names;
    for (const auto& [id, name] : marked_) {
      if (id == one.person.id) continue;
      others.push_back(std::to_string(id));
      names += (names.empty() ? "" : ", ") + name;
    }
    if (others.empty() || (!merge && others.size() > 1))
      return desk_.Warn(merge ? "mark with space who is the same, then choose who stays and press m"
                              : "mark one with space, then choose the other one and press n");
    const auto done = [this] { marked_.clear(); };
    const std::string number = std::to_string(one.person.id);
    if (!merge) return desk_.Correct(NotTheSame{number, others}, done);
    others.insert(others.begin(), number);
    desk_.AskWhether(fmt::format("{} and {} are one?", one.person.name, names),
                     [this, others, done] { desk_.Correct(MergePersons{others}, done); });
  }

  void Find() {
    desk_.Ask("find:", asked_.text, [this](const std::string& text) {
      asked_.text = text;
      cursor_.Choose(0);
    });
  }

  const ShownPerson* chosen() const {
    const size_t at = cursor_.chosen() - cursor_.first();
    return at < page_.rows.size() ? &page_.rows[at] : nullptr;
  }

  void Read(size_t rows) {
    asked_.ignored = PeopleAsked::Which::kAll;
    asked_.first_seen = true;
    cursor_.Fit(static_cast<size_t>(page_.total), rows);
    for (int turn = 0; turn < 2; ++turn) {
      auto page = desk_.browser().People(asked_, {cursor_.first(), rows});
      if (!page.ok()) return desk_.Tell(page.status());
      page_ = std::move(page->people);
      const size_t first = cursor_.first();
      cursor_.Fit(static_cast<size_t>(page_.total), rows);
      if (cursor_.first() == first) return;
    }
  }

  Element Row(const ShownPerson& one, size_t at, int width) const {
    const PersonAnswer& person = one.person;
    const std::string marks = marked_.contains(person.id) ? " * " : "   ";
    const std::string name = person.name + (person.by_reference ? " (by reference)" : "");
    Element named = Said(BeginOf(name, width)) | size(WIDTH, EQUAL, width);
    if (person.ignored) named = named | dim;
    if (one.named) named = named | bold;
    Element row = hbox(
        {text(marks), named,
         text(fmt::format(" {:>9} {:>6} {:>7}", Seconds(person.screen_us), person.tracks, person.sources))});
    return at + cursor_.first() == cursor_.chosen() ? row | inverted : row;
  }

  Element Chosen(int columns, int rows) {
    const ShownPerson* one = chosen();
    if (one == nullptr) return text("");
    const PersonAnswer& person = one->person;
    const int height = std::clamp(rows - 6, 4, columns / 2);
    Elements facts = {
        desk_.Face(one->portrait, columns, height), Said(BeginOf(person.name, columns - 1)) | bold,
        text(fmt::format("number {}{}", person.id, person.ignored ? ", ignored" : "")),
        text(fmt::format("{}, {} confirmed", Counted(person.tracks, "track"), person.confirmed_tracks))};
    if (person.cohesion) facts.push_back(text(fmt::format("cohesion {:.2f}", *person.cohesion)));
    if (one->first_seen)
      facts.push_back(Said(EndOf(fmt::format("{} {}", one->first_seen->source,
                                             Timecode(Milliseconds(one->first_seen->start_us))),
                                 columns - 1)) |
                      dim);
    return vbox(std::move(facts));
  }

  PeopleAsked asked_;
  ListCursor cursor_;
  Stretch<ShownPerson> page_;
  std::map<int64_t, std::string> marked_;
};

}  // namespace

std::unique_ptr<ReviewView> MakePeopleView(ReviewDesk& desk) { return std::make_unique<PeopleView>(desk); }

}  // namespace crossface
