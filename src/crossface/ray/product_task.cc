#include "crossface/ray/product_task.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <span>

#include "crossface/util/hash.h"
#include "crossface/util/thread_budget.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

constexpr std::string_view kTask = "CFPART", kAnswer = "CFBEST";
constexpr size_t kHashDigits = 64;
constexpr uint64_t kMostNumbers = uint64_t{1} << 30;

void Append(std::string* bytes, uint64_t number) {
  bytes->append(reinterpret_cast<const char*>(&number), sizeof number);
}
void AppendText(std::string* bytes, std::string_view text) {
  Append(bytes, text.size());
  bytes->append(text);
}
template <typename T>
void AppendNumbers(std::string* bytes, std::span<const T> numbers) {
  bytes->append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
}

std::string Sealed(std::string bytes) {
  bytes += Sha256Hex(bytes);
  return bytes;
}

Status Damaged() { return Status(StatusCode::kCorrupt, "what another machine sent is damaged"); }

// Takes piece after piece; once one is not there, all are empty and the end is not reached.
class Reader {
 public:
  // Errors: kCorrupt for what does not begin so, or is not as it was sealed.
  static Result<Reader> Of(std::string_view bytes, std::string_view begin) {
    if (bytes.size() < begin.size() + kHashDigits || !bytes.starts_with(begin)) return Damaged();
    const std::string_view content = bytes.substr(0, bytes.size() - kHashDigits);
    if (Sha256Hex(content) != DigestOfTask(bytes)) return Damaged();
    return Reader(content.substr(begin.size()));
  }

  uint64_t Number() {
    uint64_t number = 0;
    Copy(&number, sizeof number);
    return number;
  }
  std::string Text() {
    const uint64_t length = Number();
    const bool fits = length <= left_.size();
    std::string text(left_.substr(0, fits ? length : 0));
    Skip(fits ? length : left_.size() + 1);
    return text;
  }
  template <typename T>
  bool Numbers(uint64_t count, T* into) {
    return count <= kMostNumbers && Copy(into, count * sizeof(T));
  }
  bool at_end() const { return ok_ && left_.empty(); }
  // Of so many bytes each.
  uint64_t MostLeft(size_t bytes) const { return left_.size() / bytes; }

 private:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  bool Copy(void* into, size_t bytes) {
    if (bytes <= left_.size() && bytes > 0) std::memcpy(into, left_.data(), bytes);
    return Skip(bytes);
  }
  bool Skip(size_t bytes) {
    ok_ = ok_ && bytes <= left_.size();
    left_.remove_prefix(ok_ ? bytes : left_.size());
    return ok_;
  }
  std::string_view left_;
  bool ok_ = true;
};

struct ProductTask {
  std::string version;
  int threads = 1;
  size_t most = 0;
  RowMatrix queries, targets;
};

Result<ProductTask> TaskOf(std::string_view bytes) {
  CROSSFACE_ASSIGN_OR_RETURN(Reader reader, Reader::Of(bytes, kTask));
  ProductTask task{.version = reader.Text()};
  // Of another version nothing more need be understood.
  if (task.version != kVersion) {
    return Status(StatusCode::kMismatch,
                  fmt::format("crossface is version {} here and {} where the comparison was asked for: every "
                              "node needs the same",
                              kVersion, task.version));
  }
  task.threads = static_cast<int>(reader.Number());
  task.most = reader.Number();
  const uint64_t queries = reader.Number(), targets = reader.Number(), dimensions = reader.Number(),
                 most = reader.MostLeft(sizeof(float));
  const bool sound = task.threads > 0 && task.most > 0 && task.most <= targets && dimensions > 0 &&
                     dimensions <= most && queries <= most / dimensions && targets <= most / dimensions;
  if (!sound) return Damaged();
  task.queries.resize(static_cast<Eigen::Index>(queries), static_cast<Eigen::Index>(dimensions));
  task.targets.resize(static_cast<Eigen::Index>(targets), static_cast<Eigen::Index>(dimensions));
  if (!reader.Numbers(queries * dimensions, task.queries.data()) ||
      !reader.Numbers(targets * dimensions, task.targets.data()) || !reader.at_end())
    return Damaged();
  return task;
}

Result<LargestProducts> Find(std::string_view bytes, const std::stop_token& stop) {
  try {
    CROSSFACE_ASSIGN_OR_RETURN(const ProductTask task, TaskOf(bytes));
    SetThreadBudget(task.threads);
    return FindLargestProducts(task.queries, task.targets, task.most, stop);
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kOutOfResources, "not enough memory to compare vectors");
  }
}

std::string ToWire(const ProductAnswer& answer) {
  std::string bytes(kAnswer);
  AppendText(&bytes, answer.task);
  AppendText(&bytes, answer.machine);
  Append(&bytes, static_cast<uint64_t>(answer.process));
  Append(&bytes, static_cast<uint64_t>(answer.status.code()));
  AppendText(&bytes, answer.status.message());
  Append(&bytes, answer.found.found.size());
  AppendNumbers<float>(&bytes, answer.found.products);
  AppendNumbers<int64_t>(&bytes, answer.found.found);
  return Sealed(std::move(bytes));
}

}  // namespace

std::string ToWire(const ProductPart& part, int threads) {
  const RowMatrix& queries = *part.queries;
  std::string bytes;
  bytes.reserve(sizeof(float) * static_cast<size_t>(queries.size() + part.targets.size()) + 256);
  bytes += kTask;
  AppendText(&bytes, kVersion);
  Append(&bytes, static_cast<uint64_t>(threads));
  Append(&bytes, part.most);
  Append(&bytes, static_cast<uint64_t>(queries.rows()));
  Append(&bytes, static_cast<uint64_t>(part.targets.rows()));
  Append(&bytes, static_cast<uint64_t>(queries.cols()));
  AppendNumbers<float>(&bytes, {queries.data(), static_cast<size_t>(queries.size())});
  AppendNumbers<float>(&bytes, {part.targets.data(), static_cast<size_t>(part.targets.size())});
  return Sealed(std::move(bytes));
}

std::string_view DigestOfTask(std::string_view task) {
  return task.substr(task.size() - std::min(task.size(), kHashDigits));
}

bool IsProductTask(std::string_view bytes) { return bytes.starts_with(kTask); }

std::string AnswerProductTask(std::string_view task, const std::string& machine,
                              const std::stop_token& stop) {
  ProductAnswer answer{.status = {},
                       .task = std::string(DigestOfTask(task)),
                       .machine = machine,
                       .process = ::getpid(),
                       .found = {}};
  auto found = Find(task, stop);
  answer.status = found.status();
  if (found.ok()) answer.found = *std::move(found);
  return ToWire(answer);
}

Result<ProductAnswer> ProductAnswerFromWire(std::string_view bytes) {
  CROSSFACE_ASSIGN_OR_RETURN(Reader reader, Reader::Of(bytes, kAnswer));
  ProductAnswer answer;
  answer.task = reader.Text();
  answer.machine = reader.Text();
  answer.process = static_cast<int64_t>(reader.Number());
  const uint64_t code = reader.Number();
  const std::string message = reader.Text();
  if (code > static_cast<uint64_t>(StatusCode::kInternal)) return Damaged();
  answer.status = code == 0 ? Status() : Status(static_cast<StatusCode>(code), message);
  const uint64_t count = reader.Number();
  if (count > reader.MostLeft(sizeof(float) + sizeof(int64_t))) return Damaged();
  answer.found.products.resize(count);
  answer.found.found.resize(count);
  if (!reader.Numbers(count, answer.found.products.data()) ||
      !reader.Numbers(count, answer.found.found.data()) || !reader.at_end())
    return Damaged();
  return answer;
}

}  // namespace crossface
