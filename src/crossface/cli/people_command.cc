#include "crossface/cli/people_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "crossface/cli/case_writer.h"
#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/curation/people_list.h"
#include "crossface/export/case_view.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

struct PeopleOptions {
  std::filesystem::path case_folder;
  std::vector<std::string> words;  // persons, tracks, as the verb has them
  std::string person, name, to;
  bool dry_run = false, override_earlier = false, off = false, all = false;
  size_t count = 1;
};

using Plan =
    std::function<Result<CurationPlan>(const CurationState&, const CurationPlanner&, const PeopleOptions&)>;

// --- looking ---

nlohmann::json PersonJson(const ListedPerson& person) {
  return {{"id", person.id},
          {"name", person.facts.name},
          {"ignored", person.facts.ignored},
          {"folder", (person.facts.ignored ? "ignored/" : "people/") + person.facts.name},
          {"tracks", person.totals.tracks},
          {"faces", person.totals.faces},
          {"sources", person.totals.sources},
          {"screen_ms", Milliseconds(person.totals.screen_us)},
          {"cohesion", person.cohesion ? nlohmann::json(*person.cohesion) : nlohmann::json()},
          {"confirmed_tracks", person.confirmed}};
}

// Empty when it is not known.
std::string Cohesion(const ListedPerson& person) {
  return person.cohesion ? fmt::format("{:.3f}", *person.cohesion) : std::string();
}

Result<std::string> List(const Gallery& gallery, Terminal& terminal, nlohmann::json* answer) {
  CROSSFACE_ASSIGN_OR_RETURN(const PeoplePage list, ListPeople(gallery));
  for (const std::string& warning : list.warnings) terminal.Warn(warning);
  std::string plain = fmt::format("{:>6}  {:>9}  {:>6}  {:>7}  {:>8}  name\n", "number", "on screen",
                                  "tracks", "sources", "cohesion");
  (*answer)["persons"] = nlohmann::json::array();
  for (const ListedPerson& person : list.persons) {
    (*answer)["persons"].push_back(PersonJson(person));
    plain += fmt::format("{:>6}  {:>9}  {:>6}  {:>7}  {:>8}  {}{}\n", person.id,
                         ShortDuration(static_cast<double>(person.totals.screen_us) / 1e6), person.totals.tracks,
                         person.totals.sources, Cohesion(person), person.facts.name,
                         person.facts.ignored ? " (ignored)" : "");
  }
  (*answer)["unassigned_tracks"] = list.unassigned_tracks;
  (*answer)["unassigned_by_reason"] = ReasonFields(list.unassigned_by_reason);
  return plain + UnassignedText(list.unassigned_tracks, (*answer)["unassigned_by_reason"]);
}

Result<std::string> Show(const Gallery& gallery, const PeopleOptions& options, Terminal& terminal,
                         nlohmann::json* answer) {
  CROSSFACE_ASSIGN_OR_RETURN(const PersonAppearances shown, ShowPerson(gallery, options.person));
  for (const std::string& warning : shown.warnings) terminal.Warn(warning);
  (*answer)["person"] = PersonJson(shown.person);
  (*answer)["appearances"] = nlohmann::json::array();
  std::string plain = fmt::format("{} (number {})", shown.person.facts.name, shown.person.id);
  if (shown.person.cohesion) plain += fmt::format(", cohesion {}", Cohesion(shown.person));
  for (const Appearance& each : shown.appearances) {
    (*answer)["appearances"].push_back({{"track", each.track},
                                        {"start_ms", Milliseconds(each.start_us)},
                                        {"end_ms", Milliseconds(each.end_us)},
                                        {"faces", each.faces},
                                        {"confidence", each.confidence},
                                        {"confirmed", each.confirmed}});
    plain += fmt::format("\n{} - {}  {:.3f}{}  {}", Timecode(Milliseconds(each.start_us)),
                         Timecode(Milliseconds(each.end_us)), each.confidence,
                         each.confirmed ? " confirmed" : "", Printable(each.track));
  }
  return plain;
}

Result<std::string> History(const CurationState& state, nlohmann::json* answer) {
  const std::set<size_t> in_force(state.in_force.begin(), state.in_force.end()),
      undone(state.undone.begin(), state.undone.end());
  (*answer)["corrections"] = nlohmann::json::array();
  std::string plain;
  for (size_t i = 0; i < state.history.size(); ++i) {
    const CurationEvent& event = state.history[i];
    const bool step = event.IsUndo() || event.IsRedo();
    const std::string standing = step                   ? ""
                                 : in_force.contains(i) ? "in force"
                                 : undone.contains(i)   ? "undone"
                                                        : "dropped";
    nlohmann::json json = Describe(event);
    json["time"] = event.time;
    json["standing"] = standing;
    (*answer)["corrections"].push_back(std::move(json));
    plain += fmt::format("{}{:>4}  {}  {:<8}  {}", plain.empty() ? "" : "\n", event.id, event.time, standing,
                         event.told);
  }
  return plain.empty() ? "no corrections yet" : plain;
}

using LookAt = Result<std::string> (*)(const Gallery&, const PeopleOptions&, Terminal&, nlohmann::json*);

ExitCode RunLook(const PeopleOptions& options, const CommonOptions& common, Terminal& terminal, LookAt look) {
  CaseWriter writer(options.case_folder, common, terminal);
  std::string plain;
  const auto run = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(writer.Open(""));
    return writer.gallery().AtOneMoment([&]() -> Status {
      CROSSFACE_ASSIGN_OR_RETURN(plain, look(writer.gallery(), options, terminal, &writer.answer()));
      return Status();
    });
  };
  return writer.End(run(), plain);
}

// --- correcting ---

// What is refused only until the user insists is asked on a terminal, as --override would answer.
Result<CurationPlan> PlanIfInsisted(const CurationState& state, const PeopleOptions& options,
                                    const Result<CurationPlan>& refused, Terminal& terminal,
                                    const Plan& make_plan) {
  if (!terminal.interactive()) return refused.status();
  auto insisted = make_plan(state, CurationPlanner(state, true), options);
  if (!insisted.ok()) return refused.status();
  terminal.Warn(refused.status().message());
  const auto answer = terminal.Ask("Do it all the same? [y/N]");
  return answer == "y" || answer == "Y" ? std::move(insisted) : refused.status();
}

// What changes whole persons alone need not read the others' tracks.
Result<CurationState> ReadStateFor(const std::string& verb, const PeopleOptions& options, const Gallery& gallery) {
  if (verb != "rename" && verb != "merge" && verb != "ignore") return CurationState::Read(gallery);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  std::vector<std::string> words = options.words;
  words.push_back(options.person);
  std::vector<int64_t> named;
  for (const std::string& word : words) {
    if (const auto person = FindPerson(FactsOf(persons), word); person.ok()) named.push_back(*person);
  }
  return CurationState::ReadOf(gallery, named);
}

ExitCode RunCorrection(const std::string& verb, const PeopleOptions& options, const CommonOptions& common,
                       Terminal& terminal, const Plan& make_plan) {
  CaseWriter writer(options.case_folder, common, terminal);
  std::string plain;
  const auto run = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(writer.Open(options.dry_run ? "" : "people " + verb));
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, ReadStateFor(verb, options, writer.gallery()));
    auto planned = make_plan(state, CurationPlanner(state, options.override_earlier), options);
    if (!planned.ok() && !options.override_earlier)
      planned = PlanIfInsisted(state, options, planned, terminal, make_plan);
    CROSSFACE_ASSIGN_OR_RETURN(const CurationPlan plan, std::move(planned));
    writer.answer()["dry_run"] = options.dry_run;
    writer.answer()["correction"] = Describe(plan.event);
    writer.answer()["notes"] = plan.notes;
    for (const std::string& note : plan.notes) terminal.Note(note);
    plain = fmt::format("{}{}", options.dry_run ? "would " : "", plan.event.told);
    if (options.dry_run) return Status();
    CROSSFACE_RETURN_IF_ERROR(CarryOut(writer.gallery(), plan));
    // Without names: these can be forgotten, the log cannot.
    CROSSFACE_RETURN_IF_ERROR(
        writer.Log("correction", {{"correction", plan.event.id}, {"verb", plan.event.verb}}));
    return writer.Export();
  };
  const Status status = run();
  // Where a plan answers with what it does, a dry run and a real one give the same; what the export wrote is
  // told by the log.
  writer.answer().erase("export");
  return writer.End(status, plain);
}

Result<CurationPlan> PlanMerge(const CurationState& state, const CurationPlanner& planner,
                               const PeopleOptions& options) {
  std::vector<int64_t> persons;
  for (const std::string& word : options.words) {
    CROSSFACE_ASSIGN_OR_RETURN(persons.emplace_back(), FindPerson(state, word));
  }
  return planner.Merge(persons);
}

Result<CurationPlan> PlanNotSame(const CurationState& state, const CurationPlanner& planner,
                                 const PeopleOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state, options.words.front()));
  const std::vector<std::string> rest(options.words.begin() + 1, options.words.end());
  if (rest.size() == 1) {
    if (const auto other = FindPerson(state, rest.front()); other.ok())
      return planner.NotSame(person, *other);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<size_t> tracks, FindTracks(state, rest));
  return planner.NotThisPerson(person, tracks);
}

Result<CurationPlan> PlanOfPersonAndTracks(
    const CurationState& state, const PeopleOptions& options,
    const std::function<Result<CurationPlan>(int64_t, const std::vector<size_t>&)>& plan) {
  CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state, options.words.front()));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<size_t> tracks,
                             FindTracks(state, {options.words.begin() + 1, options.words.end()}));
  return plan(person, tracks);
}

Result<CurationPlan> PlanMove(const CurationState& state, const CurationPlanner& planner,
                              const PeopleOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<size_t> tracks, FindTracks(state, options.words));
  const auto person = FindPerson(state, options.to);
  if (!person.ok() && (options.to == "nobody" || options.to == "unassigned")) return planner.Move(tracks, 0);
  if (!person.ok()) return person.status();
  return planner.Move(tracks, *person);
}

// Declares the verbs below `people`.
class People {
 public:
  People(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen)
      : people_(*app.add_subcommand("people", "who is who: list, show, rename, merge, split, ... and undo")),
        common_(common),
        chosen_(chosen) {
    people_.require_subcommand(1);
  }

  void DeclareLooks() {
    Look("list", "all persons, those seen longest first",
         [](const Gallery& gallery, const PeopleOptions&, Terminal& terminal, nlohmann::json* answer) {
           return List(gallery, terminal, answer);
         });
    Look("show", "one person's appearances", Show)
        ->add_option("person", options_->person, "name or number")
        ->required()
        ->type_name("PERSON");
    Look("suggestions", "who may be one person, and who may be two",
         [](const Gallery& gallery, const PeopleOptions&, Terminal& terminal,
            nlohmann::json* answer) -> Result<std::string> {
           CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(gallery));
           for (const std::string& warning : state.warnings) terminal.Warn(warning);
           return ListSuggestions(gallery, state, answer);
         });
    Look("history", "the corrections so far, and which are in force",
         [](const Gallery& gallery, const PeopleOptions&, Terminal& terminal,
            nlohmann::json* answer) -> Result<std::string> {
           CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadOf(gallery, {}));
           for (const std::string& warning : state.warnings) terminal.Warn(warning);
           return History(state, answer);
         });
  }

  void DeclareCorrections() {
    CLI::App* rename =
        Correct("rename", "give a person a name; the folder gets it too",
                [](const CurationState& state, const CurationPlanner& planner,
                   const PeopleOptions& options) -> Result<CurationPlan> {
                  CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state, options.person));
                  return planner.Rename(person, options.name);
                });
    rename->add_option("person", options_->person, "name or number")->required()->type_name("PERSON");
    rename->add_option("name", options_->name, "the new name")->required()->type_name("NAME");
    Words(Correct("merge", "make several persons one: the first keeps its number and name", PlanMerge),
          "PERSON", 2);
    CLI::App* split =
        Correct("split", "make some tracks of a person a new person",
                [](const CurationState& state, const CurationPlanner& planner, const PeopleOptions& options) {
                  return PlanOfPersonAndTracks(state, options,
                                               [&](int64_t person, const std::vector<size_t>& tracks) {
                                                 return planner.Split(person, tracks, options.name);
                                               });
                });
    Words(split, "PERSON TRACK", 2);
    split->add_option("--name", options_->name, "of the new person")->type_name("NAME");
    CLI::App* move = Correct("move", "give tracks to another person, or to nobody", PlanMove);
    Words(move, "TRACK", 1);
    move->add_option("--to", options_->to, "name or number, or nobody")->required()->type_name("PERSON");
    Words(Correct("not-same", "two persons, or a person and tracks, are never joined", PlanNotSame),
          "PERSON PERSON|TRACK", 2);
    Words(
        Correct("confirm", "a person's tracks, or some of them, are right",
                [](const CurationState& state, const CurationPlanner& planner, const PeopleOptions& options) {
                  return PlanOfPersonAndTracks(state, options,
                                               [&](int64_t person, const std::vector<size_t>& tracks) {
                                                 return planner.Confirm(person, tracks);
                                               });
                }),
        "PERSON TRACK", 1);
    CLI::App* ignore =
        Correct("ignore", "a bystander: kept apart in the folder ignored/",
                [](const CurationState& state, const CurationPlanner& planner,
                   const PeopleOptions& options) -> Result<CurationPlan> {
                  CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state, options.person));
                  return planner.Ignore(person, !options.off);
                });
    ignore->add_option("person", options_->person, "name or number")->required()->type_name("PERSON");
    ignore->add_flag("--off", options_->off, "no longer ignore");
    Steps(
        Correct("undo", "take the last corrections back",
                [](const CurationState& state, const CurationPlanner& planner, const PeopleOptions& options) {
                  return planner.Undo(options.all ? state.in_force.size() : options.count);
                }));
    Steps(
        Correct("redo", "what was undone",
                [](const CurationState& state, const CurationPlanner& planner, const PeopleOptions& options) {
                  return planner.Redo(options.all ? state.undone.size() : options.count);
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
  CLI::App* Look(const std::string& verb, const std::string& help, LookAt look) {
    CLI::App* added = Add(verb, help);
    added->final_callback([chosen = chosen_, common = common_, options = options_, look] {
      *chosen = [=](Terminal& terminal) { return RunLook(*options, *common, terminal, look); };
    });
    return added;
  }
  CLI::App* Correct(const std::string& verb, const std::string& help, const Plan& plan) {
    CLI::App* added = Add(verb, help);
    added->add_flag("--dry-run", options_->dry_run, "only tell what would be done");
    added->add_flag(
        "--override", options_->override_earlier,
        "win over earlier corrections that say otherwise, and join who is seen together (a mirror)");
    added->final_callback([chosen = chosen_, common = common_, options = options_, verb, plan] {
      *chosen = [=](Terminal& terminal) { return RunCorrection(verb, *options, *common, terminal, plan); };
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
  people.DeclareLooks();
  people.DeclareCorrections();
}

}  // namespace crossface
