#include "crossface/server/readers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "crossface/util/nesting.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr int64_t kPageRows = 100, kMostRows = 500;
constexpr int64_t kMostCursor = 999'999'999'999'999;

std::optional<int64_t> Number(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

// A name that is shown again may be anything.
Status Problem(const std::string& name, const std::string& why) {
  return Status(StatusCode::kInvalidArgument,
                fmt::format("{}: {}", EscapeInvalidUtf8(name.substr(0, 100)), why));
}

bool IsText(const std::string& text) {
  return EscapeInvalidUtf8(text) == text && text.find('\0') == std::string::npos;
}

// Characters, where a limit is in those.
size_t Length(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

}  // namespace

int64_t IdAt(const HttpRequest& request, const std::string& name) {
  return Number(request.at.at(name)).value_or(0);
}

void QueryReader::Refuse(const std::string& name, const std::string& why) {
  if (problem_.ok()) problem_ = Problem(name, why);
}

std::optional<std::string> QueryReader::One(const std::string& name) {
  asked_.insert(name);
  const auto [first, end] = query_.equal_range(name);
  if (first == end) return std::nullopt;
  if (std::next(first) != end) {
    Refuse(name, "is given more than once");
    return std::nullopt;
  }
  return first->second;
}

std::string QueryReader::Text(const std::string& name, size_t most) {
  const auto text = One(name);
  if (!text) return "";
  if (!IsText(*text)) Refuse(name, "is no text");
  if (Length(*text) > most) Refuse(name, fmt::format("is longer than {} characters", most));
  return *text;
}

std::optional<int64_t> QueryReader::Integer(const std::string& name, int64_t least, int64_t most) {
  const auto text = One(name);
  if (!text) return std::nullopt;
  const auto number = Number(*text);
  if (!number || *number < least || *number > most) {
    Refuse(name, fmt::format("is no number from {} to {}", least, most));
    return std::nullopt;
  }
  return number;
}

bool QueryReader::Flag(const std::string& name) {
  const auto text = One(name);
  if (text && *text != "true" && *text != "false") Refuse(name, "is neither true nor false");
  return text == "true";
}

size_t QueryReader::Word(const std::string& name, const std::vector<std::string>& words) {
  const auto text = One(name);
  if (!text) return 0;
  const auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  Refuse(name, fmt::format("is none of {}", fmt::join(words, ", ")));
  return 0;
}

std::vector<std::string> QueryReader::Texts(const std::string& name, size_t most, size_t longest) {
  asked_.insert(name);
  std::vector<std::string> texts;
  const auto [first, end] = query_.equal_range(name);
  for (auto each = first; each != end; ++each) texts.push_back(each->second);
  if (texts.empty() || texts.size() > most) Refuse(name, fmt::format("is needed, at most {} times", most));
  for (const std::string& text : texts) {
    if (!IsText(text) || text.empty() || Length(text) > longest) Refuse(name, "is no text of this length");
  }
  return texts;
}

Page QueryReader::ReadPage() {
  const auto cursor = One("cursor");
  const bool is_cursor = !cursor || (cursor->find_first_not_of("0123456789") == std::string::npos &&
                                     Number(*cursor).value_or(-1) >= 0 && Number(*cursor) <= kMostCursor);
  if (!is_cursor) Refuse("cursor", "is none that was given");
  return {.first = cursor && is_cursor ? static_cast<size_t>(*Number(*cursor)) : 0,
          .most = static_cast<size_t>(Integer("limit", 1, kMostRows).value_or(kPageRows))};
}

Status QueryReader::Finish() {
  for (const auto& [name, value] : query_) {
    if (!asked_.contains(name)) Refuse(name, "there is no such parameter");
  }
  return problem_;
}

Result<nlohmann::json> ReadJson(const HttpRequest& request) {
  if (IsNestedTooDeep(request.body))
    return Status(StatusCode::kInvalidArgument, "the body is nested too deep");
  auto json = nlohmann::json::parse(request.body, nullptr, false);
  if (!json.is_object()) return Status(StatusCode::kInvalidArgument, "the body is no JSON object");
  return json;
}

BodyReader::BodyReader(const nlohmann::json& json) : json_(json) {}

void BodyReader::Refuse(const std::string& name, const std::string& why) {
  if (problem_.ok()) problem_ = Problem(name, why);
}

const nlohmann::json* BodyReader::Find(const std::string& name, bool needed) {
  asked_.insert(name);
  const auto found = json_.find(name);
  if (found != json_.end()) return &*found;
  if (needed) Refuse(name, "is missing");
  return nullptr;
}

std::string BodyReader::Text(const std::string& name, bool needed, size_t least, size_t most) {
  const auto* field = Find(name, needed);
  if (field == nullptr) return "";
  if (!field->is_string()) {
    Refuse(name, "is no text");
    return "";
  }
  const auto& text = field->get_ref<const std::string&>();
  if (!IsText(text) || Length(text) < least || Length(text) > most)
    Refuse(name, fmt::format("is no text of {} to {} characters", least, most));
  return text;
}

int64_t BodyReader::Integer(const std::string& name, bool needed, int64_t least, int64_t most,
                            int64_t otherwise) {
  const auto* field = Find(name, needed);
  if (field == nullptr) return otherwise;
  // 1.0 is an integer of JSON Schema.
  const bool whole =
      field->is_number_integer() ||
      (field->is_number_float() && field->get<double>() >= -static_cast<double>(kMostId) &&
       field->get<double>() <= static_cast<double>(kMostId) &&
       field->get<double>() == static_cast<double>(static_cast<int64_t>(field->get<double>())));
  const bool fits = whole && !(field->is_number_unsigned() && field->get<uint64_t>() > uint64_t{INT64_MAX});
  const int64_t number = fits ? field->get<int64_t>() : 0;
  if (!fits || number < least || number > most) {
    Refuse(name, fmt::format("is no number from {} to {}", least, most));
    return otherwise;
  }
  return number;
}

bool BodyReader::Flag(const std::string& name, bool otherwise) {
  const auto* field = Find(name, false);
  if (field == nullptr) return otherwise;
  if (!field->is_boolean()) {
    Refuse(name, "is neither true nor false");
    return otherwise;
  }
  return field->get<bool>();
}

std::vector<std::string> BodyReader::Texts(const std::string& name, bool needed, size_t most,
                                           size_t longest) {
  const auto* field = Find(name, needed);
  if (field == nullptr) return {};
  const bool fits = field->is_array() && !field->empty() && field->size() <= most &&
                    std::all_of(field->begin(), field->end(), [&](const auto& each) {
                      return each.is_string() && !each.template get_ref<const std::string&>().empty() &&
                             IsText(each.template get_ref<const std::string&>()) &&
                             Length(each.template get_ref<const std::string&>()) <= longest;
                    });
  if (fits) return field->get<std::vector<std::string>>();
  Refuse(name, fmt::format("is no list of 1 to {} texts", most));
  return {};
}

std::vector<int64_t> BodyReader::Integers(const std::string& name, size_t least, size_t most_of_them) {
  const auto* field = Find(name, true);
  if (field == nullptr) return {};
  const bool fits = field->is_array() && field->size() >= least && field->size() <= most_of_them &&
                    std::all_of(field->begin(), field->end(), [](const auto& each) {
                      return each.is_number_integer() && each.template get<int64_t>() >= 1 &&
                             each.template get<int64_t>() <= kMostId;
                    });
  if (fits) return field->get<std::vector<int64_t>>();
  Refuse(name, fmt::format("is no list of {} to {} numbers", least, most_of_them));
  return {};
}

bool BodyReader::IsNull(const std::string& name) {
  const auto* field = Find(name, true);
  return field != nullptr && field->is_null();
}

Status BodyReader::Finish() {
  for (const auto& [name, value] : json_.items()) {
    if (!asked_.contains(name)) Refuse(name, "there is no such field");
  }
  return problem_;
}

}  // namespace crossface
