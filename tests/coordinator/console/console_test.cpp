#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "coordinator/console/progress.hpp"
#include "coordinator/console/report.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace console_test {

FinalReport sample_report() {
  FinalReport report;
  report.summary.why = "20 rounds done";
  report.summary.next_round = RoundId{20};
  report.summary.digest = 0xabc;
  report.summary.elapsed_s = 4;
  report.summary.agents = report.summary.confirmed = 2;
  report.summary.bytes_sent_sum = 2000;
  report.summary.bytes_received_sum = 3000;
  report.seed = 7;
  report.dimension = 1000;
  report.rounds = 20;
  report.rounds_here = 10;
  report.seconds_here = 2;
  report.test_accuracy = 0.875;
  report.model_path = "m.safetensors";
  return report;
}

TEST_CASE("bytes and times are written for people", "[coordinator][console]") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(999) == "999 B");
  CHECK(human_bytes(1500) == "1.5 kB");
  CHECK(human_bytes(999'960) == "1.0 MB");
  CHECK(human_bytes(2.5e13) == "25.0 TB");
  CHECK(human_bytes(2.5e18) == "2500000.0 TB");
  CHECK(human_time(0) == "0:00");
  CHECK(human_time(59.6) == "1:00");
  CHECK(human_time(3723) == "1:02:03");
}

TEST_CASE("the progress line tells round, accuracy, loss, rate, agents, bytes and time left",
          "[coordinator][console]") {
  ProgressFigures figures;
  figures.report = {RoundId{411}, 705, 3.1e-4F, 0.3125, 0.5, 3, 0, 0, 4, 12.0};
  figures.test_accuracy = 0.8712;
  figures.agents_wanted = 4;
  figures.traffic.emplace();
  figures.traffic->sent = 30'000'000;
  figures.traffic->received = 29'300'000;
  CHECK(progress_line(figures, 41.0) ==
        "round 412/705  acc 87.1 %  loss 0.312  rate 3.1e-04  agents 3/4  up 29.3 MB  "
        "down 30.0 MB  left 0:41");
  figures.test_accuracy.reset();
  figures.report.train_loss = std::numeric_limits<double>::quiet_NaN();
  const std::string unknown = progress_line(figures, std::nullopt);
  CHECK(unknown.find("acc -  loss -") != std::string::npos);
  CHECK(unknown.find("left ?") != std::string::npos);
}

TEST_CASE("a report names a file whose name is no UTF-8", "[coordinator][console]") {
  FinalReport report = sample_report();
  report.model_path = "m\xe9.safetensors";
  CHECK(nlohmann::json::parse(report_json(report))["model"] == "m\xef\xbf\xbd.safetensors");
}

TEST_CASE("the report has the figures that were measured", "[coordinator][console]") {
  FinalReport report = sample_report();
  report.memory_peak_bytes = 5'000'000;
  report.closing_seconds = 0.25;
  CHECK(report.rounds_per_second() == Approx(5));
  CHECK(*report.bytes_up_per_agent() == Approx(1000));
  CHECK(*report.bytes_down_per_agent() == Approx(1500));
  CHECK(report.float32_bytes_per_agent() == Approx(10 * 1000 * 4 * 2));
  const auto json = nlohmann::json::parse(report_json(report));
  CHECK(json["test_accuracy"] == 0.875);
  CHECK(json["test_loss"].is_null());
  CHECK(json["rounds"] == 20);
  CHECK(json["seconds"] == 4);
  CHECK(json["rounds_per_second"] == 5);
  CHECK(json["bytes_up_per_agent"] == 1000);
  CHECK(json["bytes_down_per_agent"] == 1500);
  CHECK(json["float32_bytes_per_agent"] == 80'000);
  CHECK(json["memory_peak_bytes"] == 5'000'000);
  CHECK(json["closing_seconds"] == 0.25);
  CHECK(json["replicas_equal"] == true);
  CHECK(json["digest"] == "0000000000000abc");
  CHECK(json["seed"] == 7);
  const std::string table = report_table(report);
  CHECK(table.find("87.50 %") != std::string::npos);
  CHECK(table.find("40.0 times as much") != std::string::npos);
  CHECK(table.find("all replicas equal           yes") != std::string::npos);
}

TEST_CASE("what is not known is null, and equality is not claimed without proof",
          "[coordinator][console]") {
  FinalReport report = sample_report();
  report.summary.confirmed = 1;
  CHECK_FALSE(report.replicas_equal());
  CHECK(report_table(report).find("not shown (1 of 2 agents") != std::string::npos);
  report.summary.different = 1;
  CHECK_FALSE(report.replicas_equal());
  CHECK(report_table(report).find("NO (1 of 2 agents") != std::string::npos);
  report.summary.agents = report.summary.confirmed = report.summary.different = 0;
  CHECK_FALSE(report.replicas_equal());
  const auto json = nlohmann::json::parse(report_json(report));
  CHECK(json["bytes_up_per_agent"].is_null());
  CHECK(json["closing_seconds"].is_null());
  CHECK(json["replicas_equal"] == false);
}

}  // namespace console_test
}  // namespace signet
