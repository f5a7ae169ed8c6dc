#pragma once
// The description of a struct that has a place in files: FHIRSCOPE_FIELDS(a, x, y) inside of its archive() is a(x, y), and
// tells the archive the fields' names, too (docs/session.proto). There it is one list, and the only change that it may see
// is another field at its end: see engine/message.hpp.

#define FHIRSCOPE_FIELDS(archive, ...) (archive).fields(#__VA_ARGS__, __VA_ARGS__)
