#ifndef SIM_CSV_H
#define SIM_CSV_H
/*
 * Comma-separated files, read row by row.
 *
 * A row is a line; a field may stand in double quotes, inside which a comma is text and "" is one
 * quote. Every row has as many fields as the header. A mistake is told with file, line and column,
 * for the file may come from another program or a full disk.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/error.h"

enum {
    SIM_CSV_MAX_FIELDS = 16,
    SIM_CSV_MAX_LINE = 4096, /* bytes of a line, the newline included */
};

struct sim_csv {
    FILE *file;
    char path[1024];
    uint32_t line; /* of the present row, from 1 */
    size_t field_count;
    char *fields[SIM_CSV_MAX_FIELDS]; /* of the present row; valid until the next one */
    char text[SIM_CSV_MAX_LINE + 1];
};

enum sim_csv_next {
    SIM_CSV_ROW,
    SIM_CSV_END,
    SIM_CSV_ERROR,
};

/*
 * Begin with `file`, which is open for reading and called `path` in messages; its first line must
 * be `header` (names with commas between them). False when it begins otherwise. The file belongs to
 * the reader from here on: it is closed by a failure, and after success by sim_csv_close(), which
 * the caller must call.
 */
bool sim_csv_begin(struct sim_csv *csv, FILE *file, const char *path, const char *header,
                   struct sim_err *err);
void sim_csv_close(struct sim_csv *csv);

/* Go to the next row. Writes *err with SIM_CSV_ERROR only. */
enum sim_csv_next sim_csv_next(struct sim_csv *csv, struct sim_err *err);

/* The number in a field of the present row; it must lie in [low, high]. */
bool sim_csv_number(const struct sim_csv *csv, size_t field, double low, double high, double *value,
                    struct sim_err *err);

/* As sim_csv_number() for whole numbers from 0 to `high`. */
bool sim_csv_index(const struct sim_csv *csv, size_t field, uint32_t high, uint32_t *value,
                   struct sim_err *err);

#endif
