#include "crossface/io/s3_settings.h"

#include <aws/common/string.h>
#include <aws/sdkutils/aws_profile.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <memory>

#include "crossface/io/s3_library.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

std::string Variable(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

struct Release {
  void operator()(aws_profile_collection* profiles) const { aws_profile_collection_release(profiles); }
  void operator()(aws_string* text) const { aws_string_destroy(text); }
};
using Profiles = std::unique_ptr<aws_profile_collection, Release>;
using Text = std::unique_ptr<aws_string, Release>;

Text TextOf(const std::string& value) {
  return Text(aws_string_new_from_c_str(S3Allocator(), value.c_str()));
}

// Null where there is no such file.
Result<Profiles> Read(aws_string* path, aws_profile_source_type type) {
  const Text owned(path);
  std::error_code error;
  if (path == nullptr || !std::filesystem::exists(aws_string_c_str(path), error)) return Profiles();
  Profiles read(aws_profile_collection_new_from_file(S3Allocator(), path, type));
  if (read != nullptr) return read;
  return Status(StatusCode::kInvalidArgument,
                DisplayPath(aws_string_c_str(path)) +
                    ": cannot be read as a file of AWS profiles; look whether it "
                    "may be read, and at its sections");
}

std::string Value(const aws_profile* section, const char* name) {
  if (section == nullptr) return "";
  const aws_profile_property* property = aws_profile_get_property(section, TextOf(name).get());
  return property == nullptr ? "" : aws_string_c_str(aws_profile_property_get_value(property));
}

// `services = NAME` of a profile, and `s3 =` with an `endpoint_url` below it in the section of that name.
std::string EndpointOfServices(const aws_profile_collection* profiles, const aws_profile* profile) {
  const std::string name = Value(profile, "services");
  if (name.empty()) return "";
  const aws_profile* section =
      aws_profile_collection_get_section(profiles, AWS_PROFILE_SECTION_TYPE_SERVICES, TextOf(name).get());
  const aws_profile_property* s3 =
      section == nullptr ? nullptr : aws_profile_get_property(section, TextOf("s3").get());
  const aws_string* url =
      s3 == nullptr ? nullptr : aws_profile_property_get_sub_property(s3, TextOf("endpoint_url").get());
  return url == nullptr ? "" : aws_string_c_str(url);
}

Status CheckEndpoint(const std::string& endpoint) {
  if (endpoint.empty()) return Status();
  const size_t scheme = endpoint.starts_with("https://") ? 8 : endpoint.starts_with("http://") ? 7 : 0;
  // A user's name in it would be a secret in every message.
  if (scheme > 0 && scheme < endpoint.size() && endpoint.find_first_of("@?# ") == std::string::npos)
    return Status();
  return Status(
      StatusCode::kInvalidArgument,
      "AWS_ENDPOINT_URL, or the endpoint_url of the AWS profile: is no address of a server; write it as "
      "https://HOST:PORT");
}

}  // namespace

Result<S3Settings> ReadS3Settings() {
  const std::string asked = Variable({"AWS_PROFILE", "AWS_DEFAULT_PROFILE"});
  S3Settings settings;
  if (!asked.empty()) settings.profile = asked;
  CROSSFACE_ASSIGN_OR_RETURN(const Profiles config,
                             Read(aws_get_config_file_path(S3Allocator(), nullptr), AWS_PST_CONFIG));
  CROSSFACE_ASSIGN_OR_RETURN(
      const Profiles keys, Read(aws_get_credentials_file_path(S3Allocator(), nullptr), AWS_PST_CREDENTIALS));
  const Profiles profiles(aws_profile_collection_new_from_merge(S3Allocator(), config.get(), keys.get()));
  const Text name = TextOf(settings.profile);
  const aws_profile* profile =
      profiles == nullptr ? nullptr : aws_profile_collection_get_profile(profiles.get(), name.get());
  if (profile == nullptr && !asked.empty()) {
    return Status(
        StatusCode::kInvalidArgument,
        fmt::format("AWS_PROFILE: there is no profile {} in the AWS config and credentials files", asked));
  }
  settings.region = Variable({"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (settings.region.empty()) settings.region = Value(profile, "region");
  if (settings.region.empty()) settings.region = "us-east-1";
  settings.certificates = Variable({"AWS_CA_BUNDLE"});
  if (settings.certificates.empty()) settings.certificates = Value(profile, "ca_bundle");
  if (Variable({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}) != "true") {
    settings.endpoint = Variable({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
    if (settings.endpoint.empty() && profiles != nullptr)
      settings.endpoint = EndpointOfServices(profiles.get(), profile);
    if (settings.endpoint.empty()) settings.endpoint = Value(profile, "endpoint_url");
  }
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  CROSSFACE_RETURN_IF_ERROR(CheckEndpoint(settings.endpoint));
  return settings;
}

}  // namespace crossface::io
