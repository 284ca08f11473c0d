#ifndef SCENARIOS_SCHEMA_H
#define SCENARIOS_SCHEMA_H
/*
 * The schema of a scenario: every key once, with type, unit, range, default and help.
 *
 * The checks of the reader, the defaults, the spelling suggestions and the documentation of the
 * keys (docs/scenario-keys.md) all come from this table. Keys belong to groups, one for each kind
 * of mapping. A key that is a plain value also says where in the specification it is stored, so
 * that the reader has no code of its own for it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/text.h"

enum scn_group {
    SCN_TOP, /* into struct net_spec, as SCN_CLUSTER to SCN_MACHINE */
    SCN_CLUSTER,
    SCN_LINK,
    SCN_FLINK,
    SCN_JOB,
    SCN_RUN,
    SCN_MACHINE,
    SCN_NIC,
    SCN_LINK_PAIR,  /* struct net_link_override */
    SCN_SLOW,       /* struct net_link_phase */
    SCN_PAUSE,      /* struct net_pause_spec */
    SCN_VERTEX,     /* struct net_vertex_spec */
    SCN_SOURCE,     /* struct net_source_spec */
    SCN_RATE_PHASE, /* struct net_rate_phase */
    SCN_TRACE,
    SCN_KEYS,          /* struct net_keys_spec */
    SCN_PROCESS,       /* struct net_vertex_spec */
    SCN_INPUT,         /* struct net_service_spec */
    SCN_SERVICE,       /* struct net_service_spec */
    SCN_FACTOR_PHASE,  /* struct net_factor_phase */
    SCN_FACTOR_CHANGE, /* struct net_factor_change */
    SCN_EMIT,          /* struct net_emit_spec */
    SCN_DISTRIBUTION,  /* struct sim_dist */
    SCN_MEAN_CV,
    SCN_SCALE_SHAPE,
    SCN_MIN_TAIL,
    SCN_EMPIRICAL,
    SCN_DISCRETE,
    SCN_UNTIL,     /* struct net_spec */
    SCN_THRESHOLD, /* struct net_threshold_spec */
    SCN_EDGE,      /* struct net_edge_spec */
    SCN_PARTITION,
    SCN_GROUPS, /* how many there are */
};

enum scn_type {
    SCN_INT,
    SCN_COUNT, /* a whole number, also with k or M: 20k */
    SCN_NUMBER,
    SCN_BOOL,
    SCN_STRING,
    SCN_CHOICE,         /* one of the words of `choices`, stored as its index */
    SCN_DURATION,       /* 250ms, 1.5s */
    SCN_SIZE,           /* 120B, 4kB, 1KiB */
    SCN_QUANTITY,       /* a duration in a service, a size in a record size */
    SCN_RATE,           /* 350/s, 10k/s */
    SCN_BANDWIDTH,      /* 10Gbit/s, 3GB/s */
    SCN_FLINK_SIZE,     /* 32kb, 64m: Flink's spelling, by 1024 */
    SCN_FLINK_DURATION, /* 100ms, 30 s: Flink's spelling */
    SCN_ANYTHING,       /* accepted, not looked at */
    SCN_MAP,            /* of the group `child` */
    SCN_LIST,           /* of mappings of the group `child` */
    SCN_NUMBERS,        /* a list of numbers */
    SCN_QUANTITIES,     /* a list of durations or sizes */
    SCN_RECORD_SIZES,   /* a size, or a mapping of the group `child` */
    SCN_PARTITIONER,    /* one of `choices`, or a mapping of the group `child` */
};

/* How a plain value is stored. */
enum scn_store {
    SCN_STORE_NOWHERE, /* the reader has code for it */
    SCN_STORE_I64,     /* int64_t, sim_time */
    SCN_STORE_U64,
    SCN_STORE_U32, /* and enums */
    SCN_STORE_DOUBLE,
    SCN_STORE_FLOAT,
    SCN_STORE_BOOL,
    SCN_STORE_STRING,
};

/* The largest 32-bit number below 1: the upper bound of a fraction (MEM-7). */
#define SCN_BELOW_ONE 0.99999994

/* What a version of Flink does with one of its keys. */
enum scn_support {
    SCN_READ,      /* an option that shapes buffers */
    SCN_CONSTANT,  /* no option any more, but a constant: simulated as written, with a warning */
    SCN_UNKNOWN,   /* not an option of this version: simulated as written, with a warning */
    SCN_NO_EFFECT, /* accepted, but nothing in the simulation depends on it */
};

struct scn_key {
    enum scn_group group;
    const char *name;
    enum scn_type type;
    enum scn_store store;
    size_t offset; /* in the struct of the group */
    double low;    /* range, in the base unit of the type */
    double high;
    const char *limit; /* what `high` is a limit of, for the message; NULL: just a range */
    bool is_required;
    const char *fallback; /* the default as one would write it; NULL: none */
    const char *choices;  /* "a|b|c" */
    enum scn_group child;
    const char *help;
    /* Of SCN_FLINK only. */
    enum scn_support support[2]; /* by enum net_version */
    const char *fallback_2_2;    /* where 2.2 has another default or constant */
    const char *alias;           /* an older name that Flink still takes, or NULL */
};

/* How many keys the table has, and each of them. */
size_t scn_schema_count(void);
const struct scn_key *scn_schema_key(size_t index);

/* The key of that name in a group, or NULL. Under SCN_FLINK aliases and `prefix.*` match too. */
const struct scn_key *scn_schema_find(enum scn_group group, const char *name);

/* The key of the group whose name is nearest to `name`, or NULL when none is near. */
const char *scn_schema_nearest(enum scn_group group, const char *name);

/* Whether this is a key of Flink's configuration, or the beginning of one up to a dot: what
 * somebody who pastes a configuration writes. */
bool scn_schema_is_of_flink(const char *name);

/* Append "the keys here are: a, b, c". */
void scn_schema_list_names(enum scn_group group, struct sim_text *text);

/* The default of a key in a version of Flink, or NULL. */
const char *scn_schema_fallback(const struct scn_key *key, enum net_version version);

/* The index of a word in "a|b|c", or -1. */
int scn_choice_find(const char *choices, const char *word);

/* The word at an index of "a|b|c" into `buffer`; false past the end. */
bool scn_choice_get(const char *choices, uint32_t index, char *buffer, size_t size);

/* Append "'a', 'b' or 'c'". */
void scn_choices_list(const char *choices, struct sim_text *text);

/* What a value of that type looks like: "a duration such as 250ms". */
const char *scn_type_describe(enum scn_type type);

/* The documentation of all keys in Markdown. */
void scn_schema_write_docs(struct sim_text *text);

#endif
