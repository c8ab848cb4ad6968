# The one state file of a run, and rounds on their way into it. A simulated fleet links the second alone, and no SQLite.
add_library(signet_store STATIC
  store/fleet_store.cpp store/round_journal.cpp store/sqlite_handle.cpp store/sqlite_round_rows.cpp
  store/sqlite_schema.cpp store/set_aside.cpp store/sqlite_store.cpp)
add_library(signet::store ALIAS signet_store)
target_link_libraries(signet_store
  PUBLIC signet::base signet::identity
  PRIVATE signet::platform signet::warnings PkgConfig::SQLITE)

add_library(signet_memory_store STATIC store/memory_store.cpp)
add_library(signet::memory_store ALIAS signet_memory_store)
target_link_libraries(signet_memory_store PUBLIC signet::base PRIVATE signet::warnings)
