// What this computer is called by those who may ask its server: requests for any other name are refused,
// since somebody else's name that leads here is how a foreign page would read along (DNS rebinding).
// Thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace crossface {

// For a server that listens on `host`: addresses and names, in lower case, each once, the best for an address
// first. Where other computers reach it: the host's own address, or those of all its network interfaces and
// its name where it listens on all (0.0.0.0, ::), and `more`. Always this computer's own.
std::vector<std::string> HostNames(const std::string& host, const std::vector<std::string>& more);

// As it stands in an address: "[::1]".
std::string InAddress(const std::string& name);
// As browsers say them in Host.
std::set<std::string> WithPort(const std::vector<std::string>& names, int port);

}  // namespace crossface
