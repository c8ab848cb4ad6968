# An agent's configuration file and command line. CLI11 stays in options.cpp.
add_library(signet_agent_config STATIC
  ${CMAKE_CURRENT_LIST_DIR}/config.cpp ${CMAKE_CURRENT_LIST_DIR}/options.cpp)
add_library(signet::agent_config ALIAS signet_agent_config)
target_link_libraries(signet_agent_config
  PUBLIC signet::config
  PRIVATE signet::identity signet::warnings CLI11::CLI11)
target_compile_definitions(signet_agent_config PRIVATE SIGNET_VERSION="${PROJECT_VERSION}")
