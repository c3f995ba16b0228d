// Asks callgrind, if it runs the program, to count afresh and to write down what it counted.
#ifndef C_CALLGRIND_H
#define C_CALLGRIND_H

#include <stdbool.h>

// Whether the program runs under valgrind.
bool callgrind_is_counting(void);
void callgrind_begin(void);
// Writes the counts since callgrind_begin() to callgrind's next output file, under that name.
void callgrind_end(const char *name);

#endif
