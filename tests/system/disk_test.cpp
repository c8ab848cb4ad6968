#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_disk_test {

using namespace test;

TEST_CASE("a coordinator whose disk is full ends with 5, and goes on once there is room",
          "[system]") {
  const auto knobs = endless_job();
  Scene scene(knobs);
  const SmallDisk disk("size=1m");
  if (!disk.available()) SKIP("mounting a small disk needs a privilege");
  scene.set_state(disk / "run.signet");
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  const auto round = await_rounds(scene, coordinator, 0, 20);

  // Something else takes all the room that is left, to the last byte.
  const std::string hog = disk / "hog";
  const int fd = ::open(hog.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  const std::string block(1000, 'x');
  for (std::size_t size = block.size(); size > 0;)
    if (::write(fd, block.data(), size) <= 0) size /= 2;
  ::close(fd);
  require_exit(scene, coordinator, 5);
  INFO(scene.story());
  CHECK(words_missing(coordinator.err(),
                      {"cannot save the run", scene.state(), "full", "make room"}) == "");

  REQUIRE(::unlink(hog.c_str()) == 0);
  coordinator = scene.start_coordinator();
  await_rounds(scene, coordinator, round, 50);
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(coordinator.says("going on with run"));
  check_as_undisturbed(knobs, ending.stopped);
}

}  // namespace system_disk_test
}  // namespace signet
