#include "crossface/cli/verb_table.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

namespace crossface {
namespace {

constexpr std::array<std::string_view, 8> kPaths = {"FOLDER", "FILE", "SOURCES", "PHOTO",
                                                    "PHOTOS", "CASE", "PLACE",   "PATH"};

// What stands in the braces of "TEXT:{strict,balanced}".
std::vector<std::string> ChoicesIn(const std::string& type) {
  std::vector<std::string> choices;
  const size_t open = type.find('{'), close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(list, choice, ',');)
    choices.push_back(choice.substr(0, choice.find("->")));
  return choices;
}

OptionTable TableOf(const CLI::Option& option) {
  OptionTable table{.names = {}, .what = option.get_description(), .value = {}, .choices = {}, .preset = {}};
  for (const std::string& name : option.get_snames()) table.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) table.names.push_back("--" + name);
  const std::string type = option.get_type_name();
  if (option.get_items_expected_max() > 0) {
    table.choices = ChoicesIn(type);
    table.value = type.substr(0, type.find_first_of(":{ "));
    if (table.value.empty()) table.value = "VALUE";
  }
  table.takes_path = std::find(kPaths.begin(), kPaths.end(), table.value) != kPaths.end();
  table.preset = option.get_default_str();
  table.required = option.get_required();
  if (table.names.empty() && table.value == "TEXT") table.value = option.get_name(true);
  return table;
}

VerbTable TableOf(const CLI::App& app, std::vector<std::string> words) {
  VerbTable table{.words = std::move(words), .what = app.get_description(), .options = {}, .verbs = {}};
  for (const CLI::Option* option : app.get_options()) table.options.push_back(TableOf(*option));
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> below = table.words;
    below.push_back(verb->get_name());
    table.verbs.push_back(TableOf(*verb, std::move(below)));
  }
  return table;
}

}  // namespace

VerbTable TableOf(const CLI::App& app) { return TableOf(app, {}); }

}  // namespace crossface
