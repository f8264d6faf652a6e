#include "crossface/server/host_names.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "crossface/util/text.h"

namespace crossface {
namespace {

// Without those of one link alone, which addresses cannot say.
std::vector<std::string> InterfaceAddresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
  std::vector<std::string> addresses;
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_LOOPBACK) != 0) continue;
    char text[INET6_ADDRSTRLEN] = "";
    if (each->ifa_addr->sa_family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
      ::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
      if (IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr)) continue;
      ::inet_ntop(AF_INET6, &address->sin6_addr, text, sizeof text);
    }
    if (*text != '\0') addresses.emplace_back(text);
  }
  return addresses;
}

std::string OwnName() {
  char name[256] = "";
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

}  // namespace

std::vector<std::string> HostNames(const std::string& host, const std::vector<std::string>& more) {
  std::vector<std::string> all = more;
  if (host == "0.0.0.0" || host == "::") {
    for (const std::string& address : InterfaceAddresses()) all.push_back(address);
    all.push_back(OwnName());
  } else {
    all.push_back(host);
  }
  all.insert(all.end(), {"127.0.0.1", "localhost", "::1"});
  std::vector<std::string> names;
  for (std::string& name : all) {
    name = LowerAscii(name);
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string InAddress(const std::string& name) {
  return name.find(':') == std::string::npos ? name : '[' + name + ']';
}

std::set<std::string> WithPort(const std::vector<std::string>& names, int port) {
  std::set<std::string> with_port;
  for (const std::string& name : names) {
    with_port.insert(fmt::format("{}:{}", InAddress(name), port));
    // Browsers leave it out where it is the usual one.
    if (port == 443 || port == 80) with_port.insert(InAddress(name));
  }
  return with_port;
}

}  // namespace crossface
