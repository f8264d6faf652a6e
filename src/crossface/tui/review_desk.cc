#include "crossface/tui/review_desk.h"

#include <fmt/format.h>

#include <utility>

#include "crossface/app/source_gone.h"
#include "crossface/util/printable.h"
#include "crossface/util/time.h"

namespace crossface {

using namespace ftxui;

Element ReviewDesk::Face(int64_t face, int columns, int rows) {
  return screen_.pictures().Draw(
      fmt::format("face {}", face),
      [&] {
        if (face == 0) return std::string();
        auto picture = browser_.FacePicture(face);
        Tell(picture.status());
        return picture.ok() ? *std::move(picture) : std::string();
      },
      columns, rows);
}

void ReviewDesk::OpenMoment(int64_t face) {
  if (face == 0) return Warn("there is no face with a picture to open");
  const auto evidence = browser_.Face(face);
  if (!evidence.ok()) return Tell(evidence.status());
  const std::string at = Timecode(Milliseconds(evidence->face.listed.face.time_us));
  if (!evidence->there)
    return Tell(
        WhyGone(browser_.case_folder(), evidence->source,
                Status(StatusCode::kNotFound,
                       evidence->source.path + " is not where it was; crossface locate finds it again")));
  player_.Open(evidence->source.path, evidence->face.listed.face.time_us);
  Say(fmt::format("opening {} at {}", evidence->source.name, at));
}

void ReviewDesk::Correct(const Correction& correction, const std::function<void()>& done) {
  CorrectBasedOn(version_, correction, false, done);
}

void ReviewDesk::CorrectBasedOn(const std::string& version, const Correction& correction, bool insists,
                                const std::function<void()>& done) {
  CorrectionAnswer answer;
  const Ending ending = exports_.Correct(browser_.case_folder(), correction,
                                         {.override_earlier = insists, .based_on = version}, &answer);
  if (ending.status.remedy() == Remedy::kOverride && !insists)
    return AskWhether(ending.status.message() + ". Do it all the same?",
                      [=, this] { CorrectBasedOn(version, correction, true, done); });
  if (!ending.status.ok()) return Tell(ending.status);
  // What is typed at once is said about what it has made of the case.
  LookAtVersion();
  std::string told = answer.event ? answer.event->told : "";
  for (const std::string& note : answer.notes) told += "; " + note;
  Say(told);
  if (done) done();
}

void ReviewDesk::Ask(const std::string& question, const std::string& text,
                     std::function<void(const std::string&)> answered) {
  question_ = Question{question, TextField(text), std::move(answered)};
}

void ReviewDesk::AskWhether(const std::string& question, std::function<void()> yes) {
  question_ = Question{question, std::nullopt, [yes = std::move(yes)](const std::string&) { yes(); }};
}

void ReviewDesk::LookAtVersion() {
  auto version = browser_.Version();
  if (!version.ok()) return Tell(version.status());
  has_changed_ |= *version != version_;
  version_ = *std::move(version);
}

bool ReviewDesk::HasChanged() {
  if (const std::string problem = player_.TakeProblem(); !problem.empty()) Warn(problem);
  LookAtVersion();
  return std::exchange(has_changed_, false);
}

bool ReviewDesk::Press(const Key& key) {
  if (!question_) return false;
  if (question_->field && key.kind != Key::kEnter && key.kind != Key::kEscape) {
    question_->field->Press(key);
    return true;
  }
  const Question asked = *std::exchange(question_, std::nullopt);
  const bool yes = asked.field ? key.kind == Key::kEnter : key.Is('y') || key.Is('Y');
  if (!yes) {
    Say("nothing was changed");
  } else {
    asked.answered(asked.field ? asked.field->text() : "");
  }
  return true;
}

Element ReviewDesk::Line() {
  if (!question_) {
    Element said = hbox({text(" "), Said(BeginOf(said_, screen_.columns() - 2))});
    return is_problem_ ? style_.Warning(said) : style_.Good(said);
  }
  if (!question_->field)
    return style_.Warning(paragraph(fmt::format(" {} [y/N]", Printable(question_->text)))) | bold;
  const int room = screen_.columns() - static_cast<int>(question_->text.size()) - 4;
  return hbox({Said(fmt::format(" {} ", question_->text)) | bold, question_->field->Draw(room)});
}

}  // namespace crossface
