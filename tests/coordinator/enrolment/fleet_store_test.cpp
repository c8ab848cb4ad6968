#include "coordinator/store/fleet_store.hpp"

#include <sys/stat.h>

#include "coordinator/store/store.hpp"
#include "core/platform/files.hpp"
#include "tests/coordinator/enrolment/some_fleet.hpp"
#include "tests/core/platform/temporary_folder.hpp"

namespace signet {
namespace fleet_store_test {

using namespace test;

std::unique_ptr<FleetStore> opened(const std::string& path) {
  auto store = FleetStore::open(path);
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

FleetToken token(char secret, std::uint64_t number, const std::string& name = "") {
  return {hash_secret(secret_of(secret)), number, name, ""};
}

TEST_CASE("a fleet file gives back what was saved, after it was closed",
          "[coordinator][enrolment]") {
  const TemporaryFolder folder;
  const std::string path = folder / "signet.fleet";
  {
    const auto store = opened(path);
    for (const FleetChange& change : std::initializer_list<FleetChange>{
             TokenMade{token('a', 1)}, TokenMade{token('b', 2, "bob")}, TokenMade{token('c', 3)},
             TokenMade{token('d', 4)}, TokenDropped{hash_secret(secret_of('c'))},
             BoardEnrolled{key_of("ada"), "ada", hash_secret(secret_of('a'))},
             BoardEnrolled{key_of("bob"), "bob", hash_secret(secret_of('b'))},
             BoardRevoked{key_of("bob")}, BoardRenamed{key_of("ada"), "cid"}})
      REQUIRE(store->save(change));
  }
  const auto record = opened(path)->load();
  REQUIRE(record);
  CHECK(record->keys ==
        std::vector<FleetKey>{{key_of("ada"), "cid", false}, {key_of("bob"), "bob", true}});
  REQUIRE(record->tokens.size() == 3);
  CHECK(record->tokens[0].used_by == key_of("ada"));
  CHECK(record->tokens[1].name == "bob");
  CHECK(record->tokens[2] == token('d', 4));
}

TEST_CASE("a fleet file is its owner's alone, and holds no secret", "[coordinator][enrolment]") {
  const TemporaryFolder folder;
  const std::string path = folder / "signet.fleet";
  REQUIRE(opened(path)->save(TokenMade{token('S', 1)}));
  struct stat about = {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0600U);
  CHECK(to_text(*read_file(path)).find(to_text(secret_of('S'))) == std::string::npos);
}

TEST_CASE("a fleet file is one coordinator's at a time", "[coordinator][enrolment]") {
  const TemporaryFolder folder;
  const std::string path = folder / "signet.fleet";
  const auto first = opened(path);
  const auto second = FleetStore::open(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::Unavailable);
  CHECK(second.error().message.find(path) != std::string::npos);
}

TEST_CASE("what is no fleet file is refused and left as it is", "[coordinator][enrolment]") {
  const TemporaryFolder folder;
  const std::string state = folder / "run.signet";
  { REQUIRE(Store::open(state, Durability::Round)); }
  const auto other = FleetStore::open(state);
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == ErrorKind::Mismatch);
  CHECK(other.error().message.find("no fleet file of Signet") != std::string::npos);
  const std::string text = folder / "notes";
  REQUIRE(write_file_atomically(text, view_bytes(std::string(5000, 'x'))));
  CHECK_FALSE(FleetStore::open(text));
  CHECK(to_text(*read_file(text)) == std::string(5000, 'x'));
  const auto nowhere = FleetStore::open(folder / "no/such/folder");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().kind == ErrorKind::Missing);
}

TEST_CASE("no two keys of a fleet file have one name", "[coordinator][enrolment]") {
  const TemporaryFolder folder;
  const auto store = opened(folder / "signet.fleet");
  REQUIRE(store->save(TokenMade{token('a', 1)}));
  REQUIRE(store->save(TokenMade{token('b', 2)}));
  REQUIRE(store->save(BoardEnrolled{key_of("ada"), "ada", hash_secret(secret_of('a'))}));
  CHECK_FALSE(store->save(BoardEnrolled{key_of("bob"), "ada", hash_secret(secret_of('b'))}));
  // Nor is the token used up then.
  CHECK(store->load()->tokens[1].used_by.empty());
}

}  // namespace fleet_store_test
}  // namespace signet
