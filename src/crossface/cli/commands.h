// The verbs of the command line. Each takes its parsed options and returns the program's exit code.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crossface/cli/exit_code.h"
#include "crossface/cli/terminal.h"
#include "crossface/cluster/persons/clusterer.h"
#include "crossface/evaluation/evaluate.h"
#include "crossface/scan/scan_settings.h"

namespace crossface {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
};

struct IdentifyOptions {
  std::vector<std::filesystem::path> sources;
  std::filesystem::path case_folder;
  ScanSettings scan;
  std::string clustering = kDefaultClustering;
  Profile profile = Profile::kBalanced;
};

struct ModelsOptions {
  std::vector<std::string> names;  // empty: all that can be had
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::filesystem::path mirror, from_file;
  bool accept_licences = false;
};

struct ExportFormatsOptions {
  std::filesystem::path case_folder, out;
  std::vector<std::string> formats;  // of ExportFormats()
};

struct EvaluateOptions {
  std::filesystem::path case_folder, truth;
  int resamples = kDefaultResamples;
  size_t worst = 10;  // mistakes of each kind
};

// True until the user asks to stop (SIGINT, SIGTERM). A second signal ends the program at once.
bool KeepGoing();
void InstallSignalHandlers();

// What a whole run did, for its last lines and its exit code.
ExitCode RunIdentify(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunScan(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunCluster(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunExport(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunExportFormats(const ExportFormatsOptions& options, const CommonOptions& common,
                          Terminal& terminal);
ExitCode RunMetadata(const std::vector<std::filesystem::path>& sources, const CommonOptions& common,
                     Terminal& terminal);
// No arguments on a terminal: asks for the folders, identifies, and offers to name the persons found.
ExitCode RunInteractive(const IdentifyOptions& defaults, const CommonOptions& common, Terminal& terminal);

ExitCode RunModelsList(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunModelsInstall(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunModelsVerify(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal);

ExitCode RunEvaluate(const EvaluateOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunDoctor(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal);

// Prints the status and returns its exit code.
ExitCode Report(const Status& status, Terminal& terminal);
// The same for a verb that ends with it, as the JSON document that was asked for; `case_folder` where the verb
// has one.
ExitCode Fail(const Status& status, const CommonOptions& common, Terminal& terminal,
              const std::filesystem::path& case_folder = {});

}  // namespace crossface
