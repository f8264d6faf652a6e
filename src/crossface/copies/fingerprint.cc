#include "crossface/copies/fingerprint.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace crossface {
namespace {

static_assert(std::endian::native == std::endian::little, "fingerprints are stored as little-endian words");

constexpr int kChangeSide = 12, kBlockSide = 8, kStillSide = 32;

// Which coefficient a bit stands for: the lowest 8x8 row by row, then the others, low frequencies first.
std::array<int, 128> MakeChangeOrder() {
  std::array<int, 128> order{};
  std::vector<int> others;
  size_t bit = 0;
  for (int y = 0; y < kChangeSide; ++y) {
    for (int x = 0; x < kChangeSide; ++x) {
      if (y < kBlockSide && x < kBlockSide) {
        order[bit++] = y * kChangeSide + x;
      } else {
        others.push_back(y * kChangeSide + x);
      }
    }
  }
  std::stable_sort(others.begin(), others.end(), [](int a, int b) {
    return a / kChangeSide + a % kChangeSide < b / kChangeSide + b % kChangeSide;
  });
  std::copy_n(others.begin(), order.size() - bit, order.begin() + static_cast<int64_t>(bit));
  return order;
}

const std::array<int, 128>& ChangeOrder() {
  static const std::array<int, 128> order = MakeChangeOrder();
  return order;
}

template <size_t N>
void SetBit(std::array<uint64_t, N>* words, size_t bit) {
  (*words)[bit / 64] |= uint64_t{1} << (bit % 64);
}

template <size_t N>
int CountDifferent(const std::array<uint64_t, N>& a, const std::array<uint64_t, N>& b) {
  int different = 0;
  for (size_t i = 0; i < N; ++i) different += std::popcount(a[i] ^ b[i]);
  return different;
}

// Mirroring a picture turns the sign of the coefficients of odd horizontal frequency.
ChangeCode MakeChangeMirror() {
  ChangeCode mask;
  for (size_t bit = 0; bit < ChangeOrder().size(); ++bit) {
    if (ChangeOrder()[bit] % kChangeSide % 2 == 1) SetBit(&mask.words, bit);
  }
  return mask;
}

template <typename Number>
void Append(const Number& number, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename Number>
bool Take(std::string_view* bytes, Number* number) {
  if (bytes->size() < sizeof *number) return false;
  std::memcpy(number, bytes->data(), sizeof *number);
  bytes->remove_prefix(sizeof *number);
  return true;
}

}  // namespace

ChangeCode Mirrored(const ChangeCode& code) {
  static const ChangeCode mask = MakeChangeMirror();
  return {{code.words[0] ^ mask.words[0], code.words[1] ^ mask.words[1]}};
}

StillCode Mirrored(const StillCode& code) {
  constexpr uint64_t kOdd = 0xAAAAAAAAAAAAAAAA;  // rows of 32 begin at even bits
  StillCode mirrored = code;
  for (uint64_t& word : mirrored) word ^= kOdd;
  return mirrored;
}

double Difference(const ChangeCode& a, const ChangeCode& b) {
  return CountDifferent(a.words, b.words) / static_cast<double>(kChangeBits);
}

double Difference(const StillCode& a, const StillCode& b) {
  return CountDifferent(a, b) / static_cast<double>(kStillBits);
}

ChangeCode ChangeCodeOf(std::span<const float> coefficients) {
  if (coefficients.size() != size_t{kChangeSide} * kChangeSide)
    throw std::logic_error("a change has 12x12 coefficients");
  ChangeCode code;
  for (size_t bit = 1; bit < ChangeOrder().size(); ++bit) {
    if (coefficients[static_cast<size_t>(ChangeOrder()[bit])] > 0) SetBit(&code.words, bit);
  }
  return code;
}

StillCode StillCodeOf(std::span<const float> coefficients) {
  if (coefficients.size() != size_t{kStillSide} * kStillSide)
    throw std::logic_error("a still has 32x32 coefficients");
  StillCode code{};
  for (size_t bit = 1; bit < coefficients.size(); ++bit) {
    if (coefficients[bit] > 0) SetBit(&code, bit);
  }
  return code;
}

std::string Serialise(const Fingerprint& fingerprint) {
  std::string bytes;
  Append<uint8_t>(fingerprint.still ? 1 : 0, &bytes);
  if (fingerprint.still) Append(*fingerprint.still, &bytes);
  for (const Change& change : fingerprint.changes) {
    Append(change.tick, &bytes);
    Append(change.views, &bytes);
  }
  return bytes;
}

Result<Fingerprint> ParseFingerprint(std::string_view bytes) {
  const Status damaged(StatusCode::kCorrupt, "a fingerprint in the gallery is damaged");
  Fingerprint fingerprint;
  uint8_t has_still = 0;
  if (!Take(&bytes, &has_still) || has_still > 1) return damaged;
  if (has_still == 1 && !Take(&bytes, &fingerprint.still.emplace())) return damaged;
  fingerprint.changes.reserve(bytes.size() / (sizeof(Change::tick) + sizeof(Change::views)));
  while (!bytes.empty()) {
    Change change;
    if (!Take(&bytes, &change.tick) || !Take(&bytes, &change.views)) return damaged;
    if (!fingerprint.changes.empty() && change.tick <= fingerprint.changes.back().tick) return damaged;
    fingerprint.changes.push_back(change);
  }
  return fingerprint;
}

}  // namespace crossface
