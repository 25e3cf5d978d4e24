// The source files of the labs, inside the program: `yuyan lab show` has them wherever it is installed.
#ifndef LAB_SOURCES_H
#define LAB_SOURCES_H

// The text of a lab's file, UTF-8; NULL if there is no lab of that id.
const char *lab_source(const char *id);

#endif
