#include "agent/config.hpp"

#include <string>

#include "agent/options.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace agent_config_test {

AgentOptions options_of(const std::vector<std::string>& arguments) {
  auto parsed = parse_agent_options(arguments);
  if (const auto* exit = std::get_if<ExitNow>(&parsed)) FAIL(exit->text);
  return std::get<AgentOptions>(parsed);
}

ExitNow exit_of(const std::vector<std::string>& arguments) {
  const auto parsed = parse_agent_options(arguments);
  REQUIRE(std::holds_alternative<ExitNow>(parsed));
  const auto& exit = std::get<ExitNow>(parsed);
  CHECK(exit.text.ends_with('\n'));
  return exit;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace agent_config_test

using agent_config_test::exit_of;
using agent_config_test::options_of;

TEST_CASE("an empty agent configuration has every default", "[agent][config]") {
  const auto config = parse_agent_config("", "agent.toml");
  REQUIRE(config);
  CHECK(*config == AgentConfig{});
}

TEST_CASE("every key of an agent's configuration reaches its field", "[agent][config]") {
  const auto config = parse_agent_config(
      "name = \"pi-1\"\ncoordinator = \"tcp://lab:7300\"\n"
      "server_key = \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"\nkey_file = \"/k\"\n"
      "encryption = \"on\"\n"
      "[data]\npath = \"/srv/data\"\nshard = \"2/8\"\n[training]\nbatch = 16\n"
      "[log]\nlevel = \"debug\"\n",
      "agent.toml");
  REQUIRE(config);
  CHECK(*config == AgentConfig{"pi-1", "tcp://lab:7300", "/srv/data", "2/8", "debug",
                               "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "/k",
                               config::EncryptionMode::On, 16});
}

TEST_CASE("a wrong agent configuration says all that is wrong and what is allowed",
          "[agent][config]") {
  const auto config = parse_agent_config(
      "name = \"my pi\"\ncoordinater = \"x\"\n[data]\nshard = \"8/8\"\n[log]\nlevel = \"warnin\"\n",
      "agent.toml");
  REQUIRE_FALSE(config);
  CHECK(config.error().kind == ErrorKind::Malformed);
  CHECK(config.error().message ==
        "agent.toml:1: name: is 'my pi'; allowed: \"\" or 1 to 64 characters of A-Z a-z 0-9 . _ -\n"
        "agent.toml:2: coordinater: unknown key; did you mean coordinator?\n"
        "agent.toml:4: data.shard: is '8/8'; allowed: \"\" (all samples) or i/n with i from 0 to n "
        "- 1 and n at most 100000, such as 0/4\n"
        "agent.toml:6: log.level: is 'warnin'; allowed: debug, info, warning, error; did "
        "you mean warning?");
  const auto address = parse_agent_config("coordinator = \"lab:7300\"\n", "agent.toml");
  REQUIRE_FALSE(address);
  CHECK(address.error().message ==
        "agent.toml:1: coordinator: is 'lab:7300'; allowed: tcp://HOST:PORT or mdns, or several "
        "with commas between, such as tcp://laptop.local:7300,tcp://192.168.1.10:7300");
}

TEST_CASE("an agent has both keys or none, and none only for this machine", "[agent][config]") {
  const auto why_not = [](const std::string& text) {
    const auto config = parse_agent_config(text, "agent.toml");
    REQUIRE(config);
    const auto valid = check_encryption(*config);
    return valid ? "" : valid.error().message;
  };
  const std::string server = "server_key = \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"\n";
  const std::string keys = server + "key_file = \"/k\"\n",
                    far = "coordinator = \"tcp://lab:7300\"\n";
  CHECK(why_not("") == "");
  CHECK(why_not(far + keys) == "");
  CHECK(why_not(far + "encryption = \"off\"\n") == "");
  CHECK(why_not(keys + "encryption = \"on\"\n") == "");
  CHECK(agent_config_test::holds(why_not(far), "tcp://lab:7300 is another machine"));
  CHECK(agent_config_test::holds(why_not(far), "signet-agent join"));
  CHECK(agent_config_test::holds(why_not("coordinator = \"tcp://127.0.0.1:7300,tcp://lab:7300\"\n"),
                                 "tcp://lab:7300"));
  CHECK(agent_config_test::holds(why_not(server), "server_key and key_file"));
  CHECK(agent_config_test::holds(why_not("key_file = \"/k\"\n"), "server_key and key_file"));
  CHECK(agent_config_test::holds(why_not("encryption = \"on\"\n"), "there are no keys"));
  CHECK_FALSE(parse_agent_config("server_key = \"short\"\n", "agent.toml"));
  const std::string mdns = "coordinator = \"mdns, tcp://lab:7300\"\n";
  CHECK(why_not(mdns + keys) == "");
  CHECK(agent_config_test::holds(why_not(mdns), "signet-agent join"));
  CHECK(agent_config_test::holds(why_not(mdns + keys + "encryption = \"off\"\n"), "server_key"));
}

TEST_CASE("a coordinator may be looked for, beside addresses of it", "[agent][config]") {
  CHECK(looks_for_coordinator("mdns"));
  CHECK(looks_for_coordinator("tcp://a:1, mdns"));
  CHECK_FALSE(looks_for_coordinator("tcp://mdns:1"));
  CHECK(fixed_addresses("mdns") == "");
  CHECK(fixed_addresses("tcp://a:1, mdns,tcp://b:2") == "tcp://a:1,tcp://b:2");
  for (const char* text : {"tcp://a:1, tcp://b:2", "mdns", "mdns,tcp://a:1"}) {
    INFO(text);
    CHECK(exit_of({"run", "--coordinator", text, "--version"}).code == ExitCode::Done);
  }
  for (const char* text : {"tcp://a:1,", "tcp://a:1 tcp://b:2", "", "dns", "mdns,"}) {
    INFO(text);
    CHECK(exit_of({"run", "--coordinator", text}).code == ExitCode::Usage);
  }
}

TEST_CASE("signet-agent join takes every option", "[agent][options]") {
  const auto join_of = [](const std::vector<std::string>& words) {
    const auto parsed = parse_agent_options(words);
    REQUIRE(std::holds_alternative<JoinOptions>(parsed));
    return std::get<JoinOptions>(parsed);
  };
  CHECK(join_of({"join", "T"}) == JoinOptions{"T"});
  CHECK(join_of({"join", "-"}).token == "-");
  CHECK(join_of({"join", "T", "--config", "c", "--name", "pi", "--data", "/d", "--no-start",
                 "--timeout-s", "7"}) == JoinOptions{"T", "c", "pi", "/d", false, 7});
  CHECK(exit_of({"join"}).code == ExitCode::Usage);
  CHECK(exit_of({"join", "T", "--name", "my pi"}).code == ExitCode::Usage);
  CHECK(exit_of({"join", "T", "--timeout-s", "0"}).code == ExitCode::Usage);
}

TEST_CASE("signet-agent doctor and bench take every option", "[agent][options]") {
  CHECK(std::get<DoctorOptions>(parse_agent_options({"doctor"})) == DoctorOptions{});
  CHECK(std::get<DoctorOptions>(
            parse_agent_options({"doctor", "--config", "c", "--json", "--timeout-s", "2"})) ==
        DoctorOptions{"c", true, 2});
  CHECK(std::get<BenchOptions>(parse_agent_options({"bench"})) == BenchOptions{});
  CHECK(std::get<BenchOptions>(parse_agent_options({"bench", "--seconds", "3", "--json", "f"})) ==
        BenchOptions{3, "f"});
  CHECK(exit_of({"doctor", "--timeout-s", "0"}).code == ExitCode::Usage);
  CHECK(exit_of({"bench", "--seconds", "never"}).code == ExitCode::Usage);
}

TEST_CASE("parse_shard takes i/n with i below n and nothing else", "[agent][config]") {
  CHECK(parse_shard("") == Shard{0, 1});
  CHECK(parse_shard("0/1") == Shard{0, 1});
  CHECK(parse_shard("3/4") == Shard{3, 4});
  CHECK(parse_shard("99999/100000") == Shard{99999, 100000});
  for (const char* text : {"4/4", "/", "1", "1/", "/4", "-1/4", "1/4/8", " 1/4", "0x1/4", "0/0",
                           "0/100001", "1/99999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_shard(text));
  }
}

TEST_CASE("name_from_host makes a valid name of any host's", "[agent][config]") {
  CHECK(name_from_host("raspberrypi") == "raspberrypi");
  CHECK(name_from_host("my pi!") == "my-pi-");
  CHECK(name_from_host(std::string(200, 'a')) == std::string(64, 'a'));
  CHECK(name_from_host("") == "agent");
}

TEST_CASE("the agent's sample is shipped, valid and all defaults", "[agent][config]") {
  CHECK(test::read_source("agent/deploy/agent.toml") == sample_agent_config());
  const auto config = parse_agent_config(sample_agent_config(), "sample");
  REQUIRE(config);
  CHECK(*config == AgentConfig{});
}

TEST_CASE("the documentation lists the agent's keys as they are", "[agent][config]") {
  CHECK(test::documented("agent") == agent_key_markdown());
}

TEST_CASE("signet-agent run takes every option", "[agent][options]") {
  const auto options = options_of({"run", "--config", "a.toml", "--name", "pi", "--coordinator",
                                   "tcp://h:1", "--data", "/d", "--shard", "1/2", "--log-level",
                                   "error", "--check", "--encryption", "off"});
  CHECK(options == AgentOptions{"a.toml", "pi", "tcp://h:1", "/d", "1/2", "error", true, "off"});
  CHECK(options_of({"run"}) == AgentOptions{});
  CHECK(options_of({"run", "--name=pi"}).name == "pi");
}

TEST_CASE("the agent's help, version and sample end with code 0", "[agent][options]") {
  const auto help = exit_of({"run", "--help"});
  CHECK(help.code == ExitCode::Done);
  for (const char* option : {"--config", "--name", "--coordinator", "--data", "--shard",
                             "--log-level", "--check", "--version"})
    CHECK(agent_config_test::holds(help.text, option));
  CHECK(agent_config_test::holds(exit_of({"--help"}).text, "sample-config"));
  CHECK(exit_of({"--version"}).text.rfind("signet-agent ", 0) == 0);
  CHECK(exit_of({"run", "--version"}).code == ExitCode::Done);
  const auto sample = exit_of({"sample-config"});
  CHECK(sample.code == ExitCode::Done);
  CHECK(sample.text == sample_agent_config());
}

TEST_CASE("a wrong command line of the agent ends with code 2 and names what is wrong",
          "[agent][options]") {
  const auto refuses = [](const std::vector<std::string>& arguments, const std::string& part) {
    const auto exit = exit_of(arguments);
    INFO(exit.text);
    CHECK(exit.code == ExitCode::Usage);
    CHECK(agent_config_test::holds(exit.text, part));
  };
  refuses({}, "signet-agent: a command is needed, one of: run, join, doctor, bench, sample-config");
  refuses({"walk"}, "unknown command 'walk'; allowed: run, join, doctor, bench, sample-config\n");
  refuses(
      {"rnu"},
      "unknown command 'rnu'; allowed: run, join, doctor, bench, sample-config; did you mean run?");
  refuses({"run", "--shrd", "0/2"}, "--shrd");
  refuses({"run", "--name"}, "--name");
  refuses({"run", "--name", "a", "--name", "b"}, "--name");
  refuses({"run", "--name", "a b"}, "signet-agent: --name: is 'a b'; allowed: ");
  refuses({"run", "--shard", "2/2"}, "--shard: is '2/2'; allowed: ");
  refuses({"run", "--coordinator", "host:1"}, "--coordinator: is 'host:1'; allowed: ");
  refuses({"run", "--log-level", "loud"}, "--log-level: is 'loud'; allowed: debug, ");
  refuses({"run", "sample-config"}, "sample-config");
  refuses({"run", "--name", "a b", "--shard", "x"}, "--shard: is 'x'");
}

TEST_CASE("the agent's command line goes before its file and the file before the defaults",
          "[agent][options]") {
  AgentConfig file;
  file.name = "from-file";
  file.data_path = "/file";
  file.log_level = "debug";
  AgentOptions options;
  options.data_path = "/line";
  options.shard = "0/2";
  const auto merged = merge_agent_config(file, options);
  REQUIRE(merged);
  CHECK(*merged == AgentConfig{"from-file", "tcp://127.0.0.1:7300", "/line", "0/2", "debug"});
}

TEST_CASE("an agent without a data path, or with a wrong option, is refused", "[agent][options]") {
  const auto missing = merge_agent_config({}, {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::Missing);
  CHECK(agent_config_test::holds(missing.error().message, "--data DIR"));
  AgentOptions options;
  options.shard = "9/3";
  const auto wrong = merge_agent_config({}, options);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == ErrorKind::Malformed);
  CHECK(wrong.error().message.rfind("--shard: is '9/3'", 0) == 0);
}

}  // namespace signet
