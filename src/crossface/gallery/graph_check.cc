#include "crossface/gallery/graph_check.h"

#include <cstdint>
#include <cstring>
#include <unordered_set>
#include <vector>

namespace crossface {
namespace {

// hnswlib keeps this many bytes of a list in front of the nodes that it names: 16 bits of them are the count.
constexpr size_t kListHead = 4;
constexpr int kHighestLevel = 64;
// Room for more nodes than there are is allocated at once.
constexpr uint64_t kMostRoom = 8, kAlwaysRoom = 4096;

class GraphCheck {
 public:
  GraphCheck(std::span<const std::byte> file, size_t dimensions, size_t links)
      : file_(file),
        links_(links),
        lowest_bytes_(2 * links * sizeof(uint32_t) + kListHead),
        higher_bytes_(links * sizeof(uint32_t) + kListHead),
        data_bytes_(dimensions * sizeof(float)),
        node_bytes_(lowest_bytes_ + data_bytes_ + sizeof(uint64_t)) {}

  bool Run() { return ReadHeader() && ReadLevels() && CheckLowest() && CheckHigher() && CheckEntry(); }

 private:
  template <typename T>
  bool Read(T* value) {
    if (sizeof(T) > file_.size() - at_) return false;
    std::memcpy(value, file_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return true;
  }
  template <typename T>
  T At(size_t place) const {
    T value;
    std::memcpy(&value, file_.data() + place, sizeof(T));
    return value;
  }

  bool ReadHeader() {
    uint64_t level0 = 0, room = 0, node_bytes = 0, label = 0, data = 0, most = 0, most0 = 0, m = 0,
             breadth = 0;
    double mult = 0;
    const bool read = Read(&level0) && Read(&room) && Read(&nodes_) && Read(&node_bytes) && Read(&label) &&
                      Read(&data) && Read(&top_) && Read(&entry_) && Read(&most) && Read(&most0) &&
                      Read(&m) && Read(&mult) && Read(&breadth);
    return read && level0 == 0 && node_bytes == node_bytes_ && data == lowest_bytes_ &&
           label == lowest_bytes_ + data_bytes_ && most == links_ && most0 == 2 * links_ && m == links_ &&
           nodes_ <= (file_.size() - at_) / node_bytes_ && room >= nodes_ &&
           room <= kMostRoom * nodes_ + kAlwaysRoom && mult > 0 && mult < 10 && breadth < (1 << 20);
  }

  // Where each node's lists of the higher levels stand, and how many there are.
  bool ReadLevels() {
    nodes_at_ = at_;
    at_ += nodes_ * node_bytes_;
    for (uint64_t i = 0; i < nodes_; ++i) {
      uint32_t bytes = 0;
      if (!Read(&bytes) || bytes > file_.size() - at_ || bytes % higher_bytes_ != 0) return false;
      lists_at_.push_back(at_);
      levels_.push_back(static_cast<int>(bytes / higher_bytes_));
      if (levels_.back() > kHighestLevel) return false;
      at_ += bytes;
    }
    return at_ == file_.size();
  }

  // A list of nodes that are all on this level.
  bool IsList(size_t place, size_t most, int level) const {
    const size_t count = At<uint16_t>(place);
    if (count > most) return false;
    for (size_t i = 0; i < count; ++i) {
      const auto node = At<uint32_t>(place + kListHead + i * sizeof(uint32_t));
      if (node >= nodes_ || levels_[node] < level) return false;
    }
    return true;
  }

  bool CheckLowest() const {
    std::unordered_set<uint64_t> labels;
    for (uint64_t i = 0; i < nodes_; ++i) {
      const size_t place = nodes_at_ + i * node_bytes_;
      if (!IsList(place, 2 * links_, 0)) return false;
      if (!labels.insert(At<uint64_t>(place + lowest_bytes_ + data_bytes_)).second) return false;
    }
    return true;
  }

  bool CheckHigher() const {
    for (uint64_t i = 0; i < nodes_; ++i) {
      for (int level = 1; level <= levels_[i]; ++level) {
        if (!IsList(lists_at_[i] + static_cast<size_t>(level - 1) * higher_bytes_, links_, level))
          return false;
      }
    }
    return true;
  }

  bool CheckEntry() const { return nodes_ == 0 ? top_ < 0 : entry_ < nodes_ && levels_[entry_] == top_; }

  const std::span<const std::byte> file_;
  const size_t links_, lowest_bytes_, higher_bytes_, data_bytes_, node_bytes_;
  size_t at_ = 0, nodes_at_ = 0;
  uint64_t nodes_ = 0;
  int32_t top_ = 0;
  uint32_t entry_ = 0;
  std::vector<size_t> lists_at_;
  std::vector<int> levels_;
};

}  // namespace

bool IsSoundGraph(std::span<const std::byte> file, size_t dimensions, size_t links) {
  return GraphCheck(file, dimensions, links).Run();
}

}  // namespace crossface
