// One person's appearances.
#include <fmt/format.h>

#include <set>

#include "crossface/tui/list_cursor.h"
#include "crossface/tui/review_view.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using namespace ftxui;

class PersonView final : public ReviewView {
 public:
  PersonView(ReviewDesk& desk, int64_t person) : ReviewView(desk), person_(person) { Refresh(); }

  std::string Title() const override {
    return fmt::format("{} (number {}), {}", name_, person_, Counted(page_.total, "appearance"));
  }

  Element Draw(int rows) override {
    Read(static_cast<size_t>(std::max(rows - 1, 1)));
    const int columns = desk_.screen().columns(), list = std::clamp(columns * 6 / 10, 50, 110);
    Elements lines = {text(fmt::format("   {:<12} {:<12} {:>5}  where", "from", "to", "sure")) | dim};
    for (size_t i = 0; i < page_.rows.size(); ++i) lines.push_back(Row(page_.rows[i], i, list - 36));
    return hbox({vbox(std::move(lines)) | size(WIDTH, EQUAL, list), separatorLight(),
                 Chosen(columns - list - 2, rows) | flex});
  }

  Keys MainKeys() const override {
    return {{"enter", "faces"}, {"space", "mark"}, {"x", "split off"}, {"m", "move"},
            {"n", "not this"},  {"u", "undo"},     {"q", "back"},      {"?", "help"}};
  }
  Keys MoreKeys() const override {
    return {{"c", "these are right"},
            {"o", "open the moment in the player"},
            {"r", "rename the person"},
            {"U", "redo what was undone"},
            {"", "without marks, the chosen one is meant"}};
  }

  void Press(const Key& key) override {
    if (cursor_.Press(key)) return;
    if (key.Is('q') || key.kind == Key::kLeft) return Leave();
    if (key.kind == Key::kEscape) return marked_.empty() ? Leave() : marked_.clear();
    if (key.Is('u')) return desk_.Correct(UndoCorrections{});
    if (key.Is('U')) return desk_.Correct(RedoCorrections{});
    if (key.Is('r'))
      return desk_.Ask(fmt::format("name of {}:", name_), "", [this](const std::string& name) {
        desk_.Correct(RenamePerson{number(), name});
      });
    if (const ShownAppearance* one = chosen()) PressOn(*one, key);
  }

  void Refresh() override {
    const auto person = desk_.browser().Person(person_);
    // Merged into another, or undone.
    if (!person.ok()) return Leave();
    name_ = person->person.person.name;
  }

 private:
  std::string number() const { return std::to_string(person_); }

  void PressOn(const ShownAppearance& one, const Key& key) {
    const auto done = [this] { marked_.clear(); };
    if (key.kind == Key::kEnter || key.kind == Key::kRight) {
      GoTo(MakeFacesView(desk_, one.track_id, one.appearance.track));
    } else if (key.Is(' ')) {
      if (marked_.erase(one.appearance.track) == 0) marked_.insert(one.appearance.track);
      cursor_.Choose(cursor_.chosen() + 1);
    } else if (key.Is('o')) {
      desk_.OpenMoment(one.face);
    } else if (key.Is('c')) {
      desk_.Correct(ConfirmTracks{number(), Meant(one)}, done);
    } else if (key.Is('n')) {
      desk_.Correct(NotTheSame{number(), Meant(one)}, done);
    } else if (key.Is('x')) {
      desk_.Ask("split off, as a new person called (or nothing):", "",
                [=, this, tracks = Meant(one)](const std::string& name) {
                  desk_.Correct(SplitTracks{number(), tracks, name}, done);
                });
    } else if (key.Is('m')) {
      desk_.Ask("move to (a name, a number, or nobody):", "",
                [=, this, tracks = Meant(one)](const std::string& to) {
                  desk_.Correct(MoveTracks{.tracks = tracks, .to = to}, done);
                });
    }
  }

  std::vector<std::string> Meant(const ShownAppearance& one) const {
    if (marked_.empty()) return {one.appearance.track};
    return {marked_.begin(), marked_.end()};
  }

  const ShownAppearance* chosen() const {
    const size_t at = cursor_.chosen() - cursor_.first();
    return at < page_.rows.size() ? &page_.rows[at] : nullptr;
  }

  void Read(size_t rows) {
    cursor_.Fit(static_cast<size_t>(page_.total), rows);
    for (int turn = 0; turn < 2; ++turn) {
      auto page = desk_.browser().Appearances(person_, {cursor_.first(), rows});
      if (!page.ok()) {
        page_ = {};
        return;
      }
      page_ = *std::move(page);
      const size_t first = cursor_.first();
      cursor_.Fit(static_cast<size_t>(page_.total), rows);
      if (cursor_.first() == first) return;
    }
  }

  Element Row(const ShownAppearance& one, size_t at, int width) const {
    const Appearance& seen = one.appearance;
    Element row = hbox(
        {text(marked_.contains(seen.track) ? " * " : "   "),
         text(fmt::format("{:<12} {:<12} {:>5.2f}{} ", Timecode(Milliseconds(seen.start_us)),
                          Timecode(Milliseconds(seen.end_us)), seen.confidence, seen.confirmed ? "!" : " ")),
         Said(EndOf(seen.track, width))});
    return at + cursor_.first() == cursor_.chosen() ? row | inverted : row;
  }

  Element Chosen(int columns, int rows) {
    const ShownAppearance* one = chosen();
    if (one == nullptr) return text("");
    const int height = std::clamp(rows - 5, 4, columns / 2);
    Elements facts = {desk_.Face(one->face, columns, height), Said(EndOf(one->appearance.track, columns - 1)),
                      text(fmt::format("{}{}", Counted(one->appearance.faces, "face"),
                                       one->appearance.confirmed ? ", confirmed" : ""))};
    if (!one->start.empty()) facts.push_back(Said(one->start) | dim);
    return vbox(std::move(facts));
  }

  const int64_t person_;
  std::string name_;
  ListCursor cursor_;
  Stretch<ShownAppearance> page_;
  std::set<std::string> marked_;
};

// All faces of a track, in time order.
class FacesView final : public ReviewView {
 public:
  FacesView(ReviewDesk& desk, int64_t track, std::string name)
      : ReviewView(desk), track_(track), name_(std::move(name)) {}

  std::string Title() const override { return fmt::format("{}, {}", name_, Counted(page_.total, "face")); }

  Element Draw(int rows) override {
    const int columns = desk_.screen().columns(), height = std::max(4, std::min(rows / 2, 12)),
              width = 2 * height;
    across_ = static_cast<size_t>(std::max(1, columns / (width + 1)));
    const size_t down = static_cast<size_t>(std::max(1, rows / height));
    cursor_.Fit(static_cast<size_t>(page_.total), across_ * down);
    auto page = desk_.browser().Faces({.track = track_}, {cursor_.first(), across_ * down});
    if (!page.ok()) return text(" " + page.status().message());
    page_ = *std::move(page);
    Elements lines, line;
    for (size_t i = 0; i < page_.rows.size(); ++i) {
      const FaceRecord& face = page_.rows[i].listed.face;
      Element time = text(Timecode(Milliseconds(face.time_us))) | size(WIDTH, EQUAL, width);
      if (i + cursor_.first() == cursor_.chosen()) time = time | inverted;
      line.push_back(vbox({desk_.Face(face.id, width, height - 1), std::move(time)}));
      line.push_back(text(" "));
      if (line.size() == 2 * across_ || i + 1 == page_.rows.size())
        lines.push_back(hbox(std::exchange(line, {})));
    }
    return vbox(std::move(lines));
  }

  Keys MainKeys() const override {
    return {{"o", "open the moment in the player"}, {"q", "back"}, {"?", "help"}};
  }
  Keys MoreKeys() const override { return {}; }

  void Press(const Key& key) override {
    if (key.kind == Key::kLeft) return cursor_.Choose(cursor_.chosen() - (cursor_.chosen() > 0));
    if (key.kind == Key::kRight) return cursor_.Choose(cursor_.chosen() + 1);
    if (key.kind == Key::kUp) return cursor_.Choose(cursor_.chosen() - std::min(cursor_.chosen(), across_));
    if (key.kind == Key::kDown) return cursor_.Choose(cursor_.chosen() + across_);
    if (cursor_.Press(key)) return;
    const size_t at = cursor_.chosen() - cursor_.first();
    if (key.Is('o') && at < page_.rows.size()) return desk_.OpenMoment(page_.rows[at].listed.face.id);
    if (key.Is('q') || key.kind == Key::kEscape || key.kind == Key::kEnter) Leave();
  }

  void Refresh() override {}

 private:
  const int64_t track_;
  const std::string name_;
  ListCursor cursor_;
  size_t across_ = 1;
  Stretch<ShownFace> page_;
};

}  // namespace

std::unique_ptr<ReviewView> MakePersonView(ReviewDesk& desk, int64_t person) {
  return std::make_unique<PersonView>(desk, person);
}

std::unique_ptr<ReviewView> MakeFacesView(ReviewDesk& desk, int64_t track, const std::string& name) {
  return std::make_unique<FacesView>(desk, track, name);
}

}  // namespace crossface
