// Messages between crossface and the two small programs that speak to Ray (ray/glue), over pipes: a kind, a
// number, and bytes. Compiled on both sides, which have different strings: nothing but system calls and what
// is inline.
//
// To crossface-ray-driver, and to crossface worker: 'T' a task. From them: 'R' its answer. From the driver
// alone: 'C' it has joined the cluster, 'E' the program that does it failed, 'L' a machine was lost, 'F' it
// cannot go on; the last three with what to tell people.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace crossface {

struct PipeMessage {
  char kind = 0;
  uint64_t id = 0;
  std::string bytes;
};

inline constexpr size_t kPipeHeader = 17;
inline constexpr uint64_t kMostPipeBytes = uint64_t{1} << 33;

inline bool ReadPipe(int file, char* into, size_t bytes) {
  while (bytes > 0) {
    const ssize_t count = ::read(file, into, bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    into += count;
    bytes -= static_cast<size_t>(count);
  }
  return true;
}

inline bool WritePipe(int file, const char* from, size_t bytes) {
  while (bytes > 0) {
    const ssize_t count = ::write(file, from, bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    from += count;
    bytes -= static_cast<size_t>(count);
  }
  return true;
}

// False at the end of the pipe, and for what is no message.
inline bool ReadMessage(int file, PipeMessage* message) {
  char header[kPipeHeader];
  uint64_t length = 0;
  if (!ReadPipe(file, header, kPipeHeader)) return false;
  message->kind = header[0];
  std::memcpy(&message->id, header + 1, sizeof message->id);
  std::memcpy(&length, header + 9, sizeof length);
  if (length > kMostPipeBytes) return false;
  message->bytes.resize(length);
  return ReadPipe(file, &message->bytes[0], length);
}

// False when nobody reads any more.
inline bool WriteMessage(int file, char kind, uint64_t id, const std::string& bytes) {
  char header[kPipeHeader];
  const uint64_t length = bytes.size();
  header[0] = kind;
  std::memcpy(header + 1, &id, sizeof id);
  std::memcpy(header + 9, &length, sizeof length);
  return WritePipe(file, header, kPipeHeader) && WritePipe(file, bytes.data(), length);
}

}  // namespace crossface
