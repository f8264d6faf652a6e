// The verbs of the command line. Each takes its parsed options and returns the program's exit code.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/app/exit_code.h"
#include "crossface/app/installation.h"
#include "crossface/app/requests.h"
#include "crossface/cli/terminal.h"

namespace crossface {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
};

struct IdentifyOptions {
  std::filesystem::path case_folder;
  ScanRequest scan;
  GroupRequest group;
};

struct ExportFormatsOptions {
  std::filesystem::path case_folder;
  FormatsRequest request;
};

struct EvaluateOptions {
  std::filesystem::path case_folder;
  EvaluateRequest request;
};

// Of the user's wish to stop (SIGINT, SIGTERM). A second signal ends the program at once.
std::stop_token StopToken();
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
// No arguments on a terminal: asks for the folders, identifies, and offers to name the persons found; on the
// whole terminal where that can be drawn on.
ExitCode RunInteractive(const IdentifyOptions& defaults, const CommonOptions& common, Terminal& terminal);

ExitCode RunModelsList(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal);
ExitCode RunModelsInstall(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal);
ExitCode RunModelsVerify(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal);

ExitCode RunEvaluate(const EvaluateOptions& options, const CommonOptions& common, Terminal& terminal);
ExitCode RunDoctor(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal);

// Prints the status and returns its exit code.
ExitCode Report(const Status& status, Terminal& terminal);
// The same for a verb that ends with it, as the JSON document that was asked for; `case_folder` where the
// verb has one.
ExitCode Fail(const Status& status, const CommonOptions& common, Terminal& terminal,
              const std::filesystem::path& case_folder = {});

}  // namespace crossface
