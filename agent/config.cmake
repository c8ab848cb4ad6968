# When the training steps back behind the board's own business.
add_library(signet_guest STATIC
  ${CMAKE_CURRENT_LIST_DIR}/guest/guest.cpp ${CMAKE_CURRENT_LIST_DIR}/guest/hours.cpp)
add_library(signet::guest ALIAS signet_guest)
target_link_libraries(signet_guest PUBLIC signet::base PRIVATE signet::warnings)

# An agent's configuration file and command line. CLI11 stays in options.cpp.
add_library(signet_agent_config STATIC
  ${CMAKE_CURRENT_LIST_DIR}/config.cpp ${CMAKE_CURRENT_LIST_DIR}/config_guest.cpp
  ${CMAKE_CURRENT_LIST_DIR}/options.cpp)
add_library(signet::agent_config ALIAS signet_agent_config)
target_link_libraries(signet_agent_config
  PUBLIC signet::config signet::guest
  PRIVATE signet::identity signet::warnings CLI11::CLI11)
target_compile_definitions(signet_agent_config PRIVATE SIGNET_VERSION="${PROJECT_VERSION}")
