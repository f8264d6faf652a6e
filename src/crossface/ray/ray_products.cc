#include "crossface/ray/ray_products.h"

#include <algorithm>

namespace crossface {
namespace {

constexpr auto kAskWorkersFor = std::chrono::milliseconds(100);
// Whatever fails so often is done here; a machine may go away for many reasons.
constexpr int kMostFailed = 3, kMostLost = 20;
// One that is computed and one that is on its way, for each; at first nobody knows how many there are.
constexpr size_t kFewestUnderWay = 4, kUnderWayPerWorker = 2;

bool Fits(const LargestProducts& found, const ProductPart& part) {
  const size_t wanted = static_cast<size_t>(part.queries->rows()) * part.most;
  const auto is_target = [&](int64_t number) { return number >= 0 && number < part.targets.rows(); };
  return found.products.size() == wanted && found.found.size() == wanted &&
         std::all_of(found.found.begin(), found.found.end(), is_target);
}

}  // namespace

Status RayProducts::Search(const Next& next, const Take& take, const std::stop_token& stop) {
  under_way_.clear();
  for (bool more = true; more || !under_way_.empty();) {
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "clustering was stopped");
    while (more && under_way_.size() < std::max(kFewestUnderWay, kUnderWayPerWorker * processes_.size())) {
      CROSSFACE_ASSIGN_OR_RETURN(std::optional<ProductPart> part, next());
      more = part.has_value();
      if (!more) break;
      under_way_.push_back({.part = *std::move(part), .digest = {}, .found = {}});
      CROSSFACE_RETURN_IF_ERROR(Begin(&under_way_.back(), stop));
    }
    while (!under_way_.empty() && under_way_.front().found) {
      LargestProducts found = *std::move(under_way_.front().found);
      under_way_.pop_front();
      CROSSFACE_RETURN_IF_ERROR(take(std::move(found)));
    }
    if (under_way_.empty()) continue;
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<WorkerAnswer> answer, workers_->Next(kAskWorkersFor));
    if (answer) CROSSFACE_RETURN_IF_ERROR(TakeAnswer(*answer, stop));
    Tell();
  }
  return Status();
}

// Work grows with the product of the two, what has to be sent with their sum.
bool RayProducts::IsWorthSending(const ProductPart& part) const {
  const int64_t queries = part.queries->rows(), targets = part.targets.rows();
  return 2 * queries * targets >= least_ * (queries + targets);
}

Status RayProducts::Begin(UnderWay* task, const std::stop_token& stop) {
  return IsWorthSending(task->part) ? Submit(task) : Find(task, stop);
}

Status RayProducts::Submit(UnderWay* task) {
  const std::string bytes = ToWire(task->part, workers_->threads());
  task->id = next_id_++;
  task->digest = DigestOfTask(bytes);
  return workers_->Submit(task->id, bytes);
}

Status RayProducts::Find(UnderWay* task, const std::stop_token& stop) const {
  CROSSFACE_ASSIGN_OR_RETURN(
      task->found, FindLargestProducts(*task->part.queries, task->part.targets, task->part.most, stop));
  return Status();
}

Status RayProducts::TakeAnswer(const WorkerAnswer& answer, const std::stop_token& stop) {
  const auto task = std::find_if(under_way_.begin(), under_way_.end(),
                                 [&](const UnderWay& each) { return each.id == answer.id && !each.found; });
  if (task == under_way_.end()) return Status();
  if (answer.kind != WorkerAnswer::Kind::kDone)
    return AskAgain(&*task, answer.kind == WorkerAnswer::Kind::kFailed, stop);
  auto read = ProductAnswerFromWire(answer.bytes);
  if (!read.ok()) return AskAgain(&*task, false, stop);
  if (read->status.code() == StatusCode::kMismatch) return read->status.Annotate("on " + read->machine);
  if (!read->status.ok() || read->task != task->digest || !Fits(read->found, task->part))
    return AskAgain(&*task, read->status.code() == StatusCode::kOutOfResources, stop);
  machines_.insert(read->machine);
  processes_.insert({read->machine, read->process});
  ++progress_.done;
  task->found = std::move(read->found);
  return Status();
}

Status RayProducts::AskAgain(UnderWay* task, bool failed, const std::stop_token& stop) {
  ++(failed ? task->failed : task->lost);
  if (task->failed >= kMostFailed || task->lost >= kMostLost) return Find(task, stop);
  ++progress_.repeated;
  return Submit(task);
}

void RayProducts::Tell() {
  progress_.machines = static_cast<int64_t>(machines_.size());
  progress_.processes = static_cast<int64_t>(processes_.size());
  progress_.under_way =
      std::count_if(under_way_.begin(), under_way_.end(), [](const UnderWay& each) { return !each.found; });
  if (told_) told_(progress_);
}

}  // namespace crossface
