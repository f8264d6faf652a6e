#include "crossface/cli/settings.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "crossface/cli/verb_table.h"
#include "crossface/util/file.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

// What is chosen once for all calls. Whatever may hide, overwrite or let anybody in must be said each time.
constexpr std::array<std::string_view, 11> kNames = {"threads",   "device",    "models",  "licence",
                                                     "detectors", "embedders", "profile", "clustering",
                                                     "cases",     "port",      "color"};

const OptionTable* FindOption(const VerbTable& verb, const std::string& name) {
  const auto found = std::find_if(verb.options.begin(), verb.options.end(), [&](const OptionTable& option) {
    return std::count(option.names.begin(), option.names.end(), "--" + name) > 0;
  });
  return found == verb.options.end() ? nullptr : &*found;
}

// Of the first verb that has it.
const OptionTable* FindAnywhere(const VerbTable& verb, const std::string& name) {
  if (const OptionTable* own = FindOption(verb, name)) return own;
  for (const VerbTable& below : verb.verbs) {
    if (const OptionTable* found = FindAnywhere(below, name)) return found;
  }
  return nullptr;
}

std::optional<std::string> TextOf(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<int64_t>()) return std::to_string(*number);
  if (const toml::array* list = node.as_array()) {
    std::vector<std::string> texts;
    for (const toml::node& each : *list) {
      const auto text = each.value_exact<std::string>();
      if (!text) return std::nullopt;
      texts.push_back(*text);
    }
    return fmt::format("{}", fmt::join(texts, ","));
  }
  return std::nullopt;
}

Status Wrong(const fs::path& file, const std::string& what) {
  return {StatusCode::kInvalidArgument, fmt::format("the settings in {}: {}", DisplayPath(file), what)};
}

}  // namespace

fs::path SettingsFile() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string file = variable("CROSSFACE_CONFIG"); !file.empty()) return file;
  if (const std::string folder = variable("XDG_CONFIG_HOME"); !folder.empty())
    return fs::path(folder) / "crossface/config.toml";
  const std::string home = variable("HOME");
  return fs::path(home.empty() ? "." : home) / ".config/crossface/config.toml";
}

Result<Settings> ReadSettings(const CLI::App& app) {
  Settings settings{.file = SettingsFile(), .values = {}};
  std::error_code error;
  if (!fs::exists(settings.file, error)) return settings;
  CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(settings.file));
  const toml::parse_result read = toml::parse(text);
  if (!read)
    return Wrong(settings.file,
                 fmt::format("line {}: {}", read.error().source().begin.line, read.error().description()));
  const VerbTable table = TableOf(app);
  for (const auto& [key, node] : read.table()) {
    const std::string name(key.str());
    const bool known =
        std::count(kNames.begin(), kNames.end(), name) > 0 && FindAnywhere(table, name) != nullptr;
    if (!known)
      return Wrong(settings.file,
                   fmt::format("line {}: there is no setting '{}'; all of them: crossface config",
                               key.source().begin.line, name));
    const auto value = TextOf(node);
    if (!value)
      return Wrong(settings.file, fmt::format("line {}: {} takes a text, a number or a list of texts",
                                              node.source().begin.line, name));
    settings.values[name] = *value;
  }
  return settings;
}

std::vector<std::string> WithSettings(std::vector<std::string> arguments, const CLI::App& app,
                                      const Settings& settings) {
  const VerbTable table = TableOf(app);
  const VerbTable* verb = &table;
  size_t place = 0;
  for (; place < arguments.size(); ++place) {
    const auto next = std::find_if(verb->verbs.begin(), verb->verbs.end(), [&](const VerbTable& below) {
      return below.words.back() == arguments[place];
    });
    if (next == verb->verbs.end()) break;
    verb = &*next;
  }
  std::vector<std::string> added;
  for (const auto& [name, value] : settings.values) {
    const OptionTable* option = FindOption(*verb, name);
    if (option == nullptr) option = FindOption(table, name);  // the program's own
    if (option == nullptr) continue;
    const bool is_given = std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
      return std::any_of(option->names.begin(), option->names.end(), [&](const std::string& known) {
        return argument == known || (known.starts_with("--") && argument.starts_with(known + "="));
      });
    });
    if (!is_given) added.push_back(fmt::format("--{}={}", name, value));
  }
  arguments.insert(arguments.begin() + static_cast<ptrdiff_t>(place), added.begin(), added.end());
  return arguments;
}

Status WriteSettings(const fs::path& file, const std::string& text) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) return ErrnoStatus(error.value(), DisplayPath(file.parent_path()) + " cannot be made");
  return WriteFileAtomically(file, text);
}

std::string SettingsText(const CLI::App& app, const Settings& settings) {
  const VerbTable table = TableOf(app);
  std::string text = fmt::format(
      "# Settings of crossface: {}\n# What the command line says goes before them. A line that begins with # "
      "says nothing.\n",
      DisplayPath(settings.file));
  for (const std::string_view each : kNames) {
    const std::string name(each);
    const OptionTable* option = FindAnywhere(table, name);
    if (option == nullptr) continue;
    const auto set = settings.values.find(name);
    const std::string value = set != settings.values.end() ? set->second
                              : !option->preset.empty()    ? option->preset
                              : option->choices.empty()    ? ""
                                                           : option->choices.front();
    const bool is_number = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
    text += fmt::format("\n# {}{}\n{}{} = {}\n", option->what,
                        option->choices.empty() ? "" : fmt::format(": {}", fmt::join(option->choices, ", ")),
                        set == settings.values.end() ? "# " : "", name,
                        is_number ? value : (std::ostringstream() << toml::value<std::string>(value)).str());
  }
  return text;
}

}  // namespace crossface
