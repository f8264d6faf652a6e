#include "crossface/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "crossface/app/custody_answers.h"
#include "crossface/cli/calibrate_command.h"
#include "crossface/cli/choice_option.h"
#include "crossface/cli/commands.h"
#include "crossface/cli/completion.h"
#include "crossface/cli/duplicates_command.h"
#include "crossface/cli/live_command.h"
#include "crossface/cli/people_command.h"
#include "crossface/cli/redact_command.h"
#include "crossface/cli/search_command.h"
#include "crossface/cli/serve_command.h"
#include "crossface/cli/settings.h"
#include "crossface/cli/threads_option.h"
#include "crossface/cli/users_command.h"
#include "crossface/cli/verify_command.h"
#include "crossface/cli/worker_command.h"
#include "crossface/util/text.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

const Choices<Profile> kProfiles = {
    {"strict", Profile::kStrict}, {"balanced", Profile::kBalanced}, {"loose", Profile::kLoose}};
const Choices<FilmDecoder> kDecoders = {{"software", FilmDecoder::kProcessor}, {"nvdec", FilmDecoder::kCard}};
const Choices<LicencePolicy> kLicences = {{"any", LicencePolicy::kAny},
                                          {"permissive", LicencePolicy::kPermissive}};

// What the verbs' options are parsed into.
struct Parsed {
  CommonOptions common;
  IdentifyOptions identify;
  ModelsRequest models;
  EvaluateOptions evaluate;
  ExportFormatsOptions formats;
};

Choices<DetectorKind> Detectors() {
  Choices<DetectorKind> detectors;
  for (int i = 0; i < kDetectorKinds; ++i)
    detectors.emplace_back(DetectorName(static_cast<DetectorKind>(i)), static_cast<DetectorKind>(i));
  return detectors;
}

void AddCommon(CLI::App* verb, Parsed* parsed) {
  verb->add_flag("--json", parsed->common.json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", parsed->common.quiet, "no progress and no notes; warnings and errors stay");
}

void AddCase(CLI::App* verb, Parsed* parsed) {
  verb->add_option("--case", parsed->identify.case_folder, "folder of the case")
      ->required()
      ->type_name("FOLDER");
}

// Both take "auto": what was given before is forgotten, and the file decides again.
void AddGeometryOptions(CLI::App* verb, GivenGeometry* geometry) {
  static constexpr char kAuto[] = "auto";
  verb->add_option_function<std::string>(
          "--rotate",
          [geometry](const std::string& given) {
            given == kAuto ? void(geometry->forget = true) : void(geometry->clockwise = std::stoi(given));
          },
          "how far clockwise the stored pictures of these sources are turned, whatever the files say; auto "
          "forgets what was given")
      ->check(CLI::IsMember({"0", "90", "180", "270", kAuto}))
      ->type_name("DEGREES");
  verb->add_option_function<std::string>(
          "--aspect",
          [geometry](const std::string& given) {
            if (given == kAuto) {
              geometry->forget = true;
              return;
            }
            const auto aspect = ParseAspect(given);
            if (!aspect.ok()) throw CLI::ValidationError("--aspect", aspect.status().message());
            geometry->picture_aspect = *aspect;
          },
          "width to height of the upright pictures of these sources, such as 4:3, whatever the files say; "
          "auto forgets what was given")
      ->type_name("W:H");
}

void AddScanOptions(CLI::App* verb, Parsed* parsed) {
  ScanSettings& scan = parsed->identify.scan.settings;
  verb->add_option("sources", parsed->identify.scan.sources, "videos, pictures, or folders of them")
      ->required()
      ->type_name("SOURCES");
  verb->add_option("--models", scan.models, "folder of the installed models")->type_name("FOLDER");
  verb->add_option("--device", scan.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  AddChoice(verb, "--decode", kDecoders, &scan.decoder,
            "nvdec: an NVIDIA card decodes films, where it can; frames are the same");
  AddThreads(verb, &scan.threads, "worker threads; results do not depend on it");
  verb->add_flag("--exhaustive", scan.exhaustive,
                 "every detector on every frame, every embedder on every face: slow, the reference");
  verb->add_flag(
      "--rescan", scan.rescan,
      "scan sources again that were scanned with other models or settings than are asked for or here now");
  AddRayOptions(verb, &parsed->identify.scan.ray);
  AddRayScanOptions(verb, &parsed->identify.scan.ray);
  AddGeometryOptions(verb, &scan.geometry);
  AddChoice(verb, "--licence", kLicences, &scan.licence,
            "permissive leaves out models that are for research only");
  AddChoices(verb, "--detectors", Detectors(), &scan.detectors, "only these, separated by commas");
  verb->add_option("--embedders", scan.embedders, "only these, separated by commas")
      ->delimiter(',')
      ->type_name("NAMES");
}

void AddClusterOptions(CLI::App* verb, Parsed* parsed) {
  verb->add_option("--clustering", parsed->identify.group.method, "method that groups tracks into persons")
      ->check(CLI::IsMember(ClusteringMethods()))
      ->capture_default_str();
  AddChoice(verb, "--profile", kProfiles, &parsed->identify.group.profile,
            "strict keeps people apart when in doubt; loose joins sooner");
}

void AddModelsFolder(CLI::App* verb, Parsed* parsed) {
  verb->add_option("--models", parsed->models.models, "folder of the installed models")->type_name("FOLDER");
}

using Verb = std::function<ExitCode(Terminal&)>;

// Declares the verbs; the one that is called sets `chosen`.
void DeclareVerbs(CLI::App& app, Parsed* parsed, Verb* chosen) {
  const auto on = [chosen](CLI::App* verb, const Verb& run) {
    verb->final_callback([chosen, run] { *chosen = run; });
  };

  CLI::App* identify =
      app.add_subcommand("identify", "the whole job: scan what is new, group, write the case folder");
  AddCommon(identify, parsed), AddCase(identify, parsed), AddScanOptions(identify, parsed),
      AddClusterOptions(identify, parsed);
  AddRayCompareOptions(identify, &parsed->identify.scan.ray);
  on(identify, [parsed](Terminal& t) { return RunIdentify(parsed->identify, parsed->common, t); });

  CLI::App* scan = app.add_subcommand("scan", "only find, track and embed the faces of what is new");
  AddCommon(scan, parsed), AddCase(scan, parsed), AddScanOptions(scan, parsed);
  on(scan, [parsed](Terminal& t) { return RunScan(parsed->identify, parsed->common, t); });

  CLI::App* cluster = app.add_subcommand("cluster", "only group the tracks of a case into persons");
  AddCommon(cluster, parsed), AddCase(cluster, parsed), AddClusterOptions(cluster, parsed);
  CLI::Option* device = cluster
                            ->add_option("--device", parsed->identify.group.device,
                                         "compares tracks: cpu, cuda, cuda:N or auto")
                            ->capture_default_str();
  AddRayOptions(cluster, &parsed->identify.group.ray);
  AddRayCompareOptions(cluster, &parsed->identify.group.ray);
  cluster->get_option("--ray")->excludes(device);
  on(cluster, [parsed](Terminal& t) { return RunCluster(parsed->identify, parsed->common, t); });

  CLI::App* write = app.add_subcommand("export", "only write the case folder from its gallery");
  AddCommon(write, parsed), AddCase(write, parsed);
  CLI::Option* format =
      write
          ->add_option("--format", parsed->formats.request.formats,
                       "instead, write what is known for other programs; several with commas")
          ->delimiter(',')
          ->check(CLI::IsMember(ExportFormats()))
          ->type_name("NAMES");
  CLI::Option* out =
      write
          ->add_option("--out,--to", parsed->formats.request.out,
                       "folder or s3://BUCKET/FOLDER for --format, a subfolder per format; without "
                       "--format the whole case goes there as a bag")
          ->type_name("FOLDER");
  format->needs(out);
  on(write, [parsed](Terminal& t) {
    if (parsed->formats.request.formats.empty() && !parsed->formats.request.out.empty())
      parsed->formats.request.formats = {"bag"};
    if (parsed->formats.request.formats.empty()) return RunExport(parsed->identify, parsed->common, t);
    parsed->formats.case_folder = parsed->identify.case_folder;
    return RunExportFormats(parsed->formats, parsed->common, t);
  });

  CLI::App* metadata =
      app.add_subcommand("metadata", "what files say about when, where and with what they were taken");
  metadata->add_option("sources", parsed->identify.scan.sources, "videos, pictures, or folders of them")
      ->required()
      ->type_name("SOURCES");
  AddCommon(metadata, parsed);
  on(metadata,
     [parsed](Terminal& t) { return RunMetadata(parsed->identify.scan.sources, parsed->common, t); });

  DeclarePeople(app, &parsed->common, chosen);
  DeclareSearch(app, &parsed->common, chosen);
  DeclareDuplicates(app, &parsed->common, chosen);
  DeclareReembed(app, &parsed->common, chosen);
  DeclareRedact(app, &parsed->common, chosen);
  DeclareVerify(app, &parsed->common, chosen);
  DeclareLocate(app, &parsed->common, chosen);
  DeclareForget(app, &parsed->common, chosen);
  DeclareLive(app, &parsed->common, chosen);
  DeclareServe(app, &parsed->common, chosen);
  DeclareUsers(app, &parsed->common, chosen);
  DeclareWorker(app, chosen);

  CLI::App* evaluate = app.add_subcommand("evaluate", "compare a case with the truth");
  EvaluateOptions& evaluation = parsed->evaluate;
  evaluate->add_option("case", evaluation.case_folder, "folder of the case")->required()->type_name("CASE");
  evaluate->add_option("--truth", evaluation.request.truth, "CSV of boxes or of intervals (docs/accuracy.md)")
      ->required()
      ->type_name("FILE");
  evaluate
      ->add_option("--resamples", evaluation.request.resamples,
                   "draws of videos for the 95 % intervals; 0: no intervals")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  evaluate->add_option("--worst", evaluation.request.worst, "how many mistakes of each kind are shown")
      ->capture_default_str();
  AddCommon(evaluate, parsed);
  on(evaluate, [parsed](Terminal& t) { return RunEvaluate(parsed->evaluate, parsed->common, t); });

  CLI::App* models = app.add_subcommand("models", "list, install or verify the neural networks");
  models->require_subcommand(1);
  CLI::App* list = models->add_subcommand("list", "what is known and what is installed");
  AddCommon(list, parsed), AddModelsFolder(list, parsed);
  on(list, [parsed](Terminal& t) { return RunModelsList(parsed->models, parsed->common, t); });
  CLI::App* install = models->add_subcommand(
      "install", "fetch, check and convert models: what uses the network, beside the streams of live");
  AddCommon(install, parsed), AddModelsFolder(install, parsed);
  install->add_option("names", parsed->models.names, "only these models or packs of models")
      ->type_name("NAMES");
  install->add_option("--mirror", parsed->models.mirror, "folder that holds the files")->type_name("FOLDER");
  install->add_option("--from", parsed->models.from_file, "weights that you have, to convert and install")
      ->type_name("FILE");
  install->add_flag("--accept-changed", parsed->models.accept_changed,
                    "take a file without a published checksum though another one was used before");
  install->add_flag("--accept-licences", parsed->models.accept_licences,
                    "accept the licences that are shown");
  on(install, [parsed](Terminal& t) { return RunModelsInstall(parsed->models, parsed->common, t); });
  CLI::App* verify = models->add_subcommand("verify", "recompute the checksums of the installed models");
  AddCommon(verify, parsed), AddModelsFolder(verify, parsed);
  on(verify, [parsed](Terminal& t) { return RunModelsVerify(parsed->models, parsed->common, t); });

  DeclareCalibrate(app, &parsed->common, chosen);

  CLI::App* doctor = app.add_subcommand("doctor", "is everything here that a run needs?");
  AddCommon(doctor, parsed), AddModelsFolder(doctor, parsed);
  on(doctor, [parsed](Terminal& t) { return RunDoctor(parsed->models, parsed->common, t); });
}

// What is about the command line itself, and of no case.
void DeclareAboutItself(CLI::App& app, Verb* chosen) {
  CLI::App* completion = app.add_subcommand(
      "completion", "a script for your shell that completes verbs, options and their values");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("shell", *shell, "which one")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  completion->final_callback([&app, chosen, shell] {
    *chosen = [&app, shell](Terminal& terminal) {
      terminal.Print(*shell == "bash"  ? BashCompletion(app)
                     : *shell == "zsh" ? ZshCompletion(app)
                                       : FishCompletion(app));
      return kExitDone;
    };
  });
  app.add_subcommand("man", "the manual page, in roff: crossface man | man -l -")
      ->final_callback([&app, chosen] {
        *chosen = [&app](Terminal& terminal) {
          terminal.Print(ManPage(app, std::string(kVersion)));
          return kExitDone;
        };
      });
}

void DeclareConfig(CLI::App& app, const Settings& settings, Verb* chosen) {
  CLI::App* config = app.add_subcommand("config", "the settings file, with every setting and what it means");
  const auto write = std::make_shared<bool>(false);
  config->add_flag("--write", *write, "write it where it is read; what is set stays");
  config->final_callback([&app, &settings, chosen, write] {
    *chosen = [&app, &settings, write](Terminal& terminal) {
      const std::string text = SettingsText(app, settings);
      if (!*write) {
        terminal.Print(text);
        return kExitDone;
      }
      const Status written = WriteSettings(settings.file, text);
      if (!written.ok()) {
        terminal.Error(written.message());
        return kExitFailed;
      }
      terminal.Print(DisplayPath(settings.file));
      return kExitDone;
    };
  });
}

// Of a broken file nothing is taken, but help and version are shown all the same.
bool AsksForHelp(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument == "-h" || argument == "--help" || argument == "--version";
  });
}

// A track of a source whose name begins with a dash ("-rf.mp4:1") is no option: none has this shape.
std::vector<std::string> ArgumentsOf(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    const size_t colon = argument.rfind(':');
    const bool is_track = argument.size() > 1 && argument.front() == '-' && colon != std::string::npos &&
                          colon + 1 < argument.size() &&
                          argument.find_first_not_of("0123456789", colon + 1) == std::string::npos &&
                          !(argument.starts_with("--") && argument.find('=') < colon);
    arguments.push_back(is_track ? "./" + argument : std::move(argument));
  }
  return arguments;
}

int Run(int argc, const char* const* argv) {
  Parsed parsed;
  Verb chosen;
  CLI::App app(
      "crossface reads a folder of videos, finds the faces, decides which are the same person across all of "
      "them,\n"
      "and writes one folder per person. Nothing leaves this computer.");
  app.name("crossface");
  app.set_version_flag("--version", fmt::format("crossface {}", kVersion));
  app.footer("Start with: crossface identify VIDEOS --case CASE");
  app.fallthrough();
  std::string colour = "auto";
  app.add_option("--color", colour, "colours on the terminal")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  bool plain = false;
  app.add_flag("--plain", plain, "lines of text on a terminal too, instead of drawing on all of it");
  DeclareVerbs(app, &parsed, &chosen);
  DeclareAboutItself(app, &chosen);
  Settings settings;
  DeclareConfig(app, settings, &chosen);
  if (argc <= 1) {
    Terminal terminal(false);
    if (terminal.interactive()) return RunInteractive(parsed.identify, parsed.common, terminal);
    terminal.NoteLines(app.help());
    return kExitUsage;
  }
  try {
    app.require_subcommand(1);
    std::vector<std::string> arguments = ArgumentsOf(argc, argv);
    if (auto read = ReadSettings(app); read.ok()) {
      settings = std::move(*read);
    } else if (!AsksForHelp(arguments)) {
      Terminal(false).Error(read.status().message());
      return kExitUsage;
    }
    arguments = WithSettings(std::move(arguments), app, settings);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);  // prints help and version to stdout, mistakes to stderr
    return code == 0 ? kExitDone : kExitUsage;
  }
  Terminal terminal(parsed.common.quiet, colour == "auto" ? std::nullopt : std::optional(colour == "always"),
                    plain);
  return chosen(terminal);
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv) {
  InstallSignalHandlers();
  try {
    return Run(argc, argv);
  } catch (const std::bad_alloc&) {
    Terminal(false).Error("out of memory; try fewer --threads");
    return kExitOutOfResources;
  } catch (const std::exception& bug) {
    Terminal(false).Error(fmt::format("internal error: {}", bug.what()));
    return kExitFailed;
  }
}

}  // namespace crossface
