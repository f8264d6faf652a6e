#include "crossface/cli/serve_command.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "crossface/cli/threads_option.h"
#include "crossface/server/users.h"
#include "crossface/server/web_server.h"
#include "crossface/util/data_folder.h"
#include "crossface/util/subprocess.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

struct ServeArguments {
  WebServerOptions server{.port = 8600};
  bool open = false;
};

fs::path HomeFolder() {
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? fs::current_path() : fs::path(home);
}

// Where cases are when the user names none.
Status AddOwnFolder(WebServerOptions* options) {
  if (!options->cases.empty() || !options->folder_of_cases.empty()) return Status();
  options->folder_of_cases = HomeFolder() / "crossface-cases";
  std::error_code error;
  fs::create_directories(options->folder_of_cases, error);
  if (!error) return Status();
  return ErrnoStatus(error.value(), "cannot make the folder " + DisplayPath(options->folder_of_cases));
}

ExitCode RunServe(ServeArguments options, const CommonOptions& common, Terminal& terminal) {
  if (const Status made = AddOwnFolder(&options.server); !made.ok()) return Fail(made, common, terminal);
  if (options.server.roots.empty()) options.server.roots = {HomeFolder()};
  if (options.server.users.empty()) options.server.users = Users::DefaultFile();
  options.server.tls_folder = UserDataFolder() / "tls";
  const auto server = WebServer::Open(options.server);
  if (!server.ok()) return Fail(server.status(), common, terminal);
  if (common.json) {
    nlohmann::json answer = {{"schema", "crossface/1"},
                             {"url", (*server)->address()},
                             {"port", (*server)->port()},
                             {"token", (*server)->token()},
                             {"exit", static_cast<int>(kExitDone)}};
    if (!(*server)->certificate_sha256().empty())
      answer["certificate_sha256"] = (*server)->certificate_sha256();
    terminal.PrintJson(answer.dump());
  } else {
    terminal.Print((*server)->address());
  }
  if (const std::string& sha256 = (*server)->certificate_sha256(); !sha256.empty())
    terminal.Note("SHA-256 of the certificate, to be compared with what the browser shows: " + sha256);
  terminal.Note("open this address in a browser, on this computer; Ctrl-C ends the page");
  // What opens addresses may stay as long as the browser does.
  std::jthread opener;
  if (options.open)
    opener = std::jthread([address = (*server)->address()] {
      RunSubprocess({"xdg-open", address}, StopToken()).status().ok();
    });
  const std::stop_callback stop(StopToken(), [&] { (*server)->Stop(); });
  (*server)->Run();
  return kExitDone;
}

}  // namespace

void DeclareServe(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<ServeArguments>();
  WebServerOptions& server = options->server;
  CLI::App* verb = app.add_subcommand(
      "serve",
      "a web page to look at cases and review them, on this computer and, with passwords, on others");
  verb->add_option("--case", server.cases, "folder of a case; may be given several times")
      ->type_name("FOLDER")
      ->expected(1)
      ->take_all();
  verb->add_option(
          "--cases", server.folder_of_cases,
          "folder with cases, where new ones are made; without any case: crossface-cases in the home "
          "folder")
      ->type_name("FOLDER");
  verb->add_option("--root", server.roots,
                   "folder that footage may be chosen from, s3://BUCKET/FOLDER too; may be given several "
                   "times; without it the home folder")
      ->type_name("FOLDER")
      ->expected(1)
      ->take_all();
  verb->add_option("--port", server.port, "0: any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  verb->add_option(
          "--host", server.host,
          "address to listen on; any but this computer's own (127.0.0.1, localhost, ::1) lets users of "
          "other computers in, by TLS and password: see crossface users")
      ->capture_default_str();
  verb->add_option("--name", server.names,
                   "what else other computers call this one; may be given several times")
      ->type_name("HOST")
      ->expected(1)
      ->take_all();
  CLI::Option* certificate =
      verb->add_option("--cert", server.certificate,
                       "certificate for TLS (PEM, with those that it rests on); without it one of its own")
          ->type_name("FILE");
  CLI::Option* key = verb->add_option("--key", server.key, "the certificate's key (PEM)")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  verb->add_option("--users", server.users, "file of the users; without it users.json in the data folder")
      ->type_name("FILE");
  verb->add_flag("--open", options->open, "open the page in the browser");
  verb->add_option("--models", server.means.models, "folder of the installed models")->type_name("FOLDER");
  verb->add_option("--device", server.means.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  AddThreads(verb, &server.means.threads, "worker threads of jobs; results do not depend on it");
  verb->add_flag("--json", common->json, "print the address as one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunServe(*options, *common, terminal); }; });
}

}  // namespace crossface
