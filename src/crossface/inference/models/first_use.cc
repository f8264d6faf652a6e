#include "crossface/inference/models/first_use.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/util/file.h"
#include "crossface/util/hash.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

std::filesystem::path RecordPlace(const ModelStore& store) { return store.folder() / "first-used.json"; }

// {model: {kind of file: {sha256, origin, time}}}
nlohmann::json Recorded(const ModelStore& store) {
  const auto text = ReadFile(RecordPlace(store));
  nlohmann::json json = text.ok() ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json::object();
  return json.is_object() ? json : nlohmann::json::object();
}

std::string TextAt(const nlohmann::json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

}  // namespace

Status FirstUse::Check(const std::filesystem::path& file, bool accept_changed) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(file));
  // The same model may come in several forms, such as .h5 and .onnx.
  const std::string kind = file.has_extension() ? file.extension().string() : "file";
  const nlohmann::json recorded = Recorded(store_);
  const nlohmann::json of_model =
      recorded.contains(model_) && recorded[model_].is_object() ? recorded[model_] : nlohmann::json::object();
  const nlohmann::json before =
      of_model.contains(kind) && of_model[kind].is_object() ? of_model[kind] : nlohmann::json::object();
  const std::string known = TextAt(before, "sha256");
  if (known == sha256) return Status();
  if (!known.empty() && !accept_changed)
    return Status(
        StatusCode::kMismatch,
        fmt::format("{} has the SHA-256 {}, and the file that was used for {} first ({}, {}) had {}; "
                    "find out from its publisher which one is right, and only then install it with "
                    "--accept-changed",
                    file.filename().string(), sha256, model_, TextAt(before, "time"),
                    TextAt(before, "origin"), known));
  kind_ = kind;
  sha256_ = sha256;
  return Status();
}

Result<std::string> FirstUse::Record(const std::string& origin) {
  if (sha256_.empty()) return std::string();
  nlohmann::json recorded = Recorded(store_);
  recorded[model_][kind_] = {{"sha256", sha256_}, {"origin", origin}, {"time", UtcNow()}};
  CROSSFACE_RETURN_IF_ERROR(
      WriteFileAtomically(RecordPlace(store_), recorded.dump(1) + "\n", Durability::kSync));
  return sha256_;
}

}  // namespace crossface
