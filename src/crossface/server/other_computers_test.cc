// What users of other computers may, and how: TLS, passwords, roles.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "crossface/server/certificate.h"
#include "crossface/server/host_names.h"
#include "crossface/server/served_case_for_test.h"
#include "crossface/server/users.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr char kPassword[] = "four words of mine";

class OtherComputers : public ServedCase {
 protected:
  void SetUp() override {
    ServedCase::SetUp();
    ASSERT_TRUE(users_.Set("Ada", Role::kReviewer, kPassword).ok());
    ASSERT_TRUE(users_.Set("Vera", Role::kViewer, kPassword).ok());
    Serve({.header_seconds = 2}, {.host = "0.0.0.0", .tls_folder = tls(), .users = users_.file()});
  }
  fs::path tls() const { return scratch_.path() / "tls"; }

  // Trusts the server's certificate and no other.
  std::unique_ptr<httplib::SSLClient> Secure(const std::string& host = "127.0.0.1") const {
    auto client = std::make_unique<httplib::SSLClient>(host, port());
    client->set_ca_cert_path((tls() / "certificate.pem").string());
    client->enable_server_certificate_verification(true);
    client->set_read_timeout(60);
    return client;
  }
  httplib::Result LogIn(const std::string& name, const std::string& password) const {
    return Secure()->Post("/api/v1/session", Json({{"name", name}, {"password", password}}).dump(),
                          "application/json");
  }
  // Headers of a browser that has logged in.
  httplib::Headers As(const std::string& name) const {
    const auto answer = LogIn(name, kPassword);
    EXPECT_TRUE(answer && answer->status == 200) << name;
    const std::string cookie = answer ? answer->get_header_value("Set-Cookie") : "";
    EXPECT_THAT(cookie,
                AllOf(HasSubstr("; Secure"), HasSubstr("; HttpOnly"), HasSubstr("; SameSite=Strict")));
    return {{"Cookie", cookie.substr(0, cookie.find(';'))},
            {"Origin", "https://127.0.0.1:" + std::to_string(port())}};
  }
  int Rename(const httplib::Headers& who, const std::string& name) const {
    const auto version = Secure()->Get(At(""), who);
    const Json body = {
        {"verb", "rename"},
        {"person", 1},
        {"name", name},
        {"based_on", version ? Json::parse(version->body, nullptr, false).value("version", "") : ""}};
    return Secure()->Post(At("/corrections"), who, body.dump(), "application/json")->status;
  }

  Users users_{scratch_.path() / "users.json"};
};

TEST_F(OtherComputers, AReviewerCorrectsUnderTheirNameAndAViewerLooks) {
  EXPECT_THAT(server_->address(), StartsWith("https://"));
  const httplib::Headers ada = As("Ada"), vera = As("Vera");
  EXPECT_EQ(Json::parse(Secure()->Get("/api/v1/session", vera)->body),
            Json({{"name", "Vera"}, {"role", "viewer"}}));
  EXPECT_EQ(Secure()->Get(At("/people"), vera)->status, 200);
  EXPECT_EQ(Rename(vera, "Vera's"), 403);
  EXPECT_EQ(Rename(ada, "Anna"), 200);
  const Json history = Json::parse(Secure()->Get(At("/corrections"), vera)->body);
  EXPECT_EQ(history["corrections"][0].value("by", ""), "Ada") << history.dump(1);
  EXPECT_THAT(*ReadFile(folder() / "run.jsonl"), HasSubstr("\"by\":\"Ada\""));
  // A viewer starts no work and chooses no folders.
  EXPECT_EQ(Secure()->Post(At("/jobs"), vera, "{}", "application/json")->status, 403);
  EXPECT_EQ(Secure()->Get("/api/v1/folders", vera)->status, 403);
}

TEST_F(OtherComputers, WhoIsTakenOutIsOutAtOnceAndWhoIsDemotedToo) {
  const httplib::Headers ada = As("Ada");
  ASSERT_TRUE(users_.Set("Ada", Role::kViewer, kPassword).ok());
  EXPECT_EQ(Rename(ada, "Anna"), 403);
  ASSERT_TRUE(users_.Remove("Ada").ok());
  EXPECT_EQ(Secure()->Get(At("/people"), ada)->status, 401);
  EXPECT_EQ(LogIn("Ada", kPassword)->status, 401);
}

TEST_F(OtherComputers, PasswordsCannotBeGuessedOneAfterTheOther) {
  const std::string missing = LogIn("nobody", kPassword)->body;
  EXPECT_EQ(LogIn("Ada", "a wrong password")->body, missing) << "who is there is not told";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(LogIn("Vera", "a wrong password")->status, 401);
  const auto blocked = LogIn("Ada", kPassword);
  EXPECT_EQ(blocked->status, 429) << "the right one has to wait too";
  EXPECT_EQ(blocked->get_header_value("Retry-After"), "60");
  // The token's owner is not locked out by others' guesses.
  EXPECT_EQ(Secure()->Get("/api/v1/cases", Token())->status, 200);
}

TEST_F(OtherComputers, NothingIsSaidWithoutTls) {
  EXPECT_THAT(RawExchange(port(), "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
              Not(HasSubstr("HTTP/1.1 200")));
  httplib::Headers ada = As("Ada");
  ada.erase("Origin");
  ada.emplace("Origin", "http://127.0.0.1:" + std::to_string(port()));
  EXPECT_EQ(Rename(ada, "Anna"), 403) << "asked for by a page that anybody on the way could change";
  for (const char* name : {"evil.example", "127.0.0.1.evil.example"})
    EXPECT_EQ(Secure()->Get("/", httplib::Headers{{"Host", fmt::format("{}:{}", name, port())}})->status,
              403);
}

// A thread for whoever begins TLS and says nothing more would be all threads soon.
TEST_F(OtherComputers, WhoBeginsTlsAndWaitsIsGone) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(RawExchange(port(), std::string("\x16\x03\x01", 3), 20), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(18));
  EXPECT_EQ(Secure()->Get("/api/v1/cases", Token())->status, 200);
}

TEST_F(OtherComputers, FilmsAndEventsComeThroughTlsToo) {
  const Json sources = Json::parse(Secure()->Get(At("/sources"), Token())->body);
  int64_t id = 0;
  for (const Json& source : sources["sources"]) {
    if (source["name"] == "film.mp4") id = source["id"];
  }
  const std::string path = At("/sources/" + std::to_string(id) + "/media");
  const auto whole = Secure()->Get(path, Token());
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->status, 200);
  EXPECT_EQ(whole->body, *ReadFile(footage() / "film.mp4"));
  httplib::Headers part = Token();
  part.emplace("Range", "bytes=100-199");
  EXPECT_EQ(Secure()->Get(path, part)->body, whole->body.substr(100, 100));
  std::string told;
  Secure()->Get("/api/v1/events", Token(), [&](const char* bytes, size_t size) {
    told.append(bytes, size);
    return told.find("hello") == std::string::npos;
  });
  EXPECT_THAT(told, HasSubstr("event: hello"));
}

TEST_F(OtherComputers, WithoutUsersOrWithAWrongCertificateNobodyListens) {
  const auto open = [&](WebServerOptions options) {
    options.cases = {folder()};
    options.roots = {footage()};
    options.tls_folder = tls();
    const auto server = WebServer::Open(options);
    return server.ok() ? Status() : server.status();
  };
  const Status nobody = open({.host = "0.0.0.0", .users = scratch_.path() / "none.json"});
  EXPECT_EQ(nobody.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(nobody.message(), HasSubstr("no users"));
  EXPECT_EQ(open({.certificate = tls() / "certificate.pem"}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(open({.certificate = tls() / "certificate.pem", .key = scratch_.path() / "none.pem"}).code(),
            StatusCode::kNotFound);
  EXPECT_EQ(open({.certificate = tls() / "key.pem", .key = tls() / "key.pem"}).code(),
            StatusCode::kInvalidArgument);
  EXPECT_TRUE(open({.certificate = tls() / "certificate.pem", .key = tls() / "key.pem"}).ok());
}

TEST(OwnCertificates, AreKeptForTheSameNamesAndSecret) {
  testing::ScratchFolder scratch;
  const auto first = OwnCertificate(scratch.path(), {"192.0.2.7", "press.example", "::1"});
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_EQ(first->sha256.size(), 95u);
  EXPECT_EQ(OwnCertificate(scratch.path(), {"press.example"})->sha256, first->sha256);
  const auto other = OwnCertificate(scratch.path(), {"other.example"});
  EXPECT_NE(other->sha256, first->sha256);
  EXPECT_EQ(fs::status(scratch.path() / "key.pem").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  // The key of another certificate.
  testing::ScratchFolder elsewhere;
  ASSERT_TRUE(OwnCertificate(elsewhere.path(), {"a"}).ok());
  EXPECT_EQ(ReadCertificate(scratch.path() / "certificate.pem", elsewhere.path() / "key.pem").status().code(),
            StatusCode::kInvalidArgument);
}

TEST(HostNamesTest, AreThoseOfTheInterfacesWhereAllAreListenedOn) {
  EXPECT_EQ(HostNames("127.0.0.1", {}), (std::vector<std::string>{"127.0.0.1", "localhost", "::1"}));
  EXPECT_EQ(HostNames("192.0.2.7", {"Press.Example"}).front(), "press.example");
  EXPECT_THAT(HostNames("192.0.2.7", {}), Contains("192.0.2.7"));
  EXPECT_GE(HostNames("0.0.0.0", {}).size(), 4u) << "at least its name";
  EXPECT_THAT(WithPort({"::1", "a"}, 443), ::testing::ElementsAre("[::1]", "[::1]:443", "a", "a:443"));
}

}  // namespace
}  // namespace crossface
