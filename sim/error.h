#ifndef SIM_ERROR_H
#define SIM_ERROR_H
/*
 * The error value: what a function says about a mistake in the input or a failing environment.
 *
 * Functions that can fail return bool or a pointer, and take a `struct sim_err *` as last
 * parameter. They write it only on failure, and their results only on success. A bug in the program
 * is not an error value but an assertion (sim/assert.h); something about the model that the user
 * wants to know (a deadlock, too few buffers) is a result.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/compiler.h"

enum sim_err_code {
    SIM_ERR_NONE = 0,
    SIM_ERR_USAGE,  /* the command line is wrong (exit status 2) */
    SIM_ERR_INPUT,  /* a file says something that it must not (exit status 3) */
    SIM_ERR_ANSWER, /* the question was answered with no (exit status 4) */
    SIM_ERR_SYSTEM, /* the environment failed: a file, a disk, a program (exit status 1) */
    SIM_ERR_LIMIT,  /* more was asked for than a limit allows (exit status 3) */
};

struct sim_err {
    enum sim_err_code code;
    char file[256]; /* empty when the mistake has no place */
    uint32_t line;  /* from 1; 0 when unknown */
    uint32_t column;
    char text[1024]; /* what was found, what was expected, what to do; one line without a newline */
};

/* Fill *err with a code and a formatted text, without a place. err may be NULL. Always returns
 * false. */
bool sim_err_set(struct sim_err *err, enum sim_err_code code, const char *format, ...)
    SIM_PRINTF(3, 4);

/* As sim_err_set(), with the place of the mistake. file may be NULL. Always returns false. */
bool sim_err_set_at(struct sim_err *err, enum sim_err_code code, const char *file, uint32_t line,
                    uint32_t column, const char *format, ...) SIM_PRINTF(6, 7);

/* As sim_err_set() with SIM_ERR_SYSTEM, adding ": " and the text of the C library's errno value.
 * Always returns false. */
bool sim_err_set_errno(struct sim_err *err, int error_number, const char *format, ...)
    SIM_PRINTF(3, 4);

#endif
