// Asks the API everything that its description allows, and much that it does not, by a program that knows
// nothing else of it.
#include <fstream>

#include "crossface/server/served_case_for_test.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

class Schemathesis : public ServedCase {};

TEST_F(Schemathesis, FindsNoAnswerThatTheDescriptionDoesNotHave) {
  Serve();
  const int64_t film = GetJson(At("/sources"))["sources"][0]["id"];
  const auto tracks = GetJson(At("/sources/" + std::to_string(film) + "/tracks"))["tracks"];
  const int64_t person = GetJson(At("/people"))["people"][0]["person"]["id"];
  // Ids that are there. Left out: what follows events never ends, jobs would write where they are told to,
  // search and enrol take seconds, photos it cannot make, and fifty long paths are longer than an address may
  // be.
  const auto config = scratch_.path() / "schemathesis.toml", report = scratch_.path() / "report.txt";
  std::ofstream(config) << "[parameters]\n\"path.case\" = \"" << id_ << "\"\n\"path.person\" = " << person
                        << "\n\"path.source\" = " << film
                        << "\n\"path.face\" = " << tracks[0]["faces"][0]["id"] << "\n\"path.job\" = 1\n";
  const auto program =
      testing::ReaderPython().parent_path().parent_path().parent_path() / "api-checker/bin/schemathesis";
  const std::string command =
      "cd '" + scratch_.path().string() + "' && '" + program.string() + "' --config-file '" +
      config.string() + "' run http://127.0.0.1:" + std::to_string(port()) +
      "/api/v1/openapi.json -H 'Authorization: Bearer " + server_->token() +
      "' --phases examples,coverage,fuzzing --max-examples 12 --seed 1 --no-shrink --continue-on-failure "
      "--checks "
      "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
      "response_schema_conformance,negative_data_rejection,allow_header_conformance "
      "--exclude-operation-id followEvents --exclude-operation-id startJob --exclude-operation-id search "
      "--exclude-operation-id enrol --exclude-operation-id showPhoto "
      "--exclude-operation-id countFootage "
      "--request-timeout 60 > '" +
      report.string() + "' 2>&1";
  EXPECT_EQ(testing::RunCommand(command), 0) << *ReadFile(report);
  EXPECT_EQ(Get("/api/v1/cases")->status, 200);
}

}  // namespace
}  // namespace crossface
