# One static library a folder of src/, with an include root that holds this folder and nothing else:
# build/<preset>/include/<folder>/<folder> is a link to src/<folder>. So `#include "gui/…"` from src/fhir does not
# resolve, while `#include "fhir/…"` from src/gui does. A folder within a folder may be a layer of its own: gui/ui is the
# target fhirscope_gui_ui, and sees nothing else of src/gui unless USES says so.

# fhirscope_layer(NAME [USES folder...] [LIBRARIES target...] [PRIVATE_LIBRARIES target...] [EXCEPT file...])
#   LIBRARIES          third-party targets that the folder's headers include
#   PRIVATE_LIBRARIES  those that only its .cpp files include
#   EXCEPT             files that are not part of the library
function(fhirscope_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;LIBRARIES;PRIVATE_LIBRARIES;EXCEPT")
  string(REPLACE / _ id ${name})
  set(target fhirscope_${id})
  set(root ${CMAKE_BINARY_DIR}/include/${id})
  cmake_path(GET name PARENT_PATH parent)
  file(MAKE_DIRECTORY ${root}/${parent})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${root}/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  foreach(file IN LISTS arg_EXCEPT)
    list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/${name}/${file})
  endforeach()

  list(TRANSFORM arg_USES REPLACE / _)
  list(TRANSFORM arg_USES PREPEND fhirscope_)
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${root})
  target_link_libraries(${target} PUBLIC ${arg_USES} ${arg_LIBRARIES}
                        PRIVATE ${arg_PRIVATE_LIBRARIES} fhirscope_warnings)
endfunction()
