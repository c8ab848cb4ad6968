# Debian packages: signet-agent, signet-coordinator and signet. `./dev cross ARCH`
# makes them; here is what goes into each. Dependencies come from what the programs are linked against.
include(GNUInstallDirs)

set(SIGNET_MAINTAINER "Signet developers <signet@example.org>" CACHE STRING
    "Who answers for packages that are made here; a name and an address")
string(TIMESTAMP SIGNET_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)  # heeds SOURCE_DATE_EPOCH
set(signet_packages_dir ${PROJECT_BINARY_DIR}/packages)
find_program(GZIP gzip REQUIRED)
add_custom_target(signet_packages)  # all that a package holds
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

# A file in the form that Debian wants: compressed, without a name or a time inside.
function(signet_install_gz source name destination component)
  set(made ${signet_packages_dir}/${component}/${name}.gz)
  add_custom_command(OUTPUT ${made} COMMAND ${GZIP} -9nc ${source} > ${made} DEPENDS ${source} VERBATIM)
  add_custom_target(signet_gz_${component}_${name} ALL DEPENDS ${made})
  add_dependencies(signet_packages signet_gz_${component}_${name})
  install(FILES ${made} DESTINATION ${destination} COMPONENT ${component})
endfunction()

# What every package has: its program, manual page, copyright and changelog.
function(signet_package component package folder)
  file(MAKE_DIRECTORY ${signet_packages_dir}/${component})
  add_dependencies(signet_packages ${package})
  install(TARGETS ${package} DESTINATION bin COMPONENT ${component})
  signet_install_gz(${PROJECT_SOURCE_DIR}/${folder}/deploy/${package}.1 ${package}.1 share/man/man1 ${component})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/packages/changelog.in ${signet_packages_dir}/changelog @ONLY)
  signet_install_gz(${signet_packages_dir}/changelog changelog share/doc/${package} ${component})
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/packages/copyright DESTINATION share/doc/${package}
          COMPONENT ${component})
endfunction()

# What a service has besides: unit, user, configuration file, and the scripts that dpkg runs.
function(signet_service_package component PACKAGE folder)
  signet_package(${component} ${PACKAGE} ${folder})
  set(deploy ${PROJECT_SOURCE_DIR}/${folder}/deploy)
  install(FILES ${deploy}/${PACKAGE}.service DESTINATION lib/systemd/system COMPONENT ${component})
  install(FILES ${deploy}/${PACKAGE}.sysusers DESTINATION lib/sysusers.d RENAME ${PACKAGE}.conf
          COMPONENT ${component})
  # For dpkg, which keeps what the user changed; `cmake --install` would write over it.
  install(FILES ${deploy}/${component}.toml DESTINATION /etc/signet COMPONENT ${component} EXCLUDE_FROM_ALL)
  set(control ${signet_packages_dir}/${component})
  foreach(script preinst postinst prerm postrm)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/packages/${script}.in ${control}/${script} @ONLY
                   FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                    WORLD_READ WORLD_EXECUTE)
  endforeach()
  file(WRITE ${control}/conffiles "/etc/signet/${component}.toml\n")
  string(TOUPPER ${component} COMPONENT)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_CONTROL_EXTRA
      "${control}/preinst;${control}/postinst;${control}/prerm;${control}/postrm;${control}/conffiles"
      PARENT_SCOPE)
endfunction()

signet_service_package(agent signet-agent agent)
signet_service_package(coordinator signet-coordinator coordinator)
signet_package(cli signet cli)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/jobs DESTINATION share/signet-coordinator COMPONENT coordinator
        FILES_MATCHING PATTERN "*.toml")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME signet)
set(CPACK_PACKAGE_CONTACT "${SIGNET_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages/deb)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL agent coordinator cli)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
if(SIGNET_ARCH)
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${SIGNET_ARCH})
endif()

set(signet_about "Signet trains one model on many small computers. Agents send the signs of their\ngradients, one bit per parameter, and a coordinator takes the majority.")
set(CPACK_DEBIAN_AGENT_PACKAGE_NAME signet-agent)
set(CPACK_DEBIAN_AGENT_DESCRIPTION "federated training by sign votes: the learner on a board\n${signet_about}\n.\nThis is the service for each board: it trains on data that never leave it.")
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_NAME signet-coordinator)
set(CPACK_DEBIAN_COORDINATOR_DESCRIPTION "federated training by sign votes: the coordinator\n${signet_about}\n.\nThis is the service that counts the votes, one for each fleet.")
set(CPACK_DEBIAN_CLI_PACKAGE_NAME signet)
set(CPACK_DEBIAN_CLI_DESCRIPTION "federated training by sign votes: the operator's command\n${signet_about}\n.\nThis is the command line: it asks a running coordinator, and simulates fleets.")
set(signet_sysusers "systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_AGENT_PACKAGE_DEPENDS "${signet_sysusers}")
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_DEPENDS "${signet_sysusers}")
set(CPACK_DEBIAN_AGENT_PACKAGE_SUGGESTS "libnss-mdns, avahi-daemon, avahi-utils")
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_SUGGESTS "signet, avahi-daemon")
include(CPack)
