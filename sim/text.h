#ifndef SIM_TEXT_H
#define SIM_TEXT_H
/*
 * A growing string, for reports and messages. Starts as {0}, owns its bytes, always ends with a
 * zero once written to.
 */
#include <stdarg.h>
#include <stddef.h>

#include "sim/compiler.h"

struct sim_text {
    char *bytes; /* NULL until something is written */
    size_t length;
    size_t capacity;
};

void sim_text_finish(struct sim_text *text);
void sim_text_clear(struct sim_text *text);
void sim_text_add(struct sim_text *text, const char *format, ...) SIM_PRINTF(2, 3);
void sim_text_addv(struct sim_text *text, const char *format, va_list args) SIM_PRINTF(2, 0);
void sim_text_add_bytes(struct sim_text *text, const char *bytes, size_t length);

/* The text so far; "" when nothing was written. Valid until the next call on it. */
const char *sim_text_get(const struct sim_text *text);

/*
 * Spelling help: the index of the candidate with the smallest edit distance to `word`
 * (Damerau-Levenshtein, letters compared without case), or -1 when none is near enough to be meant
 * (distance above a third of the word, and above 2 or half of it).
 */
int sim_text_nearest(const char *word, const char *const *candidates, size_t count);

#endif
