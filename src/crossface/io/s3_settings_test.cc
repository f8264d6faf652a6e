#include "crossface/io/s3_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface::io {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class S3SettingsTest : public ::testing::Test {
 protected:
  std::map<std::string, std::string> Files(const std::string& config, const std::string& keys = "") {
    EXPECT_TRUE(WriteFileAtomically(scratch_.path() / "config", config).ok());
    EXPECT_TRUE(WriteFileAtomically(scratch_.path() / "keys", keys).ok());
    std::map<std::string, std::string> variables = {
        {"AWS_CONFIG_FILE", (scratch_.path() / "config").string()},
        {"AWS_SHARED_CREDENTIALS_FILE", (scratch_.path() / "keys").string()}};
    for (const char* name :
         {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
          "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"})
      variables[name] = "";
    return variables;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(S3SettingsTest, NothingIsSet) {
  const testing::Variables variables(Files(""));
  const auto settings = ReadS3Settings();
  ASSERT_TRUE(settings.ok()) << settings.status().message();
  EXPECT_EQ(settings->region, "us-east-1");
  EXPECT_EQ(settings->endpoint, "");
  EXPECT_EQ(settings->profile, "default");
}

TEST_F(S3SettingsTest, AProfileTells) {
  const std::string config =
      "[default]\nregion = eu-west-1\n[profile press]\nregion = eu-central-1\nendpoint_url = "
      "http://127.0.0.1:9000/\n"
      "ca_bundle = /etc/own.pem\n[profile desk]\nservices = minio\nendpoint_url = http://elsewhere:1\n"
      "[services minio]\ns3 =\n  endpoint_url = https://store.desk:9000\n";
  auto variables = Files(config, "[press]\naws_access_key_id = A\naws_secret_access_key = B\n");
  {
    const testing::Variables set(variables);
    EXPECT_EQ(ReadS3Settings()->region, "eu-west-1");
  }
  variables["AWS_PROFILE"] = "press";
  {
    const testing::Variables set(variables);
    const auto settings = ReadS3Settings();
    ASSERT_TRUE(settings.ok()) << settings.status().message();
    EXPECT_EQ(settings->profile, "press");
    EXPECT_EQ(settings->region, "eu-central-1");
    EXPECT_EQ(settings->endpoint, "http://127.0.0.1:9000");
    EXPECT_EQ(settings->certificates, "/etc/own.pem");
  }
  variables["AWS_PROFILE"] = "desk";
  {
    const testing::Variables set(variables);
    EXPECT_EQ(ReadS3Settings()->endpoint, "https://store.desk:9000");
  }
  variables["AWS_ENDPOINT_URL"] = "https://other:2";
  variables["AWS_REGION"] = "here";
  {
    const testing::Variables set(variables);
    EXPECT_EQ(ReadS3Settings()->endpoint, "https://other:2") << "a variable counts before a file";
    EXPECT_EQ(ReadS3Settings()->region, "here");
  }
  variables["AWS_ENDPOINT_URL_S3"] = "https://s3only:3";
  {
    const testing::Variables set(variables);
    EXPECT_EQ(ReadS3Settings()->endpoint, "https://s3only:3");
  }
  variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  {
    const testing::Variables set(variables);
    EXPECT_EQ(ReadS3Settings()->endpoint, "");
  }
}

TEST_F(S3SettingsTest, WhatCannotBeUnderstoodIsTold) {
  auto variables = Files("[default]\n");
  variables["AWS_PROFILE"] = "nobody";
  {
    const testing::Variables set(variables);
    EXPECT_THAT(ReadS3Settings().status().message(), HasSubstr("nobody"));
  }
  variables["AWS_PROFILE"] = "";
  for (const char* endpoint : {"127.0.0.1:9000", "ftp://x", "https://", "https://user:SECRET@host"}) {
    variables["AWS_ENDPOINT_URL"] = endpoint;
    const testing::Variables set(variables);
    const Status status = ReadS3Settings().status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << endpoint;
    EXPECT_THAT(status.message(), HasSubstr("AWS_ENDPOINT_URL"));
    EXPECT_THAT(status.message(), Not(HasSubstr("SECRET")));
  }
}

}  // namespace
}  // namespace crossface::io
