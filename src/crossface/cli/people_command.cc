#include "crossface/cli/people_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/people_text.h"
#include "crossface/tui/review.h"

namespace crossface {
namespace {

struct PeopleOptions {
  std::filesystem::path case_folder;
  std::vector<std::string> words;  // persons, tracks, as the verb has them
  std::string person, name, to;
  bool dry_run = false, override_earlier = false, off = false, all = false;
  size_t count = 1;
};

using MakeCorrection = std::function<Correction(const PeopleOptions&)>;

ExitCode RunCorrection(const PeopleOptions& options, const CommonOptions& common, Terminal& terminal,
                       const Correction& correction) {
  const CaseService service(options.case_folder);
  TerminalObserver observer(terminal);
  const Watch watch = WatchWith(observer);
  CorrectionOptions how{.dry_run = options.dry_run, .override_earlier = options.override_earlier};
  CorrectionAnswer answer;
  Ending ending = service.Correct(correction, how, watch, &answer);
  // What is refused only until the user insists is asked on a terminal.
  if (ending.status.remedy() == Remedy::kOverride && terminal.interactive()) {
    terminal.Warn(ending.status.message());
    const auto insists = terminal.Ask("Do it all the same? [y/N]");
    if (insists == "y" || insists == "Y") {
      how.override_earlier = true;
      answer = {};
      ending = service.Correct(correction, how, watch, &answer);
    }
  }
  terminal.EndProgress();
  for (const std::string& note : answer.notes) terminal.Note(note);
  const std::string plain =
      answer.event ? fmt::format("{}{}", options.dry_run ? "would " : "", answer.event->told) : std::string();
  return Finish(options.case_folder, ToJson(answer), plain, std::move(ending), common, terminal);
}

using Enrolment = std::function<Ending(const CaseService&, const Watch&, EnrolAnswer*)>;

ExitCode RunEnrolment(const PeopleOptions& options, const CommonOptions& common, Terminal& terminal,
                      const Enrolment& enrolment) {
  TerminalObserver observer(terminal);
  EnrolAnswer answer;
  Ending ending = enrolment(CaseService(options.case_folder), WatchWith(observer), &answer);
  terminal.EndProgress();
  const std::string text = ending.status.ok() ? EnrolText(answer) : std::string();
  return Finish(options.case_folder, ToJson(answer), text, std::move(ending), common, terminal);
}

std::vector<std::string> Rest(const std::vector<std::string>& words) {
  return {words.begin() + 1, words.end()};
}

// Declares the verbs below `people`.
class People {
 public:
  People(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen)
      : people_(
            *app.add_subcommand("people",
                                "who is who: review by keys, or list, show, rename, merge, split, ... and "
                                "undo")),
        common_(common),
        chosen_(chosen) {
    people_.require_subcommand(0, 1);
  }

  // Without a verb.
  void DeclareReview() {
    const auto case_folder = std::make_shared<std::filesystem::path>();
    people_.add_option("--case", *case_folder, "folder of the case, to review it by keys on this terminal")
        ->type_name("FOLDER");
    people_.final_callback([people = &people_, chosen = chosen_, common = common_, case_folder] {
      if (!people->get_subcommands().empty()) return;
      if (case_folder->empty()) throw CLI::RequiredError("a verb, or --case");
      *chosen = [=](Terminal& terminal) {
        if (terminal.drawable()) {
          const Status reviewed = ReviewPeople(*case_folder, terminal.colour(), StopToken());
          return reviewed.ok() ? kExitDone : Fail(reviewed, *common, terminal, *case_folder);
        }
        terminal.Error(
            "a review by keys needs a terminal that can be drawn on; crossface people --help lists verbs");
        return kExitUsage;
      };
    });
  }

  void DeclareLooks() {
    Look<PeopleAnswer>("list", "all persons, those seen longest first", PeopleText,
                       [](const CaseService& service, const PeopleOptions&, PeopleAnswer* answer) {
                         return service.People(answer);
                       });
    Look<PersonDetailAnswer>(
        "show", "one person's appearances", PersonText,
        [](const CaseService& service, const PeopleOptions& options, PersonDetailAnswer* answer) {
          return service.Person(options.person, answer);
        })
        ->add_option("person", options_->person, "name or number")
        ->required()
        ->type_name("PERSON");
    Look<ReferencesAnswer>("references", "known people who are enrolled, and who is named by it",
                           ReferencesText,
                           [](const CaseService& service, const PeopleOptions&, ReferencesAnswer* answer) {
                             return service.References(answer);
                           });
    Look<SuggestionsAnswer>("suggestions", "who may be one person, and who may be two", SuggestionsText,
                            [](const CaseService& service, const PeopleOptions&, SuggestionsAnswer* answer) {
                              return service.Suggestions(answer);
                            });
    Look<HistoryAnswer>("history", "the corrections so far, and which are in force", HistoryText,
                        [](const CaseService& service, const PeopleOptions&, HistoryAnswer* answer) {
                          return service.History(answer);
                        });
  }

  void DeclareReferences() {
    const auto request = std::make_shared<EnrolRequest>();
    CLI::App* enrol =
        Add("enrol", "photos of a known person: whoever is like them is named so, to be confirmed");
    enrol->add_option("name", request->name, "of the person; with --from, only this one of them")
        ->type_name("NAME");
    enrol->add_option("photos", request->photos, "pictures of the person, or folders of them")
        ->type_name("PHOTO");
    enrol->add_option("--face", request->face, "of each photo, 1 being the largest, where it shows several")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    enrol
        ->add_option("--from", request->from,
                     "instead of photos: another case, or a folder with a folder of photos per person")
        ->type_name("FOLDER");
    enrol->add_flag("--override", request->insist,
                    "take small, blurred and covered faces too, and photos that look like two people");
    enrol->final_callback([chosen = chosen_, common = common_, options = options_, request] {
      if (request->from.empty() == request->photos.empty())
        throw CLI::ValidationError("enrol", "needs a name and photos, or --from FOLDER");
      *chosen = [=](Terminal& terminal) {
        return RunEnrolment(*options, *common, terminal,
                            [&](const CaseService& service, const Watch& watch, EnrolAnswer* answer) {
                              return service.Enrol(*request, watch, answer);
                            });
      };
    });
    CLI::App* unenrol =
        Add("unenrol", "forget the photos of a known person, and names that nobody confirmed");
    unenrol->add_option("name", options_->name, "as enrolled")->required()->type_name("NAME");
    unenrol->final_callback([chosen = chosen_, common = common_, options = options_] {
      *chosen = [=](Terminal& terminal) {
        return RunEnrolment(*options, *common, terminal,
                            [&](const CaseService& service, const Watch& watch, EnrolAnswer* answer) {
                              return service.Unenrol({.name = options->name}, watch, answer);
                            });
      };
    });
  }

  void DeclareCorrections() {
    CLI::App* rename =
        Correct("rename", "give a person a name; the folder gets it too", [](const PeopleOptions& options) {
          return RenamePerson{options.person, options.name};
        });
    rename->add_option("person", options_->person, "name or number")->required()->type_name("PERSON");
    rename->add_option("name", options_->name, "the new name")->required()->type_name("NAME");
    Words(Correct("merge", "make several persons one: the first keeps its number and name",
                  [](const PeopleOptions& options) { return MergePersons{options.words}; }),
          "PERSON", 2);
    CLI::App* split =
        Correct("split", "make some tracks of a person a new person", [](const PeopleOptions& options) {
          return SplitTracks{options.words.front(), Rest(options.words), options.name};
        });
    Words(split, "PERSON TRACK", 2);
    split->add_option("--name", options_->name, "of the new person")->type_name("NAME");
    CLI::App* move =
        Correct("move", "give tracks to another person, or to nobody", [](const PeopleOptions& options) {
          return MoveTracks{options.words, options.to};
        });
    Words(move, "TRACK", 1);
    move->add_option("--to", options_->to, "name or number, or nobody")->required()->type_name("PERSON");
    Words(Correct("not-same", "two persons, or a person and tracks, are never joined",
                  [](const PeopleOptions& options) {
                    return NotTheSame{options.words.front(), Rest(options.words)};
                  }),
          "PERSON PERSON|TRACK", 2);
    Words(Correct("confirm", "a person's tracks, or some of them, are right",
                  [](const PeopleOptions& options) {
                    return ConfirmTracks{options.words.front(), Rest(options.words)};
                  }),
          "PERSON TRACK", 1);
    CLI::App* ignore =
        Correct("ignore", "a bystander: kept apart in the folder ignored/", [](const PeopleOptions& options) {
          return IgnorePerson{options.person, !options.off};
        });
    ignore->add_option("person", options_->person, "name or number")->required()->type_name("PERSON");
    ignore->add_flag("--off", options_->off, "no longer ignore");
    Steps(Correct("undo", "take the last corrections back", [](const PeopleOptions& options) {
      return UndoCorrections{options.count, options.all};
    }));
    Steps(Correct("redo", "what was undone", [](const PeopleOptions& options) {
      return RedoCorrections{options.count, options.all};
    }));
  }

 private:
  CLI::App* Add(const std::string& verb, const std::string& help) {
    CLI::App* added = people_.add_subcommand(verb, help);
    added->add_flag("--json", common_->json, "print one JSON document to stdout");
    added->add_flag("-q,--quiet", common_->quiet, "no progress and no notes; warnings and errors stay");
    added->add_option("--case", options_->case_folder, "folder of the case")->required()->type_name("FOLDER");
    return added;
  }
  template <typename Answer, typename Call>
  CLI::App* Look(const std::string& verb, const std::string& help, std::string (*text)(const Answer&),
                 const Call& call) {
    CLI::App* added = Add(verb, help);
    added->final_callback([chosen = chosen_, common = common_, options = options_, text, call] {
      *chosen = [=](Terminal& terminal) {
        Answer answer;
        Ending ending = call(CaseService(options->case_folder), *options, &answer);
        for (const std::string& warning : answer.warnings) terminal.Warn(warning);
        const bool ok = ending.status.ok();
        return Finish(options->case_folder, ok ? ToJson(answer) : nlohmann::json::object(),
                      ok ? text(answer) : "", std::move(ending), *common, terminal);
      };
    });
    return added;
  }
  CLI::App* Correct(const std::string& verb, const std::string& help, const MakeCorrection& correction) {
    CLI::App* added = Add(verb, help);
    added->add_flag("--dry-run", options_->dry_run, "only tell what would be done");
    added->add_flag(
        "--override", options_->override_earlier,
        "win over earlier corrections that say otherwise, and join who is seen together (a mirror)");
    added->final_callback([chosen = chosen_, common = common_, options = options_, correction] {
      *chosen = [=](Terminal& terminal) {
        return RunCorrection(*options, *common, terminal, correction(*options));
      };
    });
    return added;
  }
  void Words(CLI::App* verb, const std::string& what, int least) {
    verb->add_option("words", options_->words,
                     "persons by name or number; tracks as SOURCE:NUMBER or by one of their pictures")
        ->required()
        ->expected(least, -1)
        ->type_name(what);
  }
  void Steps(CLI::App* verb) {
    verb->add_option("count", options_->count, "how many")->capture_default_str()->check(CLI::PositiveNumber);
    verb->add_flag("--all", options_->all, "all of them");
  }

  CLI::App& people_;
  CommonOptions* common_;
  std::function<ExitCode(Terminal&)>* chosen_;
  std::shared_ptr<PeopleOptions> options_ = std::make_shared<PeopleOptions>();
};

}  // namespace

void DeclarePeople(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  People people(app, common, chosen);
  people.DeclareReview();
  people.DeclareLooks();
  people.DeclareReferences();
  people.DeclareCorrections();
}

}  // namespace crossface
