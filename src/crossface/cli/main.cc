#include <opencv2/core.hpp>

#include "crossface/cli/command_line.h"

int main(int argc, char** argv) {
  // Parallel work runs on crossface's own threads; OpenCV's would only be more of them.
  cv::setNumThreads(1);
  return crossface::RunCommandLine(argc, argv);
}
