#ifndef SCENARIOS_FILE_H
#define SCENARIOS_FILE_H
/*
 * Files of a scenario. Only regular files are read, so that a pipe or a device that was named by
 * mistake hangs nothing.
 */
#include <stddef.h>

#include "sim/arena.h"
#include "sim/error.h"

/* Bytes of a file that is read at most. */
#define SCN_MAX_FILE (16u << 20)

/*
 * The bytes of a file, with a zero behind them, in the arena. `limit` is the most that is read.
 * NULL with SIM_ERR_SYSTEM when it cannot be read, with SIM_ERR_LIMIT when it is larger.
 */
char *scn_file_read(struct sim_arena *arena, const char *path, size_t limit, size_t *length,
                    struct sim_err *err);

/*
 * The text of a file named in a scenario: relative to `directory`, or absolute. NULL when it cannot
 * be read, holds a zero byte, or when `directory` is NULL.
 */
char *scn_file_read_beside(struct sim_arena *arena, const char *directory, const char *name,
                           struct sim_err *err);

#endif
