// A part of the search for neighbours as a task for another machine: what is asked, what comes back, their
// bytes, and the doing of it there (cluster/graph/largest_products.h). Pure functions, thread-safe.
//
// A task says all that its answer depends on: the vectors, how many are wanted, and the program's version; an
// answer names the SHA-256 of the task that it answers. Doing it twice gives the same. Numbers lie in the
// order of this machine's bytes: programs of one version on processors of one kind work together.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "crossface/cluster/graph/product_search.h"

namespace crossface {

struct ProductAnswer {
  // Why nothing was found: kMismatch where the machine's program is another one, kInterrupted when it was
  // stopped, kOutOfResources, kCorrupt for a task that came damaged.
  Status status;
  std::string task;     // SHA-256 of its bytes
  std::string machine;  // that did it, for people
  int64_t process = 0;  // there
  LargestProducts found;
};

// `threads`: that are computed with there.
std::string ToWire(const ProductPart& part, int threads);
// The digest that is the end of ToWire's bytes: what the answer has to name.
std::string_view DigestOfTask(std::string_view task);
bool IsProductTask(std::string_view bytes);

// Does a task; gives the bytes of its answer.
std::string AnswerProductTask(std::string_view task, const std::string& machine, const std::stop_token& stop);
// Errors: kCorrupt for what is not the bytes that AnswerProductTask gave.
Result<ProductAnswer> ProductAnswerFromWire(std::string_view bytes);

}  // namespace crossface
