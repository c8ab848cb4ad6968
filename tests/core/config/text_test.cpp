#include "core/config/text.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/config/document.hpp"
#include "tests/support/catch.hpp"

namespace signet::config {

namespace text_test {

Value read_back(const std::string& toml) {
  const auto document = parse_document("x = " + toml + "\n", "test.toml");
  INFO(toml);
  REQUIRE(document);
  return document->at(0).value;
}

double number_read_back(double value) {
  const auto back = read_back(toml_number(value));
  if (const auto* integer = std::get_if<std::int64_t>(&back.data))
    return static_cast<double>(*integer);
  return std::get<double>(back.data);
}

}  // namespace text_test

TEST_CASE("toml_number reads back to equal bits", "[core][config]") {
  std::vector<double> numbers = {0.0,
                                 -0.0,
                                 1.0,
                                 -3.0,
                                 0.1,
                                 0.9,
                                 1e-12,
                                 1e15,
                                 1e16,
                                 1e18,
                                 1e22,
                                 1e-300,
                                 5e-324,
                                 1.0 / 3.0,
                                 2e9,
                                 9e307,
                                 9.2e18,
                                 1e+19,
                                 123456789012345680000.0};
  numbers.push_back(std::numeric_limits<double>::max());
  Rng rng(11);
  for (int i = 0; i < 2000; ++i) {
    const auto number = std::bit_cast<double>(rng.next());
    if (std::isfinite(number)) numbers.push_back(number);
  }
  for (const double number : numbers) {
    INFO(toml_number(number));
    REQUIRE(std::bit_cast<std::uint64_t>(text_test::number_read_back(number)) ==
            std::bit_cast<std::uint64_t>(number));
  }
}

TEST_CASE("toml_number is short", "[core][config]") {
  CHECK(toml_number(2.0) == "2");
  CHECK(toml_number(0.9) == "0.9");
  CHECK(toml_number(0.0003) == "0.0003");
  CHECK(toml_number(1e9) == "1000000000");
  CHECK(toml_number(1e-12) == "1e-12");
  CHECK(toml_number(1e18) == "1e+18");
}

TEST_CASE("toml_text reads back to equal bytes", "[core][config]") {
  std::string controls;
  for (char c = 1; c < 0x20; ++c) controls += c;
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("a\"b\\c"), controls, std::string("\x7f"),
        std::string("Größe µ 漢字"), std::string("null\0inside", 11)}) {
    const auto back = text_test::read_back(toml_text(text));
    CHECK(std::get<std::string>(back.data) == text);
  }
}

TEST_CASE("printable cuts long text between characters and hides control bytes", "[core][config]") {
  CHECK(printable("one\ntwo\x1b[2J") == "one?two?[2J");
  CHECK(printable("\xc2\x9b"
                  "2J \xc3\xa9") == "??2J \xc3\xa9");
  std::string text;
  for (int i = 0; i < 60; ++i) text += "µ";
  text.insert(0, "x");
  const auto cut = printable(text);
  CHECK(cut.size() == 99 + 3);  // the 100th byte would split a character
  CHECK(cut.ends_with("µ..."));
  CHECK(quoted("a") == "'a'");
}

TEST_CASE("append_comment wraps at 100 columns and loses no word", "[core][config]") {
  std::string text;
  for (int i = 0; i < 60; ++i) text += (i == 0 ? "" : " ") + std::to_string(i * 1000);
  std::string out;
  append_comment(out, text);
  std::string joined;
  std::size_t start = 0;
  while (start < out.size()) {
    const auto end = out.find('\n', start);
    const auto line = out.substr(start, end - start);
    CHECK(line.size() <= 100);
    CHECK(line.starts_with("# "));
    joined += (joined.empty() ? "" : " ") + line.substr(2);
    start = end + 1;
  }
  CHECK(joined == text);
}

}  // namespace signet::config
