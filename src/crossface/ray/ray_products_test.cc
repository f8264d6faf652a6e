// A search for neighbours by machines that fail as machines do: what is found cannot be told from what this
// machine finds.
#include "crossface/ray/ray_products.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/cluster/graph/candidate_search.h"
#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using Kind = WorkerAnswer::Kind;

// Workers that are all this machine, and answer in another order than they are asked.
class Workers final : public ScanWorkers {
 public:
  // What becomes of the answer to a task, the `number`-th that is asked of these workers.
  using Fate = std::function<WorkerAnswer(int number, WorkerAnswer answer)>;
  explicit Workers(Fate fate = {}) : fate_(std::move(fate)) {}

  int threads() const override { return 1; }
  int64_t range_us() const override { return 0; }
  Status Submit(uint64_t id, const std::string& task) override {
    EXPECT_TRUE(IsProductTask(task));
    WorkerAnswer answer{.id = id, .bytes = AnswerProductTask(task, "node " + std::to_string(id % 3), {})};
    answers_.push_front(fate_ ? fate_(++asked_, std::move(answer)) : std::move(answer));
    most_waiting_ = std::max(most_waiting_, answers_.size());
    return Status();
  }
  Result<std::optional<WorkerAnswer>> Next(std::chrono::milliseconds) override {
    if (--answers_left_ < 0) return Status(StatusCode::kIo, "the cluster is gone");
    if (answers_.empty()) return std::optional<WorkerAnswer>();
    WorkerAnswer answer = std::move(answers_.front());
    answers_.pop_front();
    return std::optional(std::move(answer));
  }
  void GoAfter(int answers) { answers_left_ = answers; }
  size_t most_waiting() const { return most_waiting_; }

 private:
  const Fate fate_;
  std::deque<WorkerAnswer> answers_;
  int asked_ = 0, answers_left_ = 1'000'000;
  size_t most_waiting_ = 0;
};

class RayProductsTest : public ::testing::Test {
 protected:
  RayProductsTest() {
    testing::ProblemBuilder builder(17);
    for (int person = 0; person < 60; ++person) {
      const auto direction = builder.Person();
      for (int item = 0; item <= person % 12; ++item) builder.Add(direction, 0.93);
    }
    problem_ = builder.problem();
    for (int i = 0; i < problem_.items; ++i) all_.push_back(i);
  }
  Result<std::vector<std::vector<int>>> Search(ProductSearch* products, int exact_up_to = 100'000,
                                               const std::stop_token& stop = {}) const {
    std::vector<std::vector<int>> found(all_.size());
    const Status status = SearchCandidates(
        ScaledVectors(problem_, testing::LinearRule()), all_, all_,
        {.wanted = 8, .exact_up_to = exact_up_to, .products = products, .block = 50, .stop = stop},
        [&](size_t position, std::span<const int> own) { found[position].assign(own.begin(), own.end()); });
    if (!status.ok()) return status;
    return found;
  }
  std::vector<std::vector<int>> Here(int exact_up_to = 100'000) const {
    return *Search(nullptr, exact_up_to);
  }

  ClusterProblem problem_;
  std::vector<int> all_;
};

TEST_F(RayProductsTest, CandidatesAreThoseOfASearchHere) {
  for (const int exact_up_to : {100'000, 0}) {  // all products, and lists
    const auto workers = std::make_shared<Workers>();
    WorkersProgress last;
    RayProducts products(workers, 0, [&](const WorkersProgress& told) { last = told; });
    const auto found = Search(&products, exact_up_to);
    ASSERT_TRUE(found.ok()) << found.status().message();
    EXPECT_EQ(*found, Here(exact_up_to));
    EXPECT_GT(last.done, 50);
    EXPECT_EQ(last.machines, 3);
    EXPECT_EQ(last.processes, 3);
    EXPECT_EQ(last.under_way, 0);
    EXPECT_EQ(last.repeated, 0);
    EXPECT_LE(workers->most_waiting(), 6u) << "what is under way has a bound";
  }
}

TEST_F(RayProductsTest, WhatIsLostFailsOrComesDamagedIsAskedForAgain) {
  const auto workers = std::make_shared<Workers>([](int number, WorkerAnswer answer) {
    if (number % 5 == 0) return WorkerAnswer{Kind::kLost, answer.id, "node went away"};
    if (number % 7 == 0) return WorkerAnswer{Kind::kFailed, answer.id, "signal 11"};
    if (number % 11 == 0) answer.bytes[answer.bytes.size() / 2] ^= 1;
    return answer;
  });
  WorkersProgress last;
  RayProducts products(workers, 0, [&](const WorkersProgress& told) { last = told; });
  EXPECT_EQ(*Search(&products), Here());
  EXPECT_GT(last.repeated, 10);
}

TEST_F(RayProductsTest, WhatNoWorkerCanDoIsDoneHere) {
  for (const Kind kind : {Kind::kFailed, Kind::kLost}) {
    RayProducts products(std::make_shared<Workers>([kind](int, const WorkerAnswer& answer) {
                           return WorkerAnswer{kind, answer.id, "no memory"};
                         }),
                         0, {});
    EXPECT_EQ(*Search(&products), Here());
  }
}

// Of another task, or with numbers of rows that are not there.
TEST_F(RayProductsTest, AnAnswerThatDoesNotFitIsNotTaken) {
  std::string other;
  RayProducts products(std::make_shared<Workers>([&](int number, WorkerAnswer answer) {
                         if (number == 1) other = answer.bytes;
                         if (number % 4 == 2) answer.bytes = other;
                         if (number % 4 == 3) {
                           answer.bytes.resize(answer.bytes.size() - 64);
                           answer.bytes[answer.bytes.size() - 2] = 1;  // of the last number
                           answer.bytes += Sha256Hex(answer.bytes);
                         }
                         return answer;
                       }),
                       0, {});
  EXPECT_EQ(*Search(&products), Here());
}

TEST_F(RayProductsTest, LittleWorkStaysHere) {
  const auto workers = std::make_shared<Workers>([](int, const WorkerAnswer& answer) {
    ADD_FAILURE() << "handed over";
    return answer;
  });
  RayProducts products(workers, 51, {});  // blocks are of 50
  EXPECT_EQ(*Search(&products), Here());
  // The last rows alone.
  WorkersProgress last;
  RayProducts some(std::make_shared<Workers>(), 50, [&](const WorkersProgress& told) { last = told; });
  EXPECT_EQ(*Search(&some), Here());
  const auto blocks = static_cast<int64_t>(all_.size() / 50);
  EXPECT_EQ(last.done, blocks * blocks);
}

TEST_F(RayProductsTest, WhenTheClusterGoesItIsToldAndTheNextSearchFindsAll) {
  const auto workers = std::make_shared<Workers>();
  workers->GoAfter(5);
  RayProducts products(workers, 0, {});
  EXPECT_EQ(Search(&products).status().code(), StatusCode::kIo);
  workers->GoAfter(1'000'000);
  EXPECT_EQ(*Search(&products), Here()) << "answers to the first search count for nothing";
}

TEST_F(RayProductsTest, AStopAndAnotherProgramEndIt) {
  RayProducts products(std::make_shared<Workers>(), 0, {});
  EXPECT_EQ(Search(&products, 100'000, testing::Stopped()).status().code(), StatusCode::kInterrupted);
  // What a worker of another version says to a task.
  std::string task = ToWire({.queries = std::make_shared<const RowMatrix>(RowMatrix::Ones(1, 1)),
                             .targets = RowMatrix::Ones(1, 1),
                             .most = 1},
                            1);
  task.resize(task.size() - 64);
  task[14] = '9';
  task += Sha256Hex(task);
  RayProducts older(std::make_shared<Workers>([&](int, WorkerAnswer answer) {
                      answer.bytes = AnswerProductTask(task, "node 2", {});
                      return answer;
                    }),
                    0, {});
  const Status status = Search(&older).status();
  EXPECT_EQ(status.code(), StatusCode::kMismatch);
  EXPECT_THAT(status.message(), HasSubstr("on node 2"));
}

}  // namespace
}  // namespace crossface
