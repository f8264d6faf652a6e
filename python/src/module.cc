// The calls of CaseService that only look, for Python. Each runs without the GIL on a thread of its own while
// the caller's waits for signals, so that other Python threads go on and Ctrl-C stops it.
#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <future>
#include <optional>
#include <stop_token>

#include "columns.h"
#include "crossface/app/case_service.h"
#include "crossface/util/thread_budget.h"

namespace crossface::python {
namespace {

namespace nb = nanobind;
using Path = std::filesystem::path;

constexpr std::chrono::milliseconds kBetweenSignals(50);

[[noreturn]] void Raise(const Status& status) {
  const nb::object type = nb::module_::import_("crossface._error").attr("Error");
  const nb::object error =
      type(Text(status.message()), Text(StatusCodeName(status.code())), Text(RemedyName(status.remedy())));
  PyErr_SetObject(type.ptr(), error.ptr());
  throw nb::python_error();
}

void Warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    if (PyErr_WarnFormat(PyExc_UserWarning, 1, "%s", warning.c_str()) != 0) throw nb::python_error();
  }
}

// `call` takes a Watch and gives an Ending. Throws what a signal's handler raises, and the Status of an
// ending that is not ok as crossface.Error.
template <typename Call>
void Run(const Call& call) {
  std::stop_source stop;
  std::optional<nb::python_error> raised;
  Ending ending;
  {
    const nb::gil_scoped_release others_go_on;
    auto running = std::async(std::launch::async, call, Watch{.stop = stop.get_token()});
    while (running.wait_for(kBetweenSignals) != std::future_status::ready) {
      const nb::gil_scoped_acquire held;
      if (PyErr_CheckSignals() == 0) continue;
      raised.emplace();
      stop.request_stop();
    }
    ending = running.get();
  }
  if (raised) throw std::move(*raised);
  if (!ending.status.ok()) Raise(ending.status);
}

nb::dict People(const Path& case_folder) {
  PeopleAnswer answer;
  Run([&](const Watch&) { return CaseService(case_folder).People(&answer); });
  Warn(answer.warnings);
  return PeopleColumns(answer);
}

nb::dict Sources(const Path& case_folder) {
  SourcesAnswer answer;
  Run([&](const Watch&) { return CaseService(case_folder).Sources(&answer); });
  return SourcesColumns(answer);
}

nb::dict Appearances(const Path& case_folder) {
  AppearancesAnswer answer;
  Run([&](const Watch&) { return CaseService(case_folder).Appearances(&answer); });
  return AppearancesColumns(answer);
}

nb::dict Faces(const Path& case_folder) {
  nb::dict columns = FacesColumns({});
  Run([&](const Watch& watch) {
    return CaseService(case_folder)
        .Faces(
            [&](const std::vector<FaceAnswer>& faces) {
              const nb::gil_scoped_acquire held;
              for (const auto [name, values] : FacesColumns(faces))
                nb::borrow<nb::list>(columns[name]).extend(values);
            },
            watch);
  });
  return columns;
}

nb::dict Search(const Path& case_folder, const std::vector<Path>& photos, size_t face, size_t limit,
                bool same_person, bool exact, const Path& models, const std::string& device) {
  SearchRequest request{.photos = photos,
                        .face = face,
                        .limit = limit,
                        .same_person = same_person,
                        .exact = exact,
                        .device = device};
  if (!models.empty()) request.models = models;
  SearchAnswer answer;
  Run([&](const Watch& watch) { return CaseService(case_folder).Search(request, watch, &answer); });
  Warn(answer.warnings);
  return HitsColumns(answer);
}

}  // namespace

NB_MODULE(_core, module) {
  module.def("people", &People, nb::arg("case"));
  module.def("sources", &Sources, nb::arg("case"));
  module.def("appearances", &Appearances, nb::arg("case"));
  module.def("faces", &Faces, nb::arg("case"));
  module.def("search", &Search, nb::arg("case"), nb::arg("photos"), nb::arg("face"), nb::arg("limit"),
             nb::arg("same_person"), nb::arg("exact"), nb::arg("models"), nb::arg("device"));
  module.def("set_threads", &SetThreadBudget, nb::arg("threads"));
}

}  // namespace crossface::python
