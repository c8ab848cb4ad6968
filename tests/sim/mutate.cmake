# cmake -DNAME=... -DSOURCE=... -DFOLDER=... -P mutate.cmake: FOLDER/mutant.cpp is SOURCE with the text of
# FOLDER/old, which must be there once, replaced by that of FOLDER/new.
file(READ ${SOURCE} text)
file(READ ${FOLDER}/old old)
file(READ ${FOLDER}/new new)
string(FIND "${text}" "${old}" first)
string(FIND "${text}" "${old}" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
  message(FATAL_ERROR "tests/sim/mutants.cmake: ${NAME}: its text is not in ${SOURCE}, or not once; "
                      "change the mutant with the code")
endif()
string(REPLACE "${old}" "${new}" text "${text}")
file(WRITE ${FOLDER}/mutant.cpp "${text}")
