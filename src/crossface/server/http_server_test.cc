#include "crossface/server/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <thread>

namespace crossface {
namespace {

HttpServer MakeServer() {
  return HttpServer([](HttpRequest&) { return HttpServer::Admission{}; },
                    [](const HttpRequest&) { return HttpAnswer{}; });
}

// Whoever started it may end it as soon as it listens: the end was lost, and it ran for ever.
TEST(HttpServerTest, StoppedBeforeItRunsItEndsAtOnce) {
  HttpServer server = MakeServer();
  ASSERT_TRUE(server.Bind("127.0.0.1", 0).ok());
  server.Stop();
  server.Run();
}

// A connection over which one request comes after the other.
class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval wait{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Up to the end of the answer's headers; its body is empty.
  std::string Ask(const std::string& request) const {
    EXPECT_EQ(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    for (char c = 0; !answer.ends_with("\r\n\r\n") && ::recv(socket_, &c, 1, 0) == 1;) answer += c;
    return answer;
  }

 private:
  const int socket_;
};

// The connection's next request was taken for the body that had not come: it was never answered.
TEST(HttpServerTest, ARequestThatSaysNothingOfABodyHasNone) {
  HttpServer server([](HttpRequest&) { return HttpServer::Admission{}; },
                    [](const HttpRequest& request) {
                      return HttpAnswer{.headers = {{"X-Asked", request.method + " " + request.path}}};
                    });
  const auto port = server.Bind("127.0.0.1", 0);
  ASSERT_TRUE(port.ok()) << port.status().message();
  const auto ends = std::async(std::launch::async, [&] { server.Run(); });
  for (const std::string method : {"DELETE", "POST", "GET"}) {
    const Connection connection(*port);
    for (const std::string& asked : {method + " /one", std::string("GET /two"), method + " /three"})
      EXPECT_THAT(connection.Ask(asked + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
                  testing::HasSubstr("X-Asked: " + asked));
  }
  server.Stop();
  ends.wait();
}

TEST(HttpServerTest, StoppedAtAnyMomentItEnds) {
  for (int i = 0; i < 50; ++i) {
    HttpServer server = MakeServer();
    const auto port = server.Bind("127.0.0.1", 0);
    ASSERT_TRUE(port.ok()) << port.status().message();
    const auto ends = std::async(std::launch::async, [&] { server.Run(); });
    if (i % 2 == 1) std::this_thread::sleep_for(std::chrono::microseconds(20 * i));
    server.Stop();
    server.Stop();
    ends.wait();
    HttpServer next = MakeServer();
    EXPECT_TRUE(next.Bind("127.0.0.1", *port).ok()) << "the port is still taken";
  }
}

}  // namespace
}  // namespace crossface
