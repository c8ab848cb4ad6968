#include "core/config/key_table.hpp"

#include <optional>
#include <string>
#include <vector>

#include "core/config/rules.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/support/catch.hpp"

namespace signet::config {

namespace key_table_test {

enum class Colour { Red, Green };

struct Pot {
  std::string owner;
  std::size_t plants = 3;
  double fill = 0.5;
  Duration pause = std::chrono::milliseconds(1500);
  Colour colour = Colour::Red;
  std::vector<std::string> herbs;
  std::optional<std::uint64_t> limit;

  bool operator==(const Pot&) const = default;
};

const KeyTable<Pot>& pot_keys() {
  static const KeyTable<Pot> keys = [] {
    KeyTable<Pot> table("A pot.", "`pot --help` shows every key",
                        {{"", ""}, {"soil", "What is in it."}});
    table
        .text(
            {"owner", "Whose it is.", "\"ann\""}, name_rule(),
            [](auto& pot) -> auto& { return pot.owner; })
        .required = true;
    table.integer(
        {"soil.plants", "How many."}, {1, 9, "plants"},
        [](auto& pot) -> auto& { return pot.plants; });
    table.number(
        {"soil.fill", "How full."}, {0, 1, "", true, true},
        [](auto& pot) -> auto& { return pot.fill; });
    table
        .number(
            {"soil.pause_s", "How long it rests."}, {0, 60, "s"},
            [](auto& pot) -> auto& { return pot.pause; })
        .may_change = true;
    table.word<Colour>(
        {"soil.colour", "Its colour."}, {{"red", Colour::Red}, {"green", Colour::Green}},
        [](auto& pot) -> auto& { return pot.colour; });
    table.texts(
        {"soil.herbs", "What grows.", "[\"thyme\"]"}, {"a word", nullptr},
        [](auto& pot) -> auto& { return pot.herbs; });
    table.integer(
        {"soil.limit", "Most leaves.", "7"}, {1, 100, "leaves"},
        [](auto& pot) -> auto& { return pot.limit; });
    return table;
  }();
  return keys;
}

std::string message_of(const std::string& text) {
  const auto pot = pot_keys().parse(text, "pot.toml");
  REQUIRE_FALSE(pot);
  CHECK(pot.error().kind == ErrorKind::Malformed);
  return pot.error().message;
}

/// What is wrong with one line in [soil], which is line 3 of the file.
std::string soil_message(const std::string& line) {
  return message_of("owner = \"ann\"\n[soil]\n" + line + "\n");
}

}  // namespace key_table_test

using key_table_test::message_of;
using key_table_test::Pot;
using key_table_test::pot_keys;
using key_table_test::soil_message;

TEST_CASE("a file sets the keys it has and leaves the others at their default", "[core][config]") {
  const auto pot = pot_keys().parse(
      "owner = \"bob\"\n[soil]\nplants = 4\npause_s = 2\ncolour = \"green\"\nherbs = [\"mint\"]\n"
      "limit = 9\n",
      "pot.toml");
  REQUIRE(pot);
  CHECK(pot->owner == "bob");
  CHECK(pot->plants == 4);
  CHECK(pot->fill == 0.5);
  CHECK(pot->pause == std::chrono::seconds(2));
  CHECK(pot->colour == key_table_test::Colour::Green);
  CHECK(pot->herbs == std::vector<std::string>{"mint"});
  CHECK(pot->limit == 9U);
}

TEST_CASE("an unknown key is refused and the nearest known one is named", "[core][config]") {
  CHECK(soil_message("palnts = 2") ==
        "pot.toml:3: soil.palnts: unknown key; did you mean soil.plants?");
  CHECK(message_of("owner = \"ann\"\ncolour = \"red\"\n") ==
        "pot.toml:2: colour: unknown key; did you mean soil.colour?");
  CHECK(soil_message("fertiliser = 2") ==
        "pot.toml:3: soil.fertiliser: unknown key; `pot --help` shows every key");
}

TEST_CASE("an unknown table is refused once, or key by key where the keys resemble ours",
          "[core][config]") {
  CHECK(message_of("owner = \"ann\"\n[siol]\nplants = 2\nfill = 3\n") ==
        "pot.toml:2: siol: unknown table; did you mean [soil]?");
  CHECK(message_of("owner = \"ann\"\n[garden]\nplants = 2\n") ==
        "pot.toml:3: garden.plants: unknown key; did you mean soil.plants?");
  CHECK(message_of("owner = \"ann\"\n[garden]\n") ==
        "pot.toml:2: garden: unknown table; `pot --help` shows every key");
  CHECK(message_of("owner = \"ann\"\nsoil = 3\n") ==
        "pot.toml:2: soil: is an integer; expected a table [soil]");
}

TEST_CASE("a value of a wrong type says what it is and what was expected", "[core][config]") {
  CHECK(soil_message("plants = \"2\"") ==
        "pot.toml:3: soil.plants: is a string; expected an integer");
  CHECK(soil_message("plants = 2.0") == "pot.toml:3: soil.plants: is a float; expected an integer");
  CHECK(soil_message("fill = true") == "pot.toml:3: soil.fill: is a boolean; expected a number");
  CHECK(soil_message("herbs = \"mint\"") ==
        "pot.toml:3: soil.herbs: is a string; expected a list of strings");
  CHECK(soil_message("herbs = [\"mint\", 3]") ==
        "pot.toml:3: soil.herbs[1]: is an integer; expected a string");
  CHECK(soil_message("colour = 1") ==
        "pot.toml:3: soil.colour: is an integer; expected a string, one of: red, green");
  CHECK(soil_message("plants = 1979-05-27") ==
        "pot.toml:3: soil.plants: is a date or time; expected an integer");
  CHECK(message_of("owner = []\n") == "pot.toml:1: owner: is a list; expected a string");
}

TEST_CASE("a number out of bounds says its value, the bounds and the unit", "[core][config]") {
  CHECK(soil_message("plants = 0") == "pot.toml:3: soil.plants: is 0; allowed: 1 to 9 plants");
  CHECK(soil_message("plants = -9223372036854775808") ==
        "pot.toml:3: soil.plants: is -9223372036854775808; allowed: 1 to 9 plants");
  CHECK(soil_message("pause_s = 60.5") == "pot.toml:3: soil.pause_s: is 60.5; allowed: 0 to 60 s");
}

TEST_CASE("open ends of a range are refused and closed ones are not", "[core][config]") {
  CHECK(soil_message("fill = 0") == "pot.toml:3: soil.fill: is 0; allowed: above 0 to below 1");
  CHECK(soil_message("fill = 1.0") == "pot.toml:3: soil.fill: is 1; allowed: above 0 to below 1");
  CHECK(pot_keys().parse("owner = \"a\"\n[soil]\npause_s = 0\n", "x"));
  CHECK(pot_keys().parse("owner = \"a\"\n[soil]\npause_s = 60\n", "x"));
}

TEST_CASE("numbers that are not finite are errors", "[core][config]") {
  for (const char* number : {"nan", "-nan", "inf", "-inf", "+inf"})
    CHECK(soil_message("fill = " + std::string(number)) ==
          "pot.toml:3: soil.fill: is not a finite number; allowed: above 0 to below 1");
}

TEST_CASE("an unknown word says which are allowed and which was meant", "[core][config]") {
  CHECK(soil_message("colour = \"gren\"") ==
        "pot.toml:3: soil.colour: is 'gren'; allowed: red, green; did you mean green?");
  CHECK(soil_message("colour = \"ultraviolet\"") ==
        "pot.toml:3: soil.colour: is 'ultraviolet'; allowed: red, green");
}

TEST_CASE("a text that breaks its rule, or holds a control character, is refused",
          "[core][config]") {
  CHECK(message_of("owner = \"ann & bob\"\n") ==
        "pot.toml:1: owner: is 'ann & bob'; allowed: 1 to 64 characters of A-Z a-z 0-9 . _ -");
  CHECK(soil_message("herbs = [\"a\\u0000b\"]") ==
        "pot.toml:3: soil.herbs[0]: is 'a?b' with a control character; allowed: a word");
  CHECK(soil_message("herbs = [\"mint\", \"mint\"]") ==
        "pot.toml:3: soil.herbs: names 'mint' twice");
}

TEST_CASE("a missing required key is named with an example", "[core][config]") {
  CHECK(message_of("") == "pot.toml: owner: is missing; example: \"ann\"");
  CHECK(message_of("ownr = \"ann\"\n") ==
        "pot.toml:1: ownr: unknown key; did you mean owner?");  // and not that it is missing
}

TEST_CASE("everything that is wrong is reported, in the order of the file", "[core][config]") {
  CHECK(message_of("[soil]\n"
                   "colour = \"blue\"\n"
                   "plants = 10\n"
                   "wet = true\n"
                   "fill = nan\n") ==
        "pot.toml:2: soil.colour: is 'blue'; allowed: red, green\n"
        "pot.toml:3: soil.plants: is 10; allowed: 1 to 9 plants\n"
        "pot.toml:4: soil.wet: unknown key; `pot --help` shows every key\n"
        "pot.toml:5: soil.fill: is not a finite number; allowed: above 0 to below 1\n"
        "pot.toml: owner: is missing; example: \"ann\"");
}

TEST_CASE("strange key names cannot forge a line of the report", "[core][config]") {
  CHECK(test::lines_count(message_of("owner = \"ann\"\n\"a\\nb\\u001b\" = 1\n")) == 1);
  CHECK(test::lines_count(message_of("owner = \"a\\nb\"\n")) == 1);
}

TEST_CASE("the canonical text reads back to an equal struct", "[core][config]") {
  Pot pot;
  pot.owner = "ann";
  for (const bool limited : {false, true}) {
    pot.fill = 1.0 / 3.0;
    pot.pause = Duration(1234567);
    pot.herbs = {"a \"quoted\" one", "two"};
    pot.limit = limited ? std::optional<std::uint64_t>(50) : std::nullopt;
    const auto back = pot_keys().parse(pot_keys().canonical(pot), "x");
    REQUIRE(back);
    CHECK(*back == pot);
  }
}

TEST_CASE("the sample holds every key, with unset ones commented out", "[core][config]") {
  Pot pot;
  pot.owner = "ann";
  const auto text = pot_keys().sample(pot);
  CHECK(text ==
        "# A pot.\n"
        "\n# Whose it is.\n"
        "# Text, 1 to 64 characters of A-Z a-z 0-9 . _ -; required. Example: \"ann\"\n"
        "owner = \"ann\"\n"
        "\n# What is in it.\n[soil]\n"
        "\n# How many.\n# Integer, 1 to 9 plants; default 3.\nplants = 3\n"
        "\n# How full.\n# Number, above 0 to below 1; default 0.5.\nfill = 0.5\n"
        "\n# How long it rests.\n# Number, 0 to 60 s; default 1.5.\npause_s = 1.5\n"
        "\n# Its colour.\n# One of red, green; default \"red\".\ncolour = \"red\"\n"
        "\n# What grows.\n# List of texts, a word; default []. Example: [\"thyme\"]\nherbs = []\n"
        "\n# Most leaves.\n# Integer, 1 to 100 leaves; not set by default.\n# limit = 7\n");
  const auto back = pot_keys().parse(text, "sample.toml");
  REQUIRE(back);
  CHECK(*back == pot);
}

TEST_CASE("changed names the keys that differ but for those that may", "[core][config]") {
  Pot before, after;
  CHECK(pot_keys().changed(before, after).empty());
  after.pause = Duration(1);
  CHECK(pot_keys().changed(before, after).empty());
  after.limit = 5;
  after.herbs = {"mint"};
  CHECK(pot_keys().changed(before, after) == std::vector<std::string>{"soil.herbs", "soil.limit"});
}

TEST_CASE("a key set from the command line obeys the file's bounds", "[core][config]") {
  Pot pot;
  CHECK(pot_keys().set(pot, "soil.plants", Value{std::int64_t{5}}, "--plants"));
  CHECK(pot.plants == 5);
  const auto refused = pot_keys().set(pot, "soil.plants", Value{std::int64_t{10}}, "--plants");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "--plants: is 10; allowed: 1 to 9 plants");
  CHECK(pot.plants == 5);
}

}  // namespace signet::config
