// A second front end in a hundred lines: scans a folder, lists the people, makes the first two one person and
// takes it back.
//
//   first_look FOOTAGE CASE
//
// Progress goes to stderr; Ctrl-C stops, and the same command goes on.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "crossface/app/case_service.h"

namespace {

volatile std::sig_atomic_t interrupted = 0;

// Shows what the work tells.
class Progress : public crossface::Observer {
 public:
  void OnScan(const crossface::ScanProgress& scan) override {
    std::fprintf(stderr, "\r%lld of %lld sources, %lld faces ", static_cast<long long>(scan.done),
                 static_cast<long long>(scan.sources), static_cast<long long>(scan.faces));
  }
  void OnWork(const crossface::WorkProgress& work) override {
    std::fprintf(stderr, "\r%.*s %.0f %% ", static_cast<int>(work.name.size()), work.name.data(),
                 100 * work.share);
  }
  void OnWarning(const std::string& text) override { std::fprintf(stderr, "\nwarning: %s\n", text.c_str()); }
};

// Hands a signal on as a stop, since a handler itself must not.
class StopOnSignal {
 public:
  StopOnSignal()
      : watching_([this](const std::stop_token& end) {
          while (!end.stop_requested()) {
            if (interrupted) stop_.request_stop();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {
    std::signal(SIGINT, [](int) { interrupted = 1; });
  }
  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread watching_;
};

int Failed(const crossface::Ending& ending) {
  std::fprintf(stderr, "\n%s\n", ending.status.message().c_str());
  return ending.code;
}

void Print(const char* when, const crossface::PeopleAnswer& people) {
  std::printf("%s: %zu people\n", when, people.persons.size());
  for (const crossface::PersonAnswer& person : people.persons)
    std::printf("  %s, %.1f s in %lld sources\n", person.name.c_str(),
                static_cast<double>(person.screen_us) / 1e6, static_cast<long long>(person.sources));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: first_look FOOTAGE CASE\n");
    return crossface::kExitUsage;
  }
  const crossface::CaseService service(argv[2]);
  Progress progress;
  const StopOnSignal stop;
  const crossface::Watch watch{.observer = &progress, .stop = stop.token()};

  crossface::ScanRequest scan;
  scan.sources = {argv[1]};
  scan.settings.threads = 2;
  crossface::IdentifyAnswer identified;
  if (const auto ending = service.Identify(scan, {}, watch, &identified); !ending.status.ok())
    return Failed(ending);

  crossface::PeopleAnswer found;
  if (const auto ending = service.People(&found); !ending.status.ok()) return Failed(ending);
  Print("found", found);
  if (found.persons.size() < 2) return crossface::kExitDone;

  const crossface::MergePersons merge{{found.persons[0].name, found.persons[1].name}};
  crossface::CorrectionAnswer merged;
  // Two who are on the screen together are only made one when the user insists, as with a mirror.
  auto ending = service.Correct(merge, {}, watch, &merged);
  if (ending.status.remedy() == crossface::Remedy::kOverride) {
    std::printf("refused: %s\n", ending.status.message().c_str());
    ending = service.Correct(merge, {.override_earlier = true}, watch, &merged);
  }
  if (!ending.status.ok()) return Failed(ending);
  std::printf("%s\n", merged.event->told.c_str());
  crossface::PeopleAnswer fewer;
  if (ending = service.People(&fewer); !ending.status.ok()) return Failed(ending);
  Print("merged", fewer);

  crossface::CorrectionAnswer undone;
  if (ending = service.Correct(crossface::UndoCorrections{}, {}, watch, &undone); !ending.status.ok())
    return Failed(ending);
  crossface::PeopleAnswer again;
  if (ending = service.People(&again); !ending.status.ok()) return Failed(ending);
  Print("undone", again);
  return crossface::kExitDone;
}
