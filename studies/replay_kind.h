#ifndef STUDIES_REPLAY_KIND_H
#define STUDIES_REPLAY_KIND_H
/*
 * What the replay needs to know of one kind of trace: its lines of parameters, its operations and
 * how the state of its model is written down. A kind is a table; studies/replay.c does the rest.
 */
#include "models/config.h"
#include "studies/trace.h"

/* One operation on its way: what the model says to it. */
struct study_replay_step {
    const struct study_trace *trace; /* for study_trace_fail(), with call->line */
    const struct study_trace_call *call;
    enum net_version version; /* whose classes were recorded: the line `flink` */
    struct sim_text result;
    struct sim_text events; /* each with its line end */
};

/*
 * Names what stands in a trace and how its words are read (study_trace_read_values()). `run` writes
 * to the step's result and events. It fails only when the trace is malformed: whatever the model
 * refuses is a result.
 */
struct study_replay_operation {
    const char *name;
    const char *format;
    bool (*run)(void *model, struct study_replay_step *step, struct sim_err *err);
};

struct study_replay_kind {
    const char *name;                                /* first word of the file */
    const struct study_replay_operation *parameters; /* ends with a NULL name */
    const struct study_replay_operation *operations; /* likewise */
    void *(*create)(void);
    void (*destroy)(void *model);

    /* All parameters were read: make the model. False, with a text, when one is missing. */
    bool (*begin)(void *model, struct sim_err *err);

    /* Write down the whole state; NULL for kinds without any. */
    void (*write_state)(void *model, struct study_state *state);

    /* Check the invariants of normal use; NULL for kinds without any. Not called in traces of
     * profile "quirk". */
    bool (*audit)(void *model, struct sim_err *err);
};

extern const struct study_replay_kind study_replay_debloat;
extern const struct study_replay_kind study_replay_pool;
extern const struct study_replay_kind study_replay_subpart;
extern const struct study_replay_kind study_replay_credit;
extern const struct study_replay_kind study_replay_loop;

#endif
