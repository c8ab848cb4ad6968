#include "tests/tidy/rules.hpp"

#include "tests/support/catch.hpp"

namespace signet::tidy {

namespace {

/// Findings of a rule in a snippet that stands at `path`.
template <typename Rule>
Findings bite(Rule rule, const std::string& path, const std::string& text) {
  return rule(SourceFile{path, text});
}

bool mentions(const Findings& findings, const std::string& words) {
  return to_text(findings).find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("code_only blanks comments and literals and keeps every line", "[tidy]") {
  const std::string text =
      "int a; // time(0)\n/* time(0)\n */ f(\"time(0) \\\" x\", 'x', '\"');\n"
      "int b = 1'000; auto r = R\"x(time(\n0))x\"; g();\n";
  const std::string code = code_only(text);
  CHECK(code.size() == text.size());
  CHECK(line_at(code, code.find("g();")) == line_at(text, text.find("g();")));
  CHECK(code.find("time") == std::string::npos);
  for (const char* kept : {"int a;", "f(", "int b = 1'000;", "auto r =", "g();"})
    CHECK(code.find(kept) != std::string::npos);
}

TEST_CASE("code_only ends quietly where a comment or literal is left open", "[tidy]") {
  for (const char* text : {"a /* b", "a // b", "a \"b", "a 'b", "a R\"x(b", "a R\"x", "a \"b\\"})
    CHECK(code_only(text).substr(0, 2) == "a ");
}

TEST_CASE("includes_of sees directives and none in comments or raw strings", "[tidy]") {
  const auto includes = includes_of(
      {"core/a.cpp",
       "// #include \"x.hpp\"\n# include <vector>\n/*\n#include <map>\n*/\n"
       "auto s = R\"(\n#include <set>\n)\";\n  #include \"core/base/ids.hpp\"  // why\n"});
  REQUIRE(includes.size() == 2);
  CHECK(includes[0].line == 2);
  CHECK(includes[0].target == "vector");
  CHECK_FALSE(includes[0].quoted);
  CHECK(includes[1].line == 9);
  CHECK(includes[1].target == "core/base/ids.hpp");
  CHECK(includes[1].quoted);
}

TEST_CASE("an include against an arrow is found with its line", "[tidy]") {
  const auto bad = [](const char* path, const std::string& target) {
    return bite(check_arrows, path, "#pragma once\n#include \"" + target + "\"\n");
  };
  const auto findings = bad("core/base/result.cpp", "core/kernels/kernels.hpp");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].line == 2);
  CHECK(mentions(findings, "core/base/result.cpp:2"));
  CHECK(mentions(findings, "no arrow leads from core/kernels to core/base"));
  CHECK(bad("core/signs/a.cpp", "core/vote/majority_tally.hpp").size() == 1);
  CHECK(bad("core/data/a.cpp", "core/model/spec.hpp").size() == 1);
  CHECK(bad("core/model/a.cpp", "core/signs/sign_vector.hpp").size() == 1);
  CHECK(bad("core/vote/a.cpp", "core/model/spec.hpp").size() == 1);
  CHECK(bad("core/wire/a.cpp", "core/vote/majority_tally.hpp").size() == 1);
  CHECK(bad("core/platform/a.cpp", "core/job/job.hpp").size() == 1);
  CHECK(bad("core/job/a.cpp", "agent/config.hpp").size() == 1);
  CHECK(bad("core/unheard/a.cpp", "core/base/ids.hpp").size() == 1);
}

TEST_CASE("an include along an arrow passes the check", "[tidy]") {
  const auto good = [](const char* path, const std::string& target) {
    return bite(check_arrows, path, "#include \"" + target + "\"\n").empty();
  };
  CHECK(good("core/base/result.cpp", "core/base/result.hpp"));
  CHECK(good("core/vote/a.cpp", "core/kernels/kernels.hpp"));
  CHECK(good("core/optim/a.cpp", "core/model/network.hpp"));
  CHECK(good("core/job/job.cpp", "core/config/table.hpp"));
  CHECK(good("core/job/job.hpp", "core/vote/tie_rule.hpp"));
  CHECK(good("core/job/job.hpp", "core/optim/rate_spec.hpp"));
  CHECK(good("coordinator/round/round_machine.hpp", "core/job/job.hpp"));
  CHECK(good("agent/config.cpp", "core/config/table.hpp"));
  CHECK(good("core/wire/encode.cpp", "schemas/messages_generated.h"));
  CHECK(good("agent/session/session.cpp", "core/wire/messages.hpp"));
  CHECK(good("agent/daemon.cpp", "core/platform/transport.hpp"));
  CHECK(good("agent/doctor/doctor.cpp", "core/platform/board.hpp"));
  CHECK(good("agent/finder/finder.cpp", "core/platform/process.hpp"));
  CHECK(good("agent/board/board_files.cpp", "core/platform/files.hpp"));
  CHECK(good("coordinator/store/sqlite_store.cpp", "core/platform/files.hpp"));
  CHECK(good("fleet/fleet.cpp", "agent/session/session.hpp"));
  CHECK(good("fleet/fleet.cpp", "coordinator/round/round_machine.hpp"));
  CHECK(good("cli/main.cpp", "fleet/fleet.hpp"));
  CHECK(good("cli/watch.cpp", "coordinator/control/protocol.hpp"));
  CHECK(good("coordinator/control/answer.hpp", "coordinator/round/round_machine.hpp"));
  CHECK(good("tests/sim/a_test.cpp", "coordinator/round/round_machine.hpp"));
}

TEST_CASE("agent and coordinator include neither each other nor the machine", "[tidy]") {
  const auto finds = [](const char* path, const std::string& target, const char* words) {
    return mentions(bite(check_arrows, path, "#include \"" + target + "\"\n"), words);
  };
  CHECK(finds("agent/daemon.cpp", "coordinator/config.hpp", "agent never sees the coordinator"));
  CHECK(finds("coordinator/main.cpp", "agent/config.hpp", "coordinator never sees the agent"));
  CHECK(finds("agent/session/a.cpp", "core/platform/clock.hpp", "see core/platform"));
  CHECK(finds("agent/guest/a.cpp", "core/platform/files.hpp", "see core/platform"));
  CHECK(finds("agent/config.cpp", "core/platform/files.hpp", "see core/platform"));
  CHECK(finds("coordinator/round/a.hpp", "core/platform/clock.hpp", "see core/platform"));
  CHECK(finds("coordinator/control/a.cpp", "core/platform/clock.hpp", "see core/platform"));
  CHECK(finds("coordinator/round/a.hpp", "coordinator/control/a.hpp", "control/ asks"));
  CHECK(finds("coordinator/round/a.hpp", "core/config/table.hpp", "given values"));
  CHECK(finds("agent/trainer/a.hpp", "core/config/table.hpp", "given values"));
  CHECK(finds("fleet/fleet.cpp", "core/platform/clock.hpp", "see core/platform"));
  CHECK(finds("agent/daemon.cpp", "fleet/fleet.hpp", "only cli/ and tests see fleet/"));
  CHECK(finds("core/base/a.cpp", "tests/support/catch.hpp", "only tests see tests"));
  CHECK(finds("agent/daemon.cpp", "cli/cli.hpp", "nobody sees cli/"));
}

TEST_CASE("a quoted include that is not written from the root is found", "[tidy]") {
  CHECK(mentions(bite(check_arrows, "core/base/a.cpp", "#include \"result.hpp\"\n"),
                 "from the repository root"));
  CHECK(mentions(bite(check_arrows, "core/base/a.cpp", "#include \"../base/result.hpp\"\n"),
                 "from the repository root"));
}

TEST_CASE("a library's header outside its one room is found", "[tidy]") {
  const auto count = [](const char* path, const char* target) {
    return bite(check_libraries, path, std::string("#include <") + target + ">\n").size();
  };
  struct Case {
    const char *header, *owner, *stranger;
  };
  const Case cases[] = {
      {"immintrin.h", "core/kernels/avx2.cpp", "core/vote/majority_tally.cpp"},
      {"arm_neon.h", "core/kernels/neon.cpp", "core/optim/sign_step.cpp"},
      {"zmq.hpp", "core/platform/zmq_transport.cpp", "agent/daemon.cpp"},
      {"zmq.h", "tests/core/platform/transport_test.cpp", "tests/system/run_test.cpp"},
      {"zmq_addon.hpp", "core/platform/zmq_transport.cpp", "coordinator/daemon.cpp"},
      {"systemd/sd-daemon.h", "core/platform/service.cpp", "agent/daemon.cpp"},
      {"spdlog/spdlog.h", "core/platform/log.cpp", "core/base/check.cpp"},
      {"sqlite3.h", "coordinator/store/sqlite_store.cpp", "coordinator/daemon.cpp"},
      {"toml++/toml.h", "core/config/read.cpp", "core/job/job.cpp"},
      {"CLI/CLI.hpp", "agent/options.cpp", "agent/main.cpp"},
      {"flatbuffers/flatbuffers.h", "core/wire/encode.cpp", "core/signs/sign_vector.cpp"},
  };
  for (const auto& c : cases) {
    INFO(c.header);
    CHECK(count(c.owner, c.header) == 0);
    CHECK(count(c.stranger, c.header) == 1);
  }
  CHECK(bite(check_libraries, "agent/a.cpp", "#include \"vote_generated.h\"\n").size() == 1);
  CHECK(bite(check_libraries, "agent/a.cpp", "// #include <zmq.hpp>\n").empty());
}

TEST_CASE("a clock, thread, file or socket in a pure room is found", "[tidy]") {
  const auto count = [](const std::string& text) {
    return bite(check_purity, "coordinator/round/round_machine.cpp", text).size();
  };
  for (const char* header : {"thread", "mutex", "filesystem", "fstream", "sys/socket.h",
                             "netinet/in.h", "unistd.h", "ctime", "poll.h"})
    CHECK(count(std::string("#include <") + header + ">\n") == 1);
  CHECK(count("auto t = std::chrono::steady_clock::now();\n") == 1);
  CHECK(count("auto t = system_clock :: now();\n") == 1);
  CHECK(count("auto t = time(nullptr);\n") == 1);
  CHECK(count("auto t = std::time(nullptr);\n") == 1);
  CHECK(count("std::random_device seed;\n") == 1);
  CHECK(bite(check_purity, "coordinator/control/a.cpp", "#include <thread>\n").size() == 1);
  CHECK(mentions(bite(check_purity, "core/vote/a.cpp", "int a;\n\n  time(nullptr);\n"),
                 "core/vote/a.cpp:3"));
}

TEST_CASE("a pure room may speak of time without reading it", "[tidy]") {
  const auto count = [](const char* path, const std::string& text) {
    return bite(check_purity, path, text).size();
  };
  CHECK(count("core/job/a.cpp",
              "#include <chrono>\nauto t = wall_time(x); t.time(); p->time();\n"
              "// time(0), steady_clock::now()\nauto s = \"time(0)\";\n") == 0);
  CHECK(count("core/platform/clock.hpp", "auto t = std::chrono::steady_clock::now();\n") == 0);
  CHECK(count("tests/core/vote/a_test.cpp", "#include <thread>\n") == 0);
}

TEST_CASE("the time of day is read by the doctor and the board's hours alone", "[tidy]") {
  const auto count = [](const char* path, const std::string& text) {
    return bite(check_time_of_day, path, text).size();
  };
  for (const char* text : {"auto t = std::chrono::system_clock::now();\n",
                           "auto t = time(nullptr);\n", "::clock_gettime(CLOCK_REALTIME, &t);\n"}) {
    INFO(text);
    CHECK(count("agent/daemon.cpp", text) == 1);
    CHECK(count("core/platform/log.cpp", text) == 1);
    CHECK(count("agent/guest/hours.cpp", text) == 1);
    CHECK(count("agent/doctor/doctor.cpp", text) == 0);
    CHECK(count("agent/board/board_watch.cpp", text) == 0);
    CHECK(count("tests/system/run_test.cpp", text) == 0);
  }
  CHECK(count("agent/daemon.cpp", "auto t = steady_clock::now(); a.time(); wall_time(0);\n") == 0);
}

TEST_CASE("a header without pragma once is found", "[tidy]") {
  CHECK(bite(check_pragma_once, "core/a.hpp", "#include <vector>\n").size() == 1);
  CHECK(bite(check_pragma_once, "core/a.hpp", "// #pragma once\nint a;\n").size() == 1);
  CHECK(bite(check_pragma_once, "core/a.hpp", "").size() == 1);
  CHECK(bite(check_pragma_once, "core/a.hpp", "// Why.\n#pragma once\n").empty());
  CHECK(bite(check_pragma_once, "core/a.cpp", "int a;\n").empty());
}

TEST_CASE("a path of one developer's machine is found in any file", "[tidy]") {
  // Put together here, so that this file passes the rule it tests.
  const std::string work = std::string("/") + "work", home = std::string("/") + "root";
  const auto count = [](const std::string& text) {
    return bite(check_machine_paths, "docs/a.md", text).size();
  };
  CHECK(count(work + "/main") == 1);
  CHECK(count("cd " + home + "\n") == 1);
  CHECK(count("see `" + home + "/x`, and \"" + work + "/y\"") == 2);
  CHECK(mentions(bite(check_machine_paths, "dev", "a\nb " + work + "/x\n"), "dev:2"));
  CHECK(count("build" + work + "/x $root/build /rootfs /workbench https://a.org" + work) == 0);
}

TEST_CASE("a test name of fewer than three words is found", "[tidy]") {
  const auto count = [](const std::string& text) {
    return bite(check_test_names, "tests/core/vote/a_test.cpp", text).size();
  };
  CHECK(count("TEST_CASE(\"tally\", \"[a b c]\") {}\n") == 1);
  CHECK(count("TEST_CASE(\"tally works\") {}\n") == 1);
  CHECK(count("TEMPLATE_TEST_CASE(\"tally\", \"[x]\", int) {}\n") == 1);
  CHECK(count("TEST_CASE(\"a tally counts\", \"[x]\") {}\n") == 0);
  CHECK(count("TEST_CASE(\n    \"a tally counts \"\n    \"votes\") {}\n") == 0);
  CHECK(count("// TEST_CASE(\"tally\")\n") == 0);
}

TEST_CASE("a test file that no CMakeLists names is found", "[tidy]") {
  const auto count = [](const std::string& cmake_path, const std::string& cmake) {
    return check_tests_are_built(
               {{"tests/core/vote/a_test.cpp", ""}, {"core/b.cpp", ""}, {cmake_path, cmake}})
        .size();
  };
  CHECK(count("tests/core/vote/CMakeLists.txt", "add(x SOURCES a_test.cpp LINK y)") == 0);
  CHECK(count("tests/core/CMakeLists.txt", "add(x\n  vote/a_test.cpp)") == 0);
  CHECK(count("tests/core/vote/CMakeLists.txt", "add(x SOURCES data_test.cpp)") == 1);
  CHECK(count("tests/core/vote/CMakeLists.txt", "add(x SOURCES aa_test.cpp a_test.cppx)") == 1);
  CHECK(count("tests/core/vote/CMakeLists.txt", "# a_test.cpp\n") == 1);
  CHECK(count("tests/core/signs/CMakeLists.txt", "add(x SOURCES a_test.cpp)") == 1);
}

TEST_CASE("check_tree gathers what every rule finds", "[tidy]") {
  const auto findings = check_tree({{"core/base/a.hpp", "#include <zmq.hpp>\n#include <thread>\n"},
                                    {"tests/a_test.cpp", "TEST_CASE(\"a\") {}\n"}});
  CHECK(mentions(findings, "zmq.hpp"));
  CHECK(mentions(findings, "thread"));
  CHECK(mentions(findings, "pragma once"));
  CHECK(mentions(findings, "sentence"));
  CHECK(mentions(findings, "never run"));
  CHECK(findings.size() == 5);
}

}  // namespace signet::tidy
