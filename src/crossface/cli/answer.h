// How the terminal follows and answers calls of the CaseService.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "crossface/app/case_run.h"
#include "crossface/app/watch.h"
#include "crossface/cli/commands.h"
#include "crossface/cli/terminal.h"

namespace crossface {

// "12 tracks unassigned (blurred 9, in doubt 2)".
std::string UnassignedText(int64_t unassigned, const std::map<UnassignedReason, int64_t>& by_reason);

// With what the user can do about it in the words of the command line.
Status Worded(const Status& status);

// Shows progress, warnings, and what each part of the main job did.
class TerminalObserver : public Observer {
 public:
  explicit TerminalObserver(Terminal& terminal) : terminal_(terminal) {}

  void OnScan(const ScanProgress& progress) override;
  void OnWork(const WorkProgress& progress) override;
  void OnWarning(const std::string& text) override;
  void OnPrepared(const PreparedAnswer& answer) override;
  void OnScanned(const ScanAnswer& answer) override;
  void OnGrouped(const ClusterSummary& answer) override;

 private:
  void NoteKnown(const ScanSummary& summary);

  Terminal& terminal_;
};

// Watches with the observer until the user stops the program.
Watch WatchWith(TerminalObserver& observer);

// Does long work on a case that the user can watch and stop: on the whole terminal where that can be drawn
// on, else line by line.
void WatchWork(const std::string& verb, const std::filesystem::path& case_folder, Terminal& terminal,
               const std::function<void(const Watch&)>& work);

// Prints the document of --json, or `plain` when the call went well, and gives the program's exit code. What
// the user can do about a failure is worded here.
ExitCode Finish(const std::filesystem::path& case_folder, nlohmann::json fields, const std::string& plain,
                Ending ending, const CommonOptions& common, Terminal& terminal);

}  // namespace crossface
