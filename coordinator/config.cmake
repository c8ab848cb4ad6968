# The coordinator's configuration file and command line. CLI11 stays in options.cpp.
add_library(signet_coordinator_config STATIC
  ${CMAKE_CURRENT_LIST_DIR}/announcement.cpp ${CMAKE_CURRENT_LIST_DIR}/config.cpp
  ${CMAKE_CURRENT_LIST_DIR}/options.cpp)
add_library(signet::coordinator_config ALIAS signet_coordinator_config)
target_link_libraries(signet_coordinator_config
  PUBLIC signet::config signet::job
  PRIVATE signet::warnings CLI11::CLI11)
target_compile_definitions(signet_coordinator_config PRIVATE SIGNET_VERSION="${PROJECT_VERSION}")
