// The user's settings: values of options, for whichever verbs have them, where the command line does not say
// otherwise. They lie in a TOML file, which `crossface config` writes, commented, out of the tables that
// parse the command line.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

struct Settings {
  std::filesystem::path file;                 // where they were read, or would be
  std::map<std::string, std::string> values;  // by name of the option, without dashes
};

// $CROSSFACE_CONFIG, else $XDG_CONFIG_HOME/crossface/config.toml, else ~/.config/crossface/config.toml.
std::filesystem::path SettingsFile();

// Without a file there are none. Errors: kInvalidArgument for what is no TOML, with the line, for a name that
// is no setting, and for a value of another kind; kIo.
Result<Settings> ReadSettings(const CLI::App& app);

// The arguments (without the program's name, first to last) with the settings that the verb they call has and
// they do not.
std::vector<std::string> WithSettings(std::vector<std::string> arguments, const CLI::App& app,
                                      const Settings& settings);

// The file, with every setting, what it means, and its value now; those that are not set are comments.
std::string SettingsText(const CLI::App& app, const Settings& settings);

// Makes its folder where there is none. Errors: kPermissionDenied, kOutOfResources, kIo.
Status WriteSettings(const std::filesystem::path& file, const std::string& text);

}  // namespace crossface
