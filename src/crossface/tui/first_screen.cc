#include "crossface/tui/first_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include "crossface/app/case_folders.h"
#include "crossface/tui/folder_field.h"
#include "crossface/tui/folder_look.h"
#include "crossface/tui/list_cursor.h"
#include "crossface/tui/screen.h"
#include "crossface/tui/style.h"
#include "crossface/tui/text_field.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using namespace ftxui;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr size_t kMostCases = 9;

struct FoundCase {
  fs::path folder;
  fs::file_time_type changed;
  std::string told;
};

std::string TellCase(const CaseEntry& entry, CaseFolders& folders) {
  if (!entry.problem.empty()) return entry.problem;
  const auto browser = folders.Find(entry.id);
  if (!browser.ok()) return browser.status().message();
  const auto overview = (*browser)->Overview();
  if (!overview.ok()) return overview.status().message();
  return fmt::format("{}, {}, {} of video", Counted(overview->persons, "person", "people"),
                     Counted(overview->sources, "source"),
                     ShortDuration(static_cast<double>(overview->video_ms) / 1000));
}

// The last ones alone are opened.
std::vector<FoundCase> FindCases(const std::vector<fs::path>& look_in) {
  struct Entry {
    CaseEntry entry;
    std::shared_ptr<CaseFolders> folders;
    fs::file_time_type changed;
  };
  std::vector<Entry> entries;
  std::set<std::string> seen;
  for (const fs::path& folder : look_in) {
    auto opened = CaseFolders::Open({}, folder);
    if (!opened.ok()) continue;
    const std::shared_ptr<CaseFolders> folders = *std::move(opened);
    for (const CaseEntry& entry : folders->List()) {
      std::error_code error;
      const auto changed = fs::last_write_time(entry.folder, error);
      if (seen.insert(entry.id).second) entries.push_back({entry, folders, changed});
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.changed > b.changed; });
  if (entries.size() > kMostCases) entries.resize(kMostCases);
  std::vector<FoundCase> found;
  found.reserve(entries.size());
  for (const Entry& one : entries)
    found.push_back({one.entry.folder, one.changed, TellCase(one.entry, *one.folders)});
  return found;
}

Element Indented(const std::string& said) { return hbox({text("           "), Said(said)}); }

class FirstScreen {
 public:
  FirstScreen(const std::vector<fs::path>& look_in, bool colour)
      : screen_(colour), style_(colour), cases_(FindCases(look_in)) {}

  FirstChoice Run(const std::stop_token& stop) {
    while (!chosen_ && !stop.stop_requested()) {
      screen_.Show(Draw());
      for (const Key& key : screen_.Keys(kBetweenDrawings)) {
        if (!chosen_) Press(key);
      }
    }
    return chosen_.value_or(FirstChoice());
  }

 private:
  enum class At { kCases, kSources, kCase };

  void Press(const Key& key) {
    if (key.kind == Key::kHangUp) {
      chosen_ = FirstChoice();
    } else if (key.kind == Key::kEscape) {
      at_ == At::kSources || at_ == At::kCases ? void(chosen_ = FirstChoice()) : GoTo(At::kSources);
    } else if (at_ == At::kCases) {
      PressOnCases(key);
    } else if (key.kind == Key::kUp) {
      at_ == At::kCase ? GoTo(At::kSources) : cases_.empty() ? void() : GoTo(At::kCases);
    } else if (key.kind == Key::kTab) {
      Complete();
    } else if (key.kind == Key::kEnter) {
      Enter();
    } else if (field().Press(key)) {
      problem_.clear();
      names_.clear();
    }
  }

  void PressOnCases(const Key& key) {
    cursor_.Fit(cases_.size(), cases_.size());
    if (key.kind == Key::kDown && cursor_.chosen() + 1 == cases_.size()) return GoTo(At::kSources);
    if (cursor_.Press(key)) return;
    if (key.kind == Key::kTab) return GoTo(At::kSources);
    if (key.Is('q')) chosen_ = FirstChoice();
    if (key.kind == Key::kEnter)
      chosen_ = FirstChoice{.what = FirstChoice::kReview, .case_folder = cases_[cursor_.chosen()].folder};
  }

  void Complete() {
    Completion completion = CompleteFolder(field().text());
    field().Set(completion.text);
    names_ = completion.names.size() > 1 ? std::move(completion.names) : std::vector<std::string>();
  }

  void Enter() {
    std::string typed = PathOfTyped(field().text());
    while (typed.size() > 1 && typed.back() == '/') typed.pop_back();
    std::error_code error;
    if (typed.empty()) return;
    if (at_ == At::kCase) {
      chosen_ = FirstChoice{FirstChoice::kIdentify, sources_folder_, typed};
      return;
    }
    if (!fs::exists(typed, error)) {
      problem_ = typed + " is not there";
      return;
    }
    sources_folder_ = typed;
    look_ = std::make_unique<FolderLook>(sources_folder_);
    if (case_.empty() || case_.text() == suggested_) case_.Set(suggested_ = typed + "-case");
    GoTo(At::kCase);
  }

  void GoTo(At at) {
    at_ = at;
    problem_.clear();
    names_.clear();
    if (at == At::kCases) cursor_.Fit(cases_.size(), cases_.size()), cursor_.Choose(cases_.size());
    if (at == At::kSources) look_.reset();
  }

  TextField& field() { return at_ == At::kCase ? case_ : sources_; }

  Element Draw() {
    Elements lines = {style_.Title("crossface", "the same people across your videos"), text(""),
                      text(" Nothing leaves this computer.") | dim, text("")};
    if (!cases_.empty()) lines.push_back(text(" Go on with a case") | bold);
    for (size_t i = 0; i < cases_.size(); ++i) lines.push_back(CaseRow(i));
    if (!cases_.empty()) lines.push_back(text(""));
    lines.push_back(text(" Begin with a folder of videos or pictures") | bold);
    lines.push_back(FieldRow("folder", sources_, at_ == At::kSources));
    if (look_) lines.push_back(style_.Good(Indented(look_->Told())));
    if (at_ == At::kCase) lines.push_back(FieldRow("results", case_, true));
    if (at_ == At::kCase)
      lines.push_back(text("           enter begins; what is there already is gone on with") | dim);
    if (!problem_.empty()) lines.push_back(style_.Warning(Indented(problem_)));
    const size_t room = static_cast<size_t>(std::max(screen_.rows() - static_cast<int>(lines.size()) - 2, 0));
    for (size_t i = 0; i < std::min(names_.size(), room); ++i) lines.push_back(Indented(names_[i]) | dim);
    lines.push_back(filler());
    lines.push_back(Keys());
    return vbox(std::move(lines));
  }

  Element CaseRow(size_t i) const {
    const FoundCase& one = cases_[i];
    const int width = std::clamp(screen_.columns() - 44, 16, 80);
    Element row = hbox({text("   "), Said(EndOf(DisplayPath(one.folder), width)) | size(WIDTH, EQUAL, width),
                        text("  "), Said(one.told) | dim});
    return at_ == At::kCases && i == cursor_.chosen() ? row | inverted : row;
  }

  Element FieldRow(const std::string& name, const TextField& field, bool active) const {
    const Element shown = active ? field.Draw(screen_.columns() - 13) : Said(field.text());
    return hbox({text(fmt::format("   {:<8}", name)) | dim, shown});
  }

  Element Keys() const {
    if (at_ == At::kCases)
      return style_.KeyLine({{"enter", "review this case"}, {"up down", "choose"}, {"esc", "quit"}});
    std::vector<std::pair<std::string, std::string>> keys = {{"enter", at_ == At::kCase ? "begin" : "go on"},
                                                             {"tab", "complete"}};
    if (at_ == At::kSources && !cases_.empty()) keys.emplace_back("up", "cases");
    keys.emplace_back("esc", at_ == At::kCase ? "back" : "quit");
    return style_.KeyLine(keys);
  }

  TerminalScreen screen_;
  const Style style_;
  const std::vector<FoundCase> cases_;
  At at_ = At::kSources;
  ListCursor cursor_;
  TextField sources_, case_;
  std::string suggested_, problem_;
  std::vector<std::string> names_;
  fs::path sources_folder_;
  std::unique_ptr<FolderLook> look_;
  std::optional<FirstChoice> chosen_;
};

}  // namespace

FirstChoice AskWhatToDo(const std::vector<fs::path>& look_in, bool colour, const std::stop_token& stop) {
  return FirstScreen(look_in, colour).Run(stop);
}

}  // namespace crossface
