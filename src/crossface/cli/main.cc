#include "crossface/cli/command_line.h"
#include "crossface/util/thread_budget.h"

int main(int argc, char** argv) {
  crossface::SetThreadBudget(crossface::ThreadBudget());
  return crossface::RunCommandLine(argc, argv);
}
