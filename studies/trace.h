#ifndef STUDIES_TRACE_H
#define STUDIES_TRACE_H
/*
 * Recorded behaviour, as text: what a trace file is made of.
 *
 * A trace is a list of operations. Each has its arguments, one line of result, the events that
 * happened inside it, in order, and every line of state whose value changed. A line of state has a
 * key, its first words; lines are written only when they differ from the last one with their key.
 *
 * The reader believes nothing: whatever the bytes are, it either delivers well-formed lines or
 * fails with the file and the line. Its memory is bounded by the limits below.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/compiler.h"
#include "sim/error.h"
#include "sim/text.h"

#define STUDY_TRACE_LINE_MAX ((size_t)1 << 20) /* bytes of a line */
#define STUDY_TRACE_BLOCK_MAX                                                                      \
    ((size_t)1 << 24) /* bytes of the events or of the state of a step                             \
                       */

struct study_trace {
    FILE *file;
    const char *path; /* borrowed */
    char *bytes;      /* the present line, without its end */
    size_t length;
    uint32_t line;  /* number of the present line, from 1 */
    bool is_pushed; /* the present line is delivered once more */
    bool is_at_end; /* there was no further line */
};

/* Open a trace; the caller closes it. False with SIM_ERR_SYSTEM when it cannot be opened. */
bool study_trace_open(struct study_trace *trace, const char *path, struct sim_err *err);
void study_trace_close(struct study_trace *trace);

/*
 * Read the next line into trace->bytes, or set is_at_end. False with SIM_ERR_INPUT when it is too
 * long, has no end or a byte that is no printable character of ASCII, so that what is repeated of
 * it in a message is text; and with SIM_ERR_SYSTEM when reading fails.
 */
bool study_trace_next(struct study_trace *trace, struct sim_err *err);

/* Deliver the present line once more. */
void study_trace_push_back(struct study_trace *trace);

/* Fail with SIM_ERR_INPUT at the given line (0: the present one). Always returns false. */
bool study_trace_fail(const struct study_trace *trace, uint32_t line, struct sim_err *err,
                      const char *format, ...) SIM_PRINTF(4, 5);

/* The next word of *at, which moves behind it; its length is 0 at the end of the text or where two
 * blanks follow each other. */
size_t study_trace_word(const char **at, const char **word);

/* A whole decimal number, as a trace writes it (no leading zeros, no plus sign). */
bool study_trace_integer(const char *word, size_t length, int64_t *value);

/*
 * The words of an operation or of a line of parameters, read by a format: 'i' a number of 32 bits,
 * 'l' one of 64 bits, 'w' a word, 'n' a number of further numbers of 32 bits that follow (the
 * last).
 */
struct study_trace_call {
    const char *name; /* with a terminating zero, as all words */
    const char *word; /* of the last 'w' */
    int64_t *values;  /* of 'i', 'l' and 'n', in order, then the further numbers */
    size_t count;
    size_t capacity;
    char *bytes; /* owns the words */
    uint32_t line;
};

/* Split `text`, which is the end of the present line, at its first word; study_trace_read_values()
 * reads the rest. */
bool study_trace_read_name(const struct study_trace *trace, const char *text,
                           struct study_trace_call *call, struct sim_err *err);
bool study_trace_read_values(const struct study_trace *trace, const char *format,
                             struct study_trace_call *call, struct sim_err *err);
void study_trace_call_finish(struct study_trace_call *call);

/* The last value of every line of state. Starts as {0}. */
struct study_state {
    struct study_state_entry **buckets;
    size_t bucket_count;
    size_t entry_count;
    uint64_t pass;
    struct sim_text changes; /* lines of this pass that differ from the last, each with its end */
    struct sim_text line;    /* scratch */
};

/*
 * Write down a whole state: begin, one line after another, end. The first `key_words` words of a
 * line are its key. Lines of an earlier pass that do not come again are forgotten.
 */
void study_state_begin(struct study_state *state);
void study_state_line(struct study_state *state, unsigned key_words, const char *format, ...)
    SIM_PRINTF(3, 4);

/* As study_state_line(), for a value that a trace takes for granted: it is no change. */
void study_state_known(struct study_state *state, unsigned key_words, const char *format, ...)
    SIM_PRINTF(3, 4);
void study_state_end(struct study_state *state);
void study_state_finish(struct study_state *state);

#endif
