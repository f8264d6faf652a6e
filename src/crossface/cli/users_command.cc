#include "crossface/cli/users_command.h"

#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "crossface/app/exit_code.h"
#include "crossface/cli/answer.h"
#include "crossface/server/users.h"

namespace crossface {
namespace {

struct UsersArguments {
  std::filesystem::path file = Users::DefaultFile();
  std::string name, role = "viewer";
  bool from_stdin = false;
};

Result<std::string> ReadPassword(const UsersArguments& options, Terminal& terminal) {
  if (options.from_stdin) {
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  if (!terminal.interactive())
    return Status(StatusCode::kInvalidArgument,
                  "nobody can be asked for the password: give it in the first line of --password-stdin");
  const auto first = terminal.AskSecret("Password:"), again = terminal.AskSecret("The same again:");
  if (!first || !again || *first != *again)
    return Status(StatusCode::kInvalidArgument, "these were two passwords");
  return *first;
}

// The answer of every verb is who there is afterwards.
ExitCode FinishWith(Users& users, const Status& done, const CommonOptions& common, Terminal& terminal) {
  const auto list = users.List();
  Ending ending{.status = done.ok() ? list.status() : done};
  ending.code = ExitCodeFor(ending.status);
  nlohmann::json fields = {{"users", nlohmann::json::array()}};
  std::string plain;
  if (list.ok()) {
    for (const User& user : *list) {
      fields["users"].push_back({{"name", user.name}, {"role", RoleName(user.role)}});
      plain += fmt::format("{}{:<10}{}", plain.empty() ? "" : "\n", RoleName(user.role), user.name);
    }
  }
  return Finish("", std::move(fields), plain, std::move(ending), common, terminal);
}

ExitCode RunAdd(const UsersArguments& options, const CommonOptions& common, Terminal& terminal) {
  Users users(options.file);
  const auto add = [&]() -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const std::string password, ReadPassword(options, terminal));
    return users.Set(options.name, *RoleNamed(options.role), password);
  };
  return FinishWith(users, add(), common, terminal);
}

}  // namespace

void DeclareUsers(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<UsersArguments>();
  CLI::App* verbs =
      app.add_subcommand("users", "who may use the page of crossface serve from other computers");
  verbs->require_subcommand(1);
  const auto declare = [&](const char* name, const char* what, auto run) {
    CLI::App* verb = verbs->add_subcommand(name, what);
    verb->add_option("--users", options->file, "file of the users")->type_name("FILE")->capture_default_str();
    verb->add_flag("--json", common->json, "print one JSON document to stdout");
    verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
    verb->final_callback(
        [=] { *chosen = [=](Terminal& terminal) { return run(*options, *common, terminal); }; });
    return verb;
  };
  declare("list", "names and roles",
          [](const UsersArguments& asked, const CommonOptions& how, Terminal& terminal) {
            Users users(asked.file);
            return FinishWith(users, Status(), how, terminal);
          });
  CLI::App* add =
      declare("add", "add somebody, or give a new role and password; asks for the password", RunAdd);
  add->add_option("name", options->name, "who; stands beside what this user corrects")
      ->required()
      ->type_name("NAME");
  add->add_option("--role", options->role, "a viewer looks, a reviewer corrects and starts work too")
      ->check(CLI::IsMember({"viewer", "reviewer"}))
      ->capture_default_str();
  add->add_flag("--password-stdin", options->from_stdin,
                "read the password from the first line of the input");
  CLI::App* remove = declare("remove", "take somebody out, at once",
                             [](const UsersArguments& asked, const CommonOptions& how, Terminal& terminal) {
                               Users users(asked.file);
                               return FinishWith(users, users.Remove(asked.name), how, terminal);
                             });
  remove->add_option("name", options->name, "who")->required()->type_name("NAME");
}

}  // namespace crossface
