# Writes OUT, which defines engine::build(), when it differs from what is there.
# cmake -DOUT=FILE -DROOT=FOLDER -P EngineBuild.cmake
file(GLOB_RECURSE sources RELATIVE ${ROOT} ${ROOT}/src/fhir/*.[ch]pp ${ROOT}/src/engine/*.[ch]pp)
list(SORT sources)
set(all)
foreach(source IN LISTS sources)
  file(SHA256 ${ROOT}/${source} hash)
  string(APPEND all "${source} ${hash}\n")
endforeach()
string(SHA256 hash "${all}")
string(SUBSTRING ${hash} 0 16 FHIRSCOPE_ENGINE_BUILD)
configure_file(${ROOT}/src/engine/build.cpp.in ${OUT} @ONLY)
