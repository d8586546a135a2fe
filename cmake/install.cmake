# What is installed: libraries, headers, pkg-config file, CMake package.
include(CMakePackageConfigHelpers)

# The way back from the .pc file to the prefix: the installed tree may be moved.
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${PROJECT_SOURCE_DIR}/pkgconfig/libhbr.pc.in ${PROJECT_BINARY_DIR}/libhbr.pc @ONLY)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/libhbr-config.cmake.in ${PROJECT_BINARY_DIR}/libhbr-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/libhbr)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/libhbr-config-version.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS hbr EXPORT libhbr LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS hbr_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT libhbr NAMESPACE libhbr:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/libhbr)
install(DIRECTORY include/hbr DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_BINARY_DIR}/libhbr.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_BINARY_DIR}/libhbr-config.cmake ${PROJECT_BINARY_DIR}/libhbr-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/libhbr)
install(FILES doc/man/hbr.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES doc/man/libhbr.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)

# hbr-site(5) is doc/site.md, where lowdown is at hand.
find_program(LOWDOWN lowdown)
if(LOWDOWN)
  set(site_page ${PROJECT_BINARY_DIR}/hbr-site.5)
  add_custom_command(OUTPUT ${site_page} DEPENDS doc/man/hbr-site.head.md doc/site.md
    COMMAND cat doc/man/hbr-site.head.md doc/site.md |
      ${LOWDOWN} -s -Tman --nroff-nolinks -mtitle=HBR-SITE -msection=5 -o ${site_page}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} COMMENT "Writing hbr-site(5)")
  add_custom_target(man ALL DEPENDS ${site_page})
  install(FILES ${site_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
endif()
install(FILES examples/hbr/completion/hbr.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME hbr)
install(FILES examples/hbr/completion/_hbr DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES examples/hbr/completion/hbr.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
