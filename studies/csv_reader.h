#ifndef STUDIES_CSV_READER_H
#define STUDIES_CSV_READER_H
/*
 * The comma-separated files of a result folder or of a recording, read row by row.
 *
 * A row is a line; a field may stand in double quotes, inside which a comma is text and "" is one
 * quote. Every row has as many fields as the header. A mistake is told with file and line, for
 * the file may come from another program or a full disk.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/error.h"

enum {
    STUDY_CSV_MAX_FIELDS = 16,
    STUDY_CSV_MAX_LINE = 4096, /* bytes of a line, the newline included */
};

struct study_csv {
    FILE *file;
    char path[1024];
    uint32_t line; /* of the present row, from 1 */
    size_t field_count;
    char *fields[STUDY_CSV_MAX_FIELDS]; /* of the present row; valid until the next one */
    char text[STUDY_CSV_MAX_LINE + 1];
};

enum study_csv_next {
    STUDY_CSV_ROW,
    STUDY_CSV_END,
    STUDY_CSV_ERROR,
};

/*
 * Open `path`, whose first line must be `header` (names with commas between them). False when it
 * cannot be opened or begins otherwise. After success the caller must call study_csv_close().
 */
bool study_csv_open(struct study_csv *csv, const char *path, const char *header,
                    struct sim_err *err);
void study_csv_close(struct study_csv *csv);

/* Go to the next row. Writes *err with STUDY_CSV_ERROR only. */
enum study_csv_next study_csv_next(struct study_csv *csv, struct sim_err *err);

/* The number in a field of the present row; it must lie in [low, high]. */
bool study_csv_number(const struct study_csv *csv, size_t field, double low, double high,
                      double *value, struct sim_err *err);

/* As study_csv_number() for whole numbers from 0 to `high`. */
bool study_csv_index(const struct study_csv *csv, size_t field, uint32_t high, uint32_t *value,
                     struct sim_err *err);

#endif
