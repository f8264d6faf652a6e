#include "duplicates/many_hours.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include "crossface/copies/copy_finder.h"

namespace crossface::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t kTicksPerHour = 14'400;
// Bits of real codes that are turned, so that no code stands twice and the bits hang together as real ones
// do.
constexpr double kTurned = 0.3;
constexpr double kNoiseOfCopies = 0.12;

class Generator {
 public:
  explicit Generator(std::vector<Change> real) : real_(std::move(real)) {}

  Fingerprint Hour(double moving) {
    Fingerprint hour;
    std::bernoulli_distribution moves(moving);
    for (uint32_t tick = kLagTicks; tick < kTicksPerHour; ++tick) {
      if (!moves(random_)) continue;
      Change change = real_[random_() % real_.size()];
      change.tick = tick;
      const ChangeCode turned = Turned(kTurned);
      for (ChangeCode& view : change.views) Apply(turned, &view);
      hour.changes.push_back(change);
    }
    return hour;
  }
  // A minute out of it, `shift` ticks later in `into`.
  void Embed(const Fingerprint& from, uint32_t begin, int64_t shift, Fingerprint* into) {
    const uint32_t end = begin + 240;
    std::erase_if(into->changes, [&](const Change& change) {
      return change.tick >= begin + shift && change.tick < end + shift;
    });
    for (Change change : from.changes) {
      if (change.tick < begin || change.tick >= end) continue;
      change.tick = static_cast<uint32_t>(change.tick + shift);
      for (ChangeCode& view : change.views) Apply(Turned(kNoiseOfCopies), &view);
      into->changes.push_back(change);
    }
    std::sort(into->changes.begin(), into->changes.end(),
              [](const Change& a, const Change& b) { return a.tick < b.tick; });
  }

 private:
  ChangeCode Turned(double share) {
    // Eight random bits each: fast, and near enough to the share.
    const auto limit = static_cast<uint64_t>(share * 256);
    ChangeCode code;
    for (size_t word = 0; word < 2; ++word) {
      for (int byte = 0; byte < 8; ++byte) {
        const uint64_t draw = random_();
        for (int bit = 0; bit < 8; ++bit)
          code.words[word] |= uint64_t{(draw >> (8 * bit) & 0xFF) < limit} << (8 * byte + bit);
      }
    }
    code.words[0] &= ~uint64_t{1};
    return code;
  }
  static void Apply(const ChangeCode& turned, ChangeCode* code) {
    for (size_t word = 0; word < 2; ++word) code->words[word] ^= turned.words[word];
  }

  const std::vector<Change> real_;
  std::mt19937_64 random_{20240305};
};

}  // namespace

void EvaluateHours(const std::vector<Change>& real, int hours, double moving) {
  Generator generator(real);
  std::vector<Fingerprint> sources;
  size_t bytes = 0;
  for (int i = 0; i < hours; ++i) sources.push_back(generator.Hour(moving));
  // One in ten holds a minute of the one before.
  int embedded = 0;
  for (size_t i = 1; i < sources.size(); i += 10, ++embedded)
    generator.Embed(sources[i - 1], 1000, static_cast<int64_t>(i), &sources[i]);
  for (const Fingerprint& source : sources) bytes += Serialise(source).size();
  std::vector<const Fingerprint*> pointers;
  for (const Fingerprint& source : sources) pointers.push_back(&source);
  const auto start = Clock::now();
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const auto pairs = FindCopies(pointers);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  ::getrusage(RUSAGE_SELF, &after);
  int right = 0, wrong = 0;
  if (pairs.ok()) {
    for (const CopyPair& pair : *pairs) {
      const bool is_right = pair.b == pair.a + 1 && pair.a % 10 == 0 &&
                            pair.b_start_us - pair.a_start_us == static_cast<int64_t>(pair.b) * kTickUs;
      ++(is_right ? right : wrong);
    }
  }
  const double cpu = static_cast<double>(after.ru_utime.tv_sec - before.ru_utime.tv_sec);
  std::printf(
      "%d hours, %.0f %% of the moments move: %.1f s (%.0f s of processor time), peak %ld MiB, "
      "fingerprints %zu MiB; %d of %d embedded minutes found, %d wrong\n",
      hours, 100 * moving, seconds, cpu, after.ru_maxrss / 1024, bytes >> 20, right, embedded, wrong);
}

}  // namespace crossface::bench
