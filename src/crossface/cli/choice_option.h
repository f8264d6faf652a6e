// Options whose values are names of an enumeration: help and errors list the names, in the order given.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace crossface {

template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

template <typename Value>
std::vector<std::string> NamesOf(const Choices<Value>& choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.push_back(name);
  return names;
}

template <typename Value>
Value ValueOf(const Choices<Value>& choices, const std::string& name) {
  return std::find_if(choices.begin(), choices.end(),
                      [&](const auto& choice) { return choice.first == name; })
      ->second;
}

// Leaves `chosen`, whose name help shows as the default, where the option is not given.
template <typename Value>
void AddChoice(CLI::App* verb, const std::string& name, const Choices<Value>& choices, Value* chosen,
               const std::string& help) {
  const auto preset = std::find_if(choices.begin(), choices.end(),
                                   [&](const auto& choice) { return choice.second == *chosen; });
  verb->add_option_function<std::string>(
          name, [=](const std::string& given) { *chosen = ValueOf(choices, given); }, help)
      ->check(CLI::IsMember(NamesOf(choices)))
      ->default_str(preset->first);
}

// Several, separated by commas.
template <typename Value>
void AddChoices(CLI::App* verb, const std::string& name, const Choices<Value>& choices,
                std::vector<Value>* chosen, const std::string& help) {
  verb->add_option_function<std::vector<std::string>>(
          name,
          [=](const std::vector<std::string>& given) {
            chosen->clear();
            for (const std::string& one : given) chosen->push_back(ValueOf(choices, one));
          },
          help)
      ->delimiter(',')
      ->check(CLI::IsMember(NamesOf(choices)))
      ->type_name("NAMES");
}

}  // namespace crossface
