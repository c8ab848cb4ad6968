#include "coordinator/config.hpp"

#include <string>

#include "coordinator/announcement.hpp"
#include "coordinator/options.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace coordinator_config_test {

CoordinatorOptions options_of(const std::vector<std::string>& arguments) {
  auto parsed = parse_coordinator_options(arguments);
  if (const auto* exit = std::get_if<ExitNow>(&parsed)) FAIL(exit->text);
  return std::get<CoordinatorOptions>(parsed);
}

ExitNow exit_of(const std::vector<std::string>& arguments) {
  const auto parsed = parse_coordinator_options(arguments);
  REQUIRE(std::holds_alternative<ExitNow>(parsed));
  const auto& exit = std::get<ExitNow>(parsed);
  CHECK(exit.text.ends_with('\n'));
  return exit;
}

void check_refused(const std::vector<std::string>& arguments, const std::string& part) {
  const auto exit = exit_of(arguments);
  INFO(exit.text);
  CHECK(exit.code == ExitCode::Usage);
  CHECK(exit.text.find(part) != std::string::npos);
}

Job named_job(const std::string& name) {
  Job job;
  job.name = name;
  return job;
}

}  // namespace coordinator_config_test

using coordinator_config_test::check_refused;
using coordinator_config_test::exit_of;
using coordinator_config_test::named_job;
using coordinator_config_test::options_of;

TEST_CASE("every key of the coordinator's configuration reaches its field",
          "[coordinator][config]") {
  const auto config = parse_coordinator_config(
      "listen = \"tcp://*:0\"\nlisten_updates = \"tcp://*:7\"\nstate = \"s\"\n"
      "export = \"m.safetensors\"\ncontrol = \"c\"\nencryption = \"on\"\n"
      "listen_enrolment = \"tcp://*:8\"\nfleet = \"f\"\n[data]\npath = \"/d\"\n[log]\nlevel = "
      "\"debug\"\n",
      "c.toml");
  REQUIRE(config);
  CHECK(*config == CoordinatorConfig{"tcp://*:0", "tcp://*:7", "s", "m.safetensors", "c", "/d",
                                     "debug", config::EncryptionMode::On, "tcp://*:8", "f"});
  const auto empty = parse_coordinator_config("", "c.toml");
  REQUIRE(empty);
  CHECK(*empty == CoordinatorConfig{});
}

TEST_CASE("a coordinator encrypts wherever others than its own machine can connect",
          "[coordinator][config]") {
  const auto encrypted = [](const std::string& listen, const std::string& updates = "",
                            config::EncryptionMode mode = config::EncryptionMode::Auto) {
    CoordinatorConfig config;
    config.listen = listen;
    config.listen_updates = updates;
    config.encryption = mode;
    return encrypts(config);
  };
  for (const char* own :
       {"tcp://127.0.0.1:7300", "tcp://127.1.2.3:0", "tcp://localhost:1", "tcp://[::1]:7300"}) {
    CHECK_FALSE(encrypted(own));
    CHECK(encrypted(own, "", config::EncryptionMode::On));
    CHECK(encrypted(own, "tcp://0.0.0.0:7301"));
  }
  for (const char* open :
       {"tcp://0.0.0.0:7300", "tcp://*:7300", "tcp://[::]:7300", "tcp://192.168.1.10:7300",
        "tcp://eth0:7300", "tcp://127.example:7300", "tcp://localhost.example:7300"}) {
    CHECK(encrypted(open));
    CHECK_FALSE(encrypted(open, "", config::EncryptionMode::Off));
  }
}

TEST_CASE("the fleet file lies beside the state file and its key beside it",
          "[coordinator][config]") {
  CoordinatorConfig config;
  CHECK(fleet_path(config, named_job("job")) == "signet.fleet");
  config.state = "/var/lib/signet/run.signet";
  CHECK(fleet_path(config, named_job("job")) == "/var/lib/signet/signet.fleet");
  config.fleet = "elsewhere";
  CHECK(fleet_path(config, named_job("job")) == "elsewhere");
  CHECK(fleet_key_path("elsewhere") == "elsewhere.key");
}

TEST_CASE("a wrong coordinator configuration says all that is wrong", "[coordinator][config]") {
  const auto config = parse_coordinator_config(
      "listen = \"7300\"\nlisten_update = \"\"\nexport = \"model.onnx\"\n", "c.toml");
  REQUIRE_FALSE(config);
  CHECK(config.error().kind == ErrorKind::Malformed);
  CHECK(
      config.error().message ==
      "c.toml:1: listen: is '7300'; allowed: tcp://HOST:PORT, such as tcp://0.0.0.0:7300\n"
      "c.toml:2: listen_update: unknown key; did you mean listen_updates?\n"
      "c.toml:3: export: is 'model.onnx'; allowed: \"\" or a path of at most 4000 bytes that ends "
      "in .safetensors");
}

TEST_CASE("state and export are called after the job unless configured", "[coordinator][config]") {
  CoordinatorConfig config;
  CHECK(state_path(config, named_job("digits")) == "digits.signet");
  CHECK(export_path(config, named_job("digits")) == "digits.safetensors");
  config.state = "/var/lib/run.db";
  CHECK(state_path(config, named_job("digits")) == "/var/lib/run.db");
  CHECK(export_path(config, named_job("digits")) == "/var/lib/run.db.safetensors");
  config.state = "/var/lib/run.signet";
  CHECK(export_path(config, named_job("digits")) == "/var/lib/run.safetensors");
  config.export_path = "m.safetensors";
  CHECK(export_path(config, named_job("digits")) == "m.safetensors");
}

TEST_CASE("the control socket lies beside the state file unless configured",
          "[coordinator][config]") {
  CoordinatorConfig config;
  CHECK(control_path(config, named_job("digits")) == "digits.signet.control");
  config.state = "/var/lib/run.db";
  CHECK(control_path(config, named_job("digits")) == "/var/lib/run.db.control");
  config.control = "/run/questions";
  CHECK(control_path(config, named_job("digits")) == "/run/questions");
}

TEST_CASE("the coordinator's sample is shipped, valid and all defaults", "[coordinator][config]") {
  CHECK(test::read_source("coordinator/deploy/coordinator.toml") == sample_coordinator_config());
  const auto config = parse_coordinator_config(sample_coordinator_config(), "sample");
  REQUIRE(config);
  CHECK(*config == CoordinatorConfig{});
}

TEST_CASE("the documentation lists the coordinator's keys as they are", "[coordinator][config]") {
  CHECK(test::documented("coordinator") == coordinator_key_markdown());
}

TEST_CASE("signet-coordinator run takes every option", "[coordinator][options]") {
  const auto options = options_of(
      {"run",          "job.toml", "--config",   "c.toml",   "--listen", "tcp://*:1",     "--state",
       "s.signet",     "--data",   "/d",         "--agents", "3",        "--seed",        "010",
       "--rounds",     "12",       "--json",     "out.json", "--export", "m.safetensors", "--fresh",
       "--log-level",  "error",    "--progress", "line",     "--check",  "--control",     "c",
       "--encryption", "on",       "--fleet",    "f"});
  CoordinatorOptions expected;
  expected.job_file = "job.toml";
  expected.config_file = "c.toml";
  expected.listen = "tcp://*:1";
  expected.state = "s.signet";
  expected.control = "c";
  expected.data_path = "/d";
  expected.export_path = "m.safetensors";
  expected.log_level = "error";
  expected.overrides = {3, 10, 12};  // 010 is ten, not eight
  expected.json_file = "out.json";
  expected.fresh = true;
  expected.progress = Progress::Line;
  expected.check = true;
  expected.encryption = "on";
  expected.fleet = "f";
  CHECK(options == expected);

  CoordinatorOptions plain;
  plain.job_file = "job.toml";
  CHECK(options_of({"run", "job.toml"}) == plain);
  CHECK(options_of({"run", "--fresh", "job.toml"}).job_file == "job.toml");
  CHECK(options_of({"run", "j", "--seed", "9223372036854775807"}).overrides.seed ==
        9223372036854775807);
  CHECK(options_of({"run", "j", "--progress", "none"}).progress == Progress::None);
  CHECK(options_of({"run", "j", "--progress", "log"}).progress == Progress::Log);
}

TEST_CASE("the coordinator's help, version and samples end with code 0", "[coordinator][options]") {
  const auto help = exit_of({"run", "--help"});
  CHECK(help.code == ExitCode::Done);
  for (const char* option :
       {"JOB", "--config", "--listen", "--state", "--data", "--agents", "--seed", "--rounds",
        "--json", "--export", "--control", "--fresh", "--log-level", "--progress", "--check"})
    CHECK(help.text.find(option) != std::string::npos);
  CHECK(exit_of({"--version"}).text.rfind("signet-coordinator ", 0) == 0);
  CHECK(exit_of({"--version"}).code == ExitCode::Done);
  CHECK(exit_of({"sample-job"}).code == ExitCode::Done);
  CHECK(exit_of({"sample-job"}).text == sample_job());
  CHECK(exit_of({"sample-config"}).text == sample_coordinator_config());
}

TEST_CASE("an announcement names port and key, which XML must not misread",
          "[coordinator][announcement]") {
  CoordinatorConfig config;
  config.listen = "tcp://0.0.0.0:7310";
  const auto text = announcement(config, "a<b>&c");
  REQUIRE(text);
  CHECK(text->find("<type>_signet._tcp</type>") != std::string::npos);
  CHECK(text->find("<port>7310</port>") != std::string::npos);
  CHECK(text->find("<txt-record>key=a&lt;b&gt;&amp;c</txt-record>") != std::string::npos);
  config.listen = "tcp://127.0.0.1:7310";
  REQUIRE_FALSE(announcement(config, "k"));
  CHECK(announcement(config, "k").error().message.find("this machine alone") != std::string::npos);
  config.listen = "tcp://0.0.0.0:0";
  REQUIRE_FALSE(announcement(config, "k"));
  CHECK(announcement(config, "k").error().message.find("port 0") != std::string::npos);
}

TEST_CASE("signet-coordinator announce takes every option", "[coordinator][options]") {
  AnnounceOptions expected;
  CHECK(std::get<AnnounceOptions>(parse_coordinator_options({"announce"})) == expected);
  expected.machine.config_file = "c.toml";
  expected.machine.listen = "tcp://*:1";
  expected.machine.fleet = "f";
  CHECK(std::get<AnnounceOptions>(parse_coordinator_options(
            {"announce", "--config", "c.toml", "--listen", "tcp://*:1", "--fleet", "f"})) ==
        expected);
  check_refused({"announce", "--listen", "7300"}, "--listen: is '7300'");
}

TEST_CASE("a wrong command line of the coordinator ends with code 2 and names what is wrong",
          "[coordinator][options]") {
  check_refused({}, "signet-coordinator: a command is needed, one of: run, announce, sample-job, ");
  check_refused({"sample-jbo"}, "unknown command 'sample-jbo'; ");
  check_refused({"sample-jbo"}, "did you mean sample-job?");
  check_refused({"run"}, "job");
  check_refused({"run", "a.toml", "b.toml"}, "b.toml");
  check_refused({"run", "j", "--sede", "1"}, "--sede");
  check_refused({"run", "j", "--agents"}, "--agents");
  check_refused({"run", "j", "--agents", "x"}, "--agents: is 'x'; expected an integer");
  check_refused({"run", "j", "--agents", "3.5"}, "--agents: is '3.5'; expected an integer");
  check_refused({"run", "j", "--agents", "0"}, "--agents: is 0; allowed: 1 to 65535 agents");
  check_refused({"run", "j", "--seed", "-1"}, "--seed: is -1; allowed: 0 to 9223372036854775807");
  check_refused({"run", "j", "--seed", "9223372036854775808"}, "--seed: is '9223372036854775808'");
  check_refused({"run", "j", "--rounds", "0"},
                "--rounds: is 0; allowed: 1 to 1000000000000 rounds");
  check_refused({"run", "j", "--progress", "lien"},
                "--progress: is 'lien'; allowed: auto, line, log, none; did you mean line?");
  check_refused({"run", "j", "--listen", "7300"}, "--listen: is '7300'; allowed: tcp://HOST:PORT");
  check_refused({"run", "j", "--export", "m.onnx"}, "--export: is 'm.onnx'; allowed: ");
  check_refused({"run", "j", "--log-level", "loud"}, "--log-level: is 'loud'; allowed: debug, ");
}

TEST_CASE("the coordinator's command line goes before its file and the file before the defaults",
          "[coordinator][options]") {
  CoordinatorConfig file;
  file.state = "file.signet";
  file.log_level = "debug";
  file.listen = "tcp://*:1";
  CoordinatorOptions options;
  options.listen = "tcp://*:2";
  options.data_path = "/line";
  const auto merged = merge_coordinator_config(file, options);
  REQUIRE(merged);
  CHECK(*merged == CoordinatorConfig{"tcp://*:2", "", "file.signet", "", "", "/line", "debug"});
  const auto untouched = merge_coordinator_config(file, {});
  REQUIRE(untouched);
  CHECK(*untouched == file);
}

TEST_CASE("addresses that cannot go together are refused", "[coordinator][options]") {
  CoordinatorConfig file;
  file.listen_updates = file.listen;
  const auto same = merge_coordinator_config(file, {});
  REQUIRE_FALSE(same);
  CHECK(same.error().kind == ErrorKind::Mismatch);
  CHECK(same.error().message ==
        "listen_updates: is tcp://127.0.0.1:7300, the same as listen; choose another port");
  for (const char* listen : {"tcp://127.0.0.1:7300", "tcp://0.0.0.0:7300"}) {
    CoordinatorConfig apart;
    apart.listen = listen;
    apart.listen_enrolment = "tcp://192.0.2.1:7302";
    const auto elsewhere = merge_coordinator_config(apart, {});
    REQUIRE_FALSE(elsewhere);
    CHECK(test::words_missing(elsewhere.error().message,
                              {"listen_enrolment: has the host 192.0.2.1", "use that one, or *"}) ==
          "");
    for (const char* fits : {"tcp://*:7302", "tcp://0.0.0.0:7302", "tcp://[::]:7302"}) {
      apart.listen_enrolment = fits;
      CHECK(merge_coordinator_config(apart, {}));
    }
  }
  CoordinatorOptions options;
  options.listen = "tcp://*:65535";
  const auto last = merge_coordinator_config({}, options);
  REQUIRE_FALSE(last);
  CHECK(last.error().message.rfind("listen: is port 65535", 0) == 0);
  options.listen = "tcp//:1";
  const auto wrong = merge_coordinator_config({}, options);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == ErrorKind::Malformed);
}

}  // namespace signet
