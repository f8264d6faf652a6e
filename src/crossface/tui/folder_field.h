// The name of a folder that is being typed, with completion. Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

namespace crossface {

// As typed or dragged into a terminal: quotes around it go, ~ is the home folder.
std::string PathOfTyped(std::string text);

struct Completion {
  std::string text;                // as far as it is certain
  std::vector<std::string> names;  // that it can go on with, sorted
};
// Folders alone; hidden ones only where that is typed. The text stays as it was where nothing fits.
Completion CompleteFolder(const std::string& text);

}  // namespace crossface
