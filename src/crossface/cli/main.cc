#include "crossface/cli/command_line.h"

int main(int argc, char** argv) { return crossface::RunCommandLine(argc, argv); }
