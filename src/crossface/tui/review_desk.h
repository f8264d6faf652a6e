// What the screens of a review share: the case, what was last said, and questions to the user. Not
// thread-safe.
#pragma once

#include <ftxui/dom/elements.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "crossface/app/case_browser.h"
#include "crossface/app/late_exports.h"
#include "crossface/tui/player.h"
#include "crossface/tui/screen.h"
#include "crossface/tui/style.h"
#include "crossface/tui/text_field.h"

namespace crossface {

class ReviewDesk {
 public:
  ReviewDesk(const std::filesystem::path& case_folder, TerminalScreen& screen)
      : browser_(case_folder), screen_(screen), style_(screen.colour()) {
    exports_.Adopt(case_folder);
  }

  const CaseBrowser& browser() const { return browser_; }
  TerminalScreen& screen() { return screen_; }
  const Style& style() const { return style_; }

  // A face by its id; empty cells for 0.
  ftxui::Element Face(int64_t face, int columns, int rows);
  // The user's player, at a face.
  void OpenMoment(int64_t face);

  // Makes a correction on what the user looked at. Where it is refused until the user insists, asks. `done`
  // is called when it is made.
  void Correct(const Correction& correction, const std::function<void()>& done = {});
  // A line of text; `answered` is called unless the user gives up.
  void Ask(const std::string& question, const std::string& text,
           std::function<void(const std::string&)> answered);
  void AskWhether(const std::string& question, std::function<void()> yes);

  void Say(const std::string& text) { said_ = text, is_problem_ = false; }
  void Warn(const std::string& text) { said_ = text, is_problem_ = true; }
  void Tell(const Status& status) {
    if (!status.ok()) Warn(status.message());
  }

  // Whether the case has changed since the last call, by anybody.
  bool HasChanged();

  // Keys go to an open question first; false when there is none.
  bool Press(const Key& key);
  // The question, else what was last said.
  ftxui::Element Line();

 private:
  struct Question {
    std::string text;
    std::optional<TextField> field;  // nothing: y or n
    std::function<void(const std::string&)> answered;
  };
  void LookAtVersion();
  void CorrectBasedOn(const std::string& version, const Correction& correction, bool insists,
                      const std::function<void()>& done);

  const CaseBrowser browser_;
  TerminalScreen& screen_;
  const Style style_;
  std::string said_, version_;
  bool is_problem_ = false, has_changed_ = false;
  std::optional<Question> question_;
  Player player_;
  LateExports exports_;  // last: the folder is up to date when all else goes
};

}  // namespace crossface
