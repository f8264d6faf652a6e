#include "crossface/app/scan_worker.h"

#include "crossface/ray/serve_tasks.h"

namespace crossface {

Status ServeAsScanWorker(int in, int out, const std::filesystem::path& models, const std::string& node,
                         const std::function<void()>& ended) {
  ScanTaskRunner runner(models, node);
  return ServeTasks(in, out, runner, node, ended);
}

}  // namespace crossface
