#ifndef STUDIES_SIZE_PRINT_H
#define STUDIES_SIZE_PRINT_H
/*
 * The forms of a size report; study_size_print() chooses.
 */
#include <stdbool.h>
#include <stdio.h>

struct study_size;

/* For people: aligned text, or Markdown. */
void study_size_print_report(const struct study_size *size, bool is_markdown, FILE *out);

/* For programs: one quantity a line, or one object. */
void study_size_print_csv(const struct study_size *size, FILE *out);
void study_size_print_json(const struct study_size *size, FILE *out);

#endif
