#ifndef STUDIES_CSV_H
#define STUDIES_CSV_H
/*
 * Comma-separated files as the recordings of real jobs have them: the same columns, and numbers in
 * the same form, so that a result and a recording can be laid over each other.
 */
#include <stddef.h>
#include <stdio.h>

#include "sim/time.h"

/* Room for any number below. */
#define STUDY_NUMBER_SIZE 32

/*
 * Write `value` as a recording has it: whole numbers as such, others with four decimals, or with
 * one from 100 on. Returns the length. `buffer` holds STUDY_NUMBER_SIZE bytes.
 */
size_t study_number_format(char *buffer, double value);

/* Decimals that tell instants `interval` apart, at least `least`. */
int study_time_decimals(sim_time interval, int least);

/* Write a time in seconds with so many decimals, exactly. Returns the length. */
size_t study_time_format(char *buffer, sim_time time, int decimals);

/* Append a field to `buffer` of `size` bytes; in quotes when it holds a comma, a quote or a line
 * end. Returns the length that the whole would have, as snprintf(). */
size_t study_csv_quote(char *buffer, size_t size, const char *text);

#endif
