// Plain values as JSON values and back, member by member, for scan/scan_wire.cc. Whoever wants a type sent
// writes a function Walk(A& a, T& value) in this namespace that calls `a` with its members; A is Out or In,
// so that what the one writes is what the other reads. Not thread-safe.
#pragma once

#include <concepts>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "crossface/scan/scan_task.h"

namespace crossface::wire {

using Json = nlohmann::json;

class Out {
 public:
  static constexpr bool kReads = false;

  template <typename... Members>
  void operator()(Members&... members) {
    (Put(members), ...);
  }
  Json Take() { return std::move(values_); }

 private:
  template <typename T>
  void Put(T& member) {
    values_.push_back(Of(member));
  }

  template <typename T>
  requires std::is_arithmetic_v<T> Json Of(T member) { return member; }
  template <typename T>
  requires std::is_enum_v<T> Json Of(T member) { return static_cast<int64_t>(member); }
  Json Of(std::string& member) { return member; }
  Json Of(std::filesystem::path& member) { return member.string(); }
  Json Of(std::vector<float>& member) {
    Json::binary_t bytes;
    bytes.resize(member.size() * sizeof(float));
    if (!member.empty()) std::memcpy(bytes.data(), member.data(), bytes.size());
    return bytes;
  }
  template <typename T>
  Json Of(std::optional<T>& member) {
    Json list = Json::array();
    if (member) list.push_back(Of(*member));
    return list;
  }
  template <typename A, typename B>
  Json Of(std::pair<A, B>& member) {
    return Json::array({Of(member.first), Of(member.second)});
  }
  template <typename T>
  Json Of(std::vector<T>& member) {
    Json list = Json::array();
    for (T& element : member) list.push_back(Of(element));
    return list;
  }
  template <typename T>
  Json Of(std::map<std::string, T>& member) {
    Json fields = Json::object();
    for (auto& [key, value] : member) fields[key] = Of(value);
    return fields;
  }
  template <typename T>
  requires std::is_class_v<T> Json Of(T& member) {
    Out inner;
    Walk(inner, member);
    return inner.Take();
  }

  Json values_ = Json::array();
};

// What does not fit makes it fail, and leaves members as they were.
class In {
 public:
  static constexpr bool kReads = true;

  explicit In(const Json& values) : values_(values), ok_(values.is_array()) {}

  template <typename... Members>
  void operator()(Members&... members) {
    (Get(members), ...);
  }
  // All was read, and nothing is left.
  bool Complete() const { return ok_ && next_ == values_.size(); }
  void Fail() { ok_ = false; }

 private:
  template <typename T>
  void Get(T& member) {
    if (!ok_ || next_ >= values_.size()) return Fail();
    Set(values_[next_++], member);
  }

  template <std::integral T>
  void Set(const Json& value, T& member) {
    if constexpr (std::is_same_v<T, bool>) {
      if (!value.is_boolean()) return Fail();
      member = value.get<bool>();
    } else {
      if (!value.is_number_integer()) return Fail();
      if (value.is_number_unsigned() ? !std::in_range<T>(value.get<uint64_t>())
                                     : !std::in_range<T>(value.get<int64_t>()))
        return Fail();
      member = value.get<T>();
    }
  }
  template <std::floating_point T>
  void Set(const Json& value, T& member) {
    if (!value.is_number()) return Fail();
    member = value.get<T>();
  }
  template <typename T>
  requires std::is_enum_v<T>
  void Set(const Json& value, T& member) {
    int64_t number = -1;
    Set(value, number);
    if (!ok_ || number < 0 || number > static_cast<int64_t>(Last(member))) return Fail();
    member = static_cast<T>(number);
  }
  void Set(const Json& value, std::string& member) {
    if (!value.is_string()) return Fail();
    member = value.get_ref<const std::string&>();
  }
  void Set(const Json& value, std::filesystem::path& member) {
    std::string text;
    Set(value, text);
    member = text;
  }
  void Set(const Json& value, std::vector<float>& member) {
    if (!value.is_binary() || value.get_binary().size() % sizeof(float) != 0) return Fail();
    const auto& bytes = value.get_binary();
    member.resize(bytes.size() / sizeof(float));
    if (!bytes.empty()) std::memcpy(member.data(), bytes.data(), bytes.size());
  }
  template <typename T>
  void Set(const Json& value, std::optional<T>& member) {
    if (!value.is_array() || value.size() > 1) return Fail();
    member.reset();
    if (value.size() == 1) Set(value[0], member.emplace());
  }
  template <typename T>
  void Set(const Json& value, std::map<std::string, T>& member) {
    if (!value.is_object()) return Fail();
    member.clear();
    for (const auto& [key, field] : value.items()) Set(field, member[key]);
  }
  template <typename A, typename B>
  void Set(const Json& value, std::pair<A, B>& member) {
    if (!value.is_array() || value.size() != 2) return Fail();
    Set(value[0], member.first);
    Set(value[1], member.second);
  }
  template <typename T>
  void Set(const Json& value, std::vector<T>& member) {
    if (!value.is_array()) return Fail();
    member.clear();
    for (const Json& element : value) {
      Set(element, member.emplace_back());
      if (!ok_) return;
    }
  }
  template <typename T>
  requires std::is_class_v<T>
  void Set(const Json& value, T& member) {
    In inner(value);
    Walk(inner, member);
    if (!inner.Complete()) Fail();
  }

  static SourceState Last(SourceState) { return SourceState::kFailed; }
  static GeometryFrom Last(GeometryFrom) { return GeometryFrom::kFound; }
  static UnassignedReason Last(UnassignedReason) { return UnassignedReason::kInDoubt; }
  static ScanEntry::Kind Last(ScanEntry::Kind) { return ScanEntry::Kind::kFingerprint; }
  static StatusCode Last(StatusCode) { return StatusCode::kInternal; }
  static FilmDecoder Last(FilmDecoder) { return FilmDecoder::kCard; }
  static Remedy Last(Remedy) { return Remedy::kLast; }

  const Json& values_;
  size_t next_ = 0;
  bool ok_;
};

}  // namespace crossface::wire
