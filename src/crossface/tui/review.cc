#include "crossface/tui/review.h"

#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "crossface/tui/review_view.h"
#include "crossface/tui/screen.h"

namespace crossface {
namespace {

using namespace ftxui;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How often it is looked whether others have changed the case.
constexpr auto kBetweenLooks = 2s;
// Title, message and keys.
constexpr int kOtherRows = 3;

class Review {
 public:
  Review(const std::filesystem::path& case_folder, TerminalScreen& screen)
      : screen_(screen), desk_(case_folder, screen) {
    desk_.HasChanged();
    views_.push_back(MakePeopleView(desk_));
  }

  void Run(const std::stop_token& stop) {
    while (!views_.empty() && !stop.stop_requested()) {
      Show();
      const std::vector<Key> keys = screen_.Keys(kBetweenDrawings);
      for (const Key& key : keys) {
        if (key.kind == Key::kHangUp) return;
        if (!views_.empty()) Press(key);
      }
      if ((!keys.empty() || Clock::now() >= next_look_) && desk_.HasChanged()) Refresh();
      if (Clock::now() >= next_look_) next_look_ = Clock::now() + kBetweenLooks;
    }
    desk_.Say("writing the case folder");
    screen_.Show(vbox({filler(), desk_.Line() | center, filler()}));
  }

 private:
  void Press(const Key& key) {
    if (std::exchange(help_, false)) return;
    if (desk_.Press(key)) return;
    if (key.Is('?')) {
      help_ = true;
      return;
    }
    views_.back()->Press(key);
    if (auto next = views_.back()->TakeNext()) views_.push_back(std::move(next));
    DropThoseOver();
  }

  void Refresh() {
    for (const auto& view : views_) view->Refresh();
    DropThoseOver();
  }

  void DropThoseOver() {
    while (!views_.empty() && views_.back()->over()) views_.pop_back();
  }

  void Show() {
    ReviewView& view = *views_.back();
    Element body = view.Draw(screen_.rows() - kOtherRows);
    Element drawn = vbox({desk_.style().Title(view.Title(), "crossface people"), std::move(body), filler(),
                          desk_.Line(), desk_.style().KeyLine(view.MainKeys())});
    screen_.Show(help_ ? Help(view, std::move(drawn)) : drawn, help_);
  }

  Element Help(const ReviewView& view, Element below) const {
    Elements lines;
    for (const auto& keys : {view.MainKeys(), view.MoreKeys()}) {
      for (const auto& [key, what] : keys)
        lines.push_back(
            hbox({text(fmt::format(" {}", key)) | bold | size(WIDTH, EQUAL, 8), text(what), text(" ")}));
    }
    lines.push_back(text(""));
    lines.push_back(text(" Corrections stay through every later run. Any key closes this. "));
    return desk_.style().Over(std::move(below), "keys", std::move(lines));
  }

  TerminalScreen& screen_;
  ReviewDesk desk_;
  std::vector<std::unique_ptr<ReviewView>> views_;
  bool help_ = false;
  Clock::time_point next_look_ = Clock::now() + kBetweenLooks;
};

}  // namespace

Status ReviewPeople(const std::filesystem::path& case_folder, bool colour, const std::stop_token& stop) {
  // Before the screen is turned over: what cannot be opened is told as text.
  CROSSFACE_RETURN_IF_ERROR(CaseBrowser(case_folder).Version().status());
  TerminalScreen screen(colour);
  Review(case_folder, screen).Run(stop);
  return Status();
}

}  // namespace crossface
