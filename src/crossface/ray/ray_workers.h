// The nodes of a Ray cluster as workers of a scan.
//
// Ray's library is spoken to by a program of its own, crossface-ray-driver, which lies in the folder `ray`
// beside crossface where it was built with Ray: nothing here links it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "crossface/ray/ray_request.h"
#include "crossface/scan/scan_workers.h"
#include "crossface/util/file_descriptor.h"

namespace crossface {

class RayWorkers final : public ScanWorkers {
 public:
  // Joins the cluster as a driver; `gpus`: of each task. Errors, each saying what to do: kUnsupported (no Ray
  // beside this program), kInvalidArgument (no address), kNotFound (no cluster there), kPermissionDenied (it
  // asks for another token), kIo (it cannot be joined), kInterrupted.
  static Result<std::unique_ptr<RayWorkers>> Connect(const RayRequest& request, int gpus,
                                                     const std::stop_token& stop);
  ~RayWorkers() override;

  int threads() const override { return threads_; }
  int64_t range_us() const override { return range_us_; }
  Status Submit(uint64_t id, const std::string& task) override;
  Result<std::optional<WorkerAnswer>> Next(std::chrono::milliseconds wait) override;

 private:
  RayWorkers(std::string address, FileDescriptor printed)
      : address_(std::move(address)), printed_(std::move(printed)) {}
  Status Start(const std::filesystem::path& folder, const RayRequest& request, int gpus);
  Status WaitUntilJoined(const std::stop_token& stop);
  Status AskHead();
  Status Gone(const std::string& why) const;
  std::string LastPrinted() const;

  const std::string address_;
  const FileDescriptor printed_;  // what the driver printed; a file without a name
  int threads_ = 1;
  int64_t range_us_ = 0;
  FileDescriptor to_, from_;
  int driver_ = 0;  // process
  std::chrono::steady_clock::time_point asked_head_ = std::chrono::steady_clock::now();
  int unanswered_ = 0;  // by the head, one after the other
};

// "host:port" of what the user wrote. Errors: kInvalidArgument; kNotFound for "auto" where no cluster was
// started.
Result<std::string> RayAddress(const std::string& written);

}  // namespace crossface
