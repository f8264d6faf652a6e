#include "crossface/server/http_server.h"

#include <gtest/gtest.h>

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
