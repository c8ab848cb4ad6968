#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace signet::tidy {

namespace {

/// A library's headers and where they may be included.
struct Library {
  const char* header;  // regular expression over the whole of what is included
  const char* where;   // regular expression over the path of the including file
  const char* owner;   // for the message
};

// The tests of a room may see what the room wraps.
constexpr Library kLibraries[] = {
    {R"re((.*intrin|arm_(neon|sve|acle))\.h)re", R"re((tests/)?core/kernels/.*)re", "core/kernels"},
    {R"re(zmq\w*\.(h|hpp))re", R"re((tests/)?core/platform/.*)re", "core/platform"},
    {R"re(spdlog/.*)re", R"re((tests/)?core/platform/.*)re", "core/platform"},
    {R"re(sodium\.h)re", R"re((tests/)?core/identity/.*)re", "core/identity"},
    {R"re(systemd/.*)re", R"re((tests/)?core/platform/.*)re", "core/platform"},
    {R"re(sqlite3\.h)re", R"re((tests/)?coordinator/store/.*)re", "coordinator/store"},
    {R"re(toml\+\+/.*|toml\.hpp)re", R"re((tests/)?core/config/.*)re", "core/config"},
    {R"re(CLI/.*)re",
     R"re(((agent|coordinator)/options|(fleet/paper|tests/sim)/main|cli/.*)\.cpp)re",
     "the options.cpp of each program"},
    {R"re(flatbuffers/.*|.*_generated\.h)re", R"re((tests/)?core/wire/.*)re", "core/wire"},
};

bool is_pure_room(std::string_view path) {
  for (const std::string_view room :
       {"agent/guest", "agent/session", "coordinator/control", "coordinator/enrolment",
        "coordinator/round", "coordinator/roster", "core/base", "core/identity", "core/kernels",
        "core/signs", "core/vote", "core/data", "core/model", "core/optim", "core/wire", "core/job",
        "core/config"})
    if (starts_with(path, room)) return true;
  return false;
}

const std::regex& impure_headers() {
  static const std::regex headers(
      "thread|mutex|shared_mutex|condition_variable|future|stop_token|semaphore|latch|barrier|"
      "filesystem|fstream|ctime|csignal|signal\\.h|time\\.h|pthread\\.h|unistd\\.h|fcntl\\.h|"
      "poll\\.h|dirent\\.h|netdb\\.h|netinet/.*|arpa/.*|"
      "sys/(socket|stat|mman|un|epoll|eventfd|ioctl|file|time|wait|types|select)\\.h");
  return headers;
}

const std::regex& impure_calls() {
  static const std::regex calls(
      R"re((steady_clock|system_clock|high_resolution_clock)\s*::\s*now\b)re"
      R"re(|(^|[^\w.>])(time|clock|gettimeofday|clock_gettime|fopen|sleep|usleep)\s*\()re"
      R"re(|\brandom_device\b)re");
  return calls;
}

/// Walks adjacent string literals from `at` on and joins them.
std::string joined_literals(const std::string& text, std::size_t at) {
  std::string joined;
  for (;;) {
    at = text.find_first_not_of(" \t\r\n", at);
    if (at == std::string::npos || text[at] != '"') return joined;
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\') ++at;
      if (at < text.size()) joined += text[at];
    }
    ++at;
  }
}

std::size_t count_words(const std::string& text) {
  std::istringstream words(text);
  std::size_t count = 0;
  for (std::string word; words >> word;) ++count;
  return count;
}

/// A CMake file's text without its comments.
std::string without_comments(const std::string& text) {
  return std::regex_replace(text, std::regex("#[^\n]*"), "");
}

/// Is `name` an argument in `cmake` (a whole word, or the end of a longer path)?
bool names_file(const std::string& cmake, const std::string& name) {
  const std::string_view before = " \t\r\n(\"/;", after = " \t\r\n)\";";
  for (auto at = cmake.find(name); at != std::string::npos; at = cmake.find(name, at + 1)) {
    const auto end = at + name.size();
    const bool opens = at == 0 || before.find(cmake[at - 1]) != std::string_view::npos;
    const bool closes = end == cmake.size() || after.find(cmake[end]) != std::string_view::npos;
    if (opens && closes) return true;
  }
  return false;
}

bool is_built(const std::vector<SourceFile>& tree, const std::string& path) {
  return std::any_of(tree.begin(), tree.end(), [&](const SourceFile& cmake) {
    const auto slash = cmake.path.rfind('/');
    if (slash == std::string::npos || cmake.path.substr(slash + 1) != "CMakeLists.txt")
      return false;
    const std::string folder = cmake.path.substr(0, slash);
    return starts_with(path, folder) &&
           names_file(without_comments(cmake.text), path.substr(folder.size() + 1));
  });
}

}  // namespace

Findings check_libraries(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  for (const auto& include : includes_of(file)) {
    for (const auto& library : kLibraries) {
      if (std::regex_match(include.target, std::regex(library.header)) &&
          !std::regex_match(file.path, std::regex(library.where)))
        findings.push_back(
            {file.path, include.line,
             "includes " + include.target + ", which only " + library.owner + " may see"});
    }
  }
  return findings;
}

Findings check_purity(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path) || !is_pure_room(file.path)) return findings;
  for (const auto& include : includes_of(file))
    if (std::regex_match(include.target, impure_headers()))
      findings.push_back({file.path, include.line,
                          "includes " + include.target +
                              "; a pure room touches no clock, thread, file or socket"});
  const std::string code = code_only(file.text);
  for (auto hit = std::sregex_iterator(code.begin(), code.end(), impure_calls());
       hit != std::sregex_iterator(); ++hit)
    findings.push_back(
        {file.path, line_at(code, static_cast<std::size_t>(hit->position() + hit->length())),
         "calls \"" + hit->str() + "\"; a pure room is told the time and given bytes"});
  return findings;
}

Findings check_time_of_day(const SourceFile& file) {
  static const std::regex call(
      R"re(system_clock\s*::\s*now\b|(^|[^\w.>])(time|gettimeofday)\s*\()re"
      R"re(|\bCLOCK_REALTIME\b)re");
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  for (const std::string_view folder : {"tests", "agent/doctor", "agent/board"})
    if (starts_with(file.path, folder)) return findings;
  const std::string code = code_only(file.text);
  for (auto hit = std::sregex_iterator(code.begin(), code.end(), call);
       hit != std::sregex_iterator(); ++hit)
    findings.push_back({file.path,
                        line_at(code, static_cast<std::size_t>(hit->position() + hit->length())),
                        "reads the time of day, which is wrong on boards; use steady_now()"});
  return findings;
}

Findings check_pragma_once(const SourceFile& file) {
  if (!is_header(file.path)) return {};
  const std::string code = code_only(file.text);
  const auto first = code.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && code.compare(first, 12, "#pragma once") == 0) return {};
  return {{file.path, 1, "does not open with #pragma once"}};
}

Findings check_machine_paths(const SourceFile& file) {
  // Put together here, so that this file passes its own rule.
  static const std::regex path(std::string("(^|[\\s\"'`=(:,])/(") +
                               "work|root)(/|$|[\\s\"'`),;:.])");
  Findings findings;
  for (auto hit = std::sregex_iterator(file.text.begin(), file.text.end(), path);
       hit != std::sregex_iterator(); ++hit)
    findings.push_back({file.path, line_at(file.text, static_cast<std::size_t>(hit->position(2))),
                        "names /" + hit->str(2) + ", a path of one machine"});
  return findings;
}

Findings check_test_names(const SourceFile& file) {
  static const std::regex opening(R"re(\b(TEST_CASE|TEMPLATE_TEST_CASE|SCENARIO)\s*\()re");
  Findings findings;
  if (!is_cpp(file.path) || !starts_with(file.path, "tests")) return findings;
  const std::string code = code_only(file.text);
  for (auto hit = std::sregex_iterator(code.begin(), code.end(), opening);
       hit != std::sregex_iterator(); ++hit) {
    const auto at = static_cast<std::size_t>(hit->position());
    const std::string name =
        joined_literals(file.text, at + static_cast<std::size_t>(hit->length()));
    if (count_words(name) < 3)
      findings.push_back({file.path, line_at(code, at),
                          "test \"" + name + "\": a test's name is a sentence about behaviour"});
  }
  return findings;
}

Findings check_tests_are_built(const std::vector<SourceFile>& tree) {
  Findings findings;
  for (const auto& file : tree)
    if (starts_with(file.path, "tests") && file.path.ends_with(".cpp") &&
        !is_built(tree, file.path))
      findings.push_back({file.path, 0, "no CMakeLists.txt names it: it is never run"});
  return findings;
}

Findings check_tree(const std::vector<SourceFile>& tree) {
  Findings findings = check_tests_are_built(tree);
  for (const auto& file : tree)
    for (const auto rule : {check_arrows, check_libraries, check_purity, check_time_of_day,
                            check_pragma_once, check_machine_paths, check_test_names}) {
      const Findings more = rule(file);
      findings.insert(findings.end(), more.begin(), more.end());
    }
  return findings;
}

}  // namespace signet::tidy
