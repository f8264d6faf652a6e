// --threads: the budget of the process.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "crossface/util/thread_budget.h"

namespace crossface {

inline void AddThreads(CLI::App* verb, int* threads, const std::string& help) {
  *threads = ThreadBudget();
  verb->add_option_function<int>(
          "--threads",
          [=](int given) {
            *threads = given;
            SetThreadBudget(given);
          },
          help)
      ->check(CLI::Range(1, 256))
      ->default_str(std::to_string(*threads));
}

}  // namespace crossface
