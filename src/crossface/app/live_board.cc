#include "crossface/app/live_board.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "crossface/app/live.h"
#include "crossface/util/nesting.h"

namespace crossface {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr char kBoardFile[] = "watch.json";
// Counts of frames change all the time.
constexpr auto kRewriteCounts = std::chrono::seconds(2);
// A track that goes on is told again as soon as its face was looked into.
constexpr auto kUntilToldAgain = std::chrono::seconds(5);
constexpr int64_t kSilentAfterUs = 10'000'000;
constexpr int64_t kMostBoardBytes = 1 << 20, kMostPictureBytes = 4 << 20;
// Of those that pages may be about to ask for.
constexpr size_t kOldPictures = 24;

nlohmann::json StreamFields(const LiveStreamProgress& stream) {
  return {{"name", stream.name},
          {"address", stream.shown},
          {"state", StreamStateName(stream.state)},
          {"message", stream.message},
          {"width", stream.width},
          {"height", stream.height},
          {"fps", stream.fps},
          {"codec", stream.codec},
          {"frames", stream.frames},
          {"looked_at", stream.looked_at},
          {"dropped", stream.dropped},
          {"segments", stream.segments},
          {"recorded_bytes", stream.recorded_bytes},
          {"delay_p50_ms", stream.delay_p50_ms},
          {"delay_p95_ms", stream.delay_p95_ms},
          {"open_tracks", stream.open_tracks}};
}

std::string BoardPath(std::string_view number) { return fmt::format("{}/{}", kLiveBoards, number); }
std::string FacePath(const std::string& board, int64_t face) { return fmt::format("{}/{}.jpg", board, face); }

// Numbers of boards, as names of folders.
Result<std::vector<std::string>> BoardNumbers(const Directory& case_folder) {
  std::vector<std::string> numbers;
  if (case_folder.Look(kLiveBoards).kind != Directory::Kind::kFolder) return numbers;
  CROSSFACE_ASSIGN_OR_RETURN(const auto entries, case_folder.List(kLiveBoards));
  constexpr size_t kLongest = 15;  // digits, as ids of the API have
  for (const Directory::Entry& entry : entries) {
    const bool number = entry.name.find_first_not_of("0123456789") == std::string::npos;
    if (entry.kind == Directory::Kind::kFolder && number && entry.name.size() <= kLongest)
      numbers.push_back(entry.name);
  }
  return numbers;
}

// When it was last written, by the clock of where it lies; nothing when there is no board.
std::optional<int64_t> TouchedAt(const Directory& case_folder, const std::string& board) {
  const auto file = case_folder.OpenFile(board + "/" + kBoardFile);
  struct stat facts {};
  if (!file.ok() || ::fstat(file->get(), &facts) != 0 || facts.st_size > kMostBoardBytes) return std::nullopt;
  return static_cast<int64_t>(facts.st_mtim.tv_sec) * 1'000'000 + facts.st_mtim.tv_nsec / 1000;
}

bool IsSilent(int64_t touched_us) { return std::abs(WallNow() - touched_us) > kSilentAfterUs; }

// What a watch writes, and nothing else that may lie there.
std::optional<nlohmann::json> ReadBoard(const Directory& case_folder, const std::string& board) {
  const auto text = case_folder.Read(board + "/" + kBoardFile);
  if (!text.ok() || IsNestedTooDeep(*text)) return std::nullopt;
  nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  for (const char* list : {"streams", "present", "faces", "rings", "notes", "watched"})
    if (!json.contains(list) || !json[list].is_array()) return std::nullopt;
  return json;
}

}  // namespace

LiveBoard::LiveBoard(bool recorded, std::vector<std::string> watched)
    : recorded_(recorded), watched_(std::move(watched)) {}

LiveBoard::~LiveBoard() {
  if (!case_folder_) return;
  case_folder_->RemoveTree(folder_).ok();
  case_folder_->RemoveFolder(kLiveBoards).ok();  // another watch may have its own there
}

void LiveBoard::Begin(const std::filesystem::path& case_folder) {
  auto opened = Directory::Open(case_folder);
  if (!opened.ok()) return Note(opened.status());
  case_folder_.emplace(*std::move(opened));
  const auto numbers = BoardNumbers(*case_folder_);
  if (!numbers.ok()) return Note(numbers.status());
  for (const std::string& number : *numbers) {
    const auto touched = TouchedAt(*case_folder_, BoardPath(number));
    if (!touched || IsSilent(*touched)) case_folder_->RemoveTree(BoardPath(number)).ok();
  }
  int64_t number = WallNow() / 1000;
  while (case_folder_->Look(BoardPath(std::to_string(number))).kind != Directory::Kind::kNothing) ++number;
  folder_ = BoardPath(std::to_string(number));
  Note(case_folder_->CreateFolders(folder_));
}

void LiveBoard::Take(const LiveEvent& event) {
  std::visit([this](const auto& one) { Add(one); }, event);
}

void LiveBoard::Add(const SeenEvent& event) {
  changed_ = true;
  Shown shown{.event = event, .since_us = event.time_us};
  shown.event.picture.reset();
  auto before = present_.find(event.track);
  if (before == present_.end() && event.opened)
    before = std::find_if(present_.begin(), present_.end(), [&](const auto& other) {
      const SeenEvent& one = other.second.event;
      return other.second.goes_on && one.stream == event.stream && one.person.name == event.person.name;
    });
  int64_t same = event.track;
  if (before != present_.end()) {
    same = before->first;
    shown.since_us = before->second.since_us;
    present_.erase(before);
  }
  // The same face under another name, or in the track that goes on, is not a newer one.
  std::erase_if(faces_, [&](const Shown& face) { return face.event.track == same; });
  shown.face = KeepPicture(event);
  present_[event.track] = shown;
  if (shown.face != 0) faces_.push_front(shown);
  if (faces_.size() > kMostFaces) faces_.pop_back();
  if (event.watched) rings_.push_front(shown);
  if (rings_.size() > kMostRings) rings_.pop_back();
}

void LiveBoard::Add(const LostEvent& event) {
  changed_ = true;
  const auto shown = present_.find(event.track);
  if (shown == present_.end()) return;
  if (event.goes_on) {
    shown->second.goes_on = SteadyClock::now();
  } else {
    present_.erase(shown);
  }
}

void LiveBoard::Add(const StreamEvent& event) {
  changed_ = true;
  if (event.state != StreamEvent::State::kNote && event.state != StreamEvent::State::kLost) return;
  notes_.push_front(event);
  if (notes_.size() > kMostNotes) notes_.pop_back();
}

int64_t LiveBoard::KeepPicture(const SeenEvent& event) {
  if (!case_folder_ || folder_.empty() || event.picture == nullptr) return 0;
  const int64_t face = next_face_++;
  const Status written = case_folder_->Write(FacePath(folder_, face), *event.picture);
  Note(written);
  if (!written.ok()) return 0;
  pictures_.push_back(face);
  return face;
}

void LiveBoard::RemoveOldPictures() {
  std::set<int64_t> shown;
  for (const auto& [track, one] : present_) shown.insert(one.face);
  for (const auto* list : {&faces_, &rings_})
    for (const Shown& one : *list) shown.insert(one.face);
  const size_t old = pictures_.size() > kOldPictures ? pictures_.size() - kOldPictures : 0;
  std::deque<int64_t> kept;
  for (size_t i = 0; i < pictures_.size(); ++i) {
    if (i >= old || shown.contains(pictures_[i])) {
      kept.push_back(pictures_[i]);
    } else {
      case_folder_->RemoveFile(FacePath(folder_, pictures_[i])).ok();
    }
  }
  pictures_ = std::move(kept);
}

nlohmann::json LiveBoard::Fields(const Shown& shown) {
  nlohmann::json fields = ToJson(LiveEvent(shown.event));
  fields["since"] = WallTime(shown.since_us);
  fields["face"] = shown.face == 0 ? nlohmann::json() : nlohmann::json(shown.face);
  return fields;
}

nlohmann::json LiveBoard::Told(const LiveProgress& progress) const {
  const auto all = [](const std::deque<Shown>& list) {
    nlohmann::json entries = nlohmann::json::array();
    for (const Shown& one : list) entries.push_back(Fields(one));
    return entries;
  };
  nlohmann::json present = nlohmann::json::array(), notes = nlohmann::json::array();
  for (auto one = present_.rbegin(); one != present_.rend() && present.size() < kMostPresent; ++one)
    present.push_back(Fields(one->second));
  for (const StreamEvent& note : notes_) notes.push_back(ToJson(LiveEvent(note)));
  nlohmann::json streams = nlohmann::json::array();
  for (const LiveStreamProgress& stream : progress.streams) streams.push_back(StreamFields(stream));
  return {{"recorded", recorded_},
          {"watched", watched_},
          {"people", progress.people},
          {"remaining_s", progress.remaining_s < 0 ? nlohmann::json() : nlohmann::json(progress.remaining_s)},
          {"streams", streams},
          {"present", present},
          {"present_total", present_.size()},
          {"faces", all(faces_)},
          {"rings", all(rings_)},
          {"notes", notes}};
}

void LiveBoard::Show(const LiveProgress& progress) {
  if (!case_folder_ || folder_.empty()) return;
  const auto now = SteadyClock::now();
  changed_ |= std::erase_if(present_, [&](const auto& one) {
                return one.second.goes_on && now - *one.second.goes_on > kUntilToldAgain;
              }) > 0;
  if (!changed_ && now - written_ < kRewriteCounts) return;
  Note(case_folder_->Write(folder_ + "/" + kBoardFile,
                           Told(progress).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  RemoveOldPictures();
  changed_ = false;
  written_ = now;
}

void LiveBoard::Note(const Status& done) {
  if (done.ok() || std::exchange(told_problem_, true)) return;
  problem_ = "the page cannot show this watch: " + done.message();
}

Result<nlohmann::json> ReadLiveBoards(const std::filesystem::path& case_folder) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> numbers, BoardNumbers(folder));
  nlohmann::json watches = nlohmann::json::array();
  for (const std::string& number : numbers) {
    const auto touched = TouchedAt(folder, BoardPath(number));
    if (!touched) continue;
    const int64_t id = std::stoll(number);
    auto now = IsSilent(*touched) ? std::nullopt : ReadBoard(folder, BoardPath(number));
    watches.push_back({{"id", id},
                       {"begun", WallTime(id * 1000)},
                       {"heard", WallTime(*touched)},
                       {"now", now ? *std::move(now) : nlohmann::json()}});
  }
  return nlohmann::json{{"watches", std::move(watches)}};
}

Result<std::string> ReadLiveFace(const std::filesystem::path& case_folder, int64_t watch, int64_t face) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder));
  const std::string path = FacePath(BoardPath(std::to_string(watch)), face);
  if (folder.Look(path).bytes > kMostPictureBytes)
    return Status(StatusCode::kCorrupt, path + ": is no picture of a face");
  return folder.Read(path);
}

}  // namespace crossface
