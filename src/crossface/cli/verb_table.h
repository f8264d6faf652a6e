// The verbs of the command line and their options, as plain values out of the tables that parse it.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace crossface {

struct OptionTable {
  std::vector<std::string> names;    // with dashes; empty for what is given by its place
  std::string what;                  // description
  std::string value;                 // what its value is called, such as FOLDER; empty for a flag
  std::vector<std::string> choices;  // the values that there are, where these are known
  std::string preset;                // its value where it is not given; empty where help does not say
  bool takes_path = false;
  bool required = false;
};

struct VerbTable {
  std::vector<std::string> words;  // below the program's name; none for the program itself
  std::string what;                // description
  std::vector<OptionTable> options;
  std::vector<VerbTable> verbs;
};

VerbTable TableOf(const CLI::App& app);

}  // namespace crossface
